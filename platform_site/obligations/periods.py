"""The periods that rounds are for: months, quarters, halves, years, and single days.

A period has one code, the same everywhere (pages, API, workbooks, ``Round.period``, ``Sheet.period``):

| a month | a quarter | a half year | a year | irregular |
|---|---|---|---|---|
| ``2026-09`` | ``2026-Q3`` | ``2026-H2`` | ``2026`` | ``2026-09-14``, the day that names the round |

A notice that asks once has no period: its code is empty. Nothing here knows a calendar of working days.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

#: Years that a period can lie in: those the platform reckons with.
FIRST_YEAR, LAST_YEAR = 1950, 2150


class Frequency(models.TextChoices):
    """How often a notice asks."""

    ONCE = "once", pgettext_lazy("frequency", "once")
    MONTHLY = "monthly", pgettext_lazy("frequency", "monthly")
    QUARTERLY = "quarterly", pgettext_lazy("frequency", "quarterly")
    HALF_YEARLY = "half_yearly", pgettext_lazy("frequency", "half-yearly")
    YEARLY = "yearly", pgettext_lazy("frequency", "yearly")
    IRREGULAR = "irregular", pgettext_lazy("frequency", "irregular")


#: Months in one period.
_MONTHS = {
    Frequency.MONTHLY: 1,
    Frequency.QUARTERLY: 3,
    Frequency.HALF_YEARLY: 6,
    Frequency.YEARLY: 12,
}
#: The frequencies whose periods follow each other without a gap: the ones that open by themselves.
REGULAR = tuple(_MONTHS)

_CODE = re.compile(
    r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|H(?P<half>[12])"
    r"|(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12]\d|3[01]))?))?",
    re.ASCII,
)
_QUARTERS = (
    gettext_lazy("first quarter of %(year)s"),
    gettext_lazy("second quarter of %(year)s"),
    gettext_lazy("third quarter of %(year)s"),
    gettext_lazy("fourth quarter of %(year)s"),
)
_HALVES = (
    gettext_lazy("first half of %(year)s"),
    gettext_lazy("second half of %(year)s"),
)


@dataclass(frozen=True)
class Period:
    """One period: its kind and its first day. An irregular one is that single day."""

    frequency: Frequency
    start: dt.date

    @property
    def code(self) -> str:
        year, month = self.start.year, self.start.month
        if self.frequency == Frequency.MONTHLY:
            return f"{year:04}-{month:02}"
        if self.frequency == Frequency.QUARTERLY:
            return f"{year:04}-Q{(month + 2) // 3}"
        if self.frequency == Frequency.HALF_YEARLY:
            return f"{year:04}-H{(month + 5) // 6}"
        if self.frequency == Frequency.YEARLY:
            return f"{year:04}"
        return self.start.isoformat()

    @property
    def end(self) -> dt.date:
        """Its last day."""
        months = _MONTHS.get(self.frequency)
        if months is None:
            return self.start
        last = self.start.month + months - 1
        return dt.date(self.start.year, last, calendar.monthrange(self.start.year, last)[1])

    @property
    def label(self) -> str:
        """As people write it, in the language of the reader: 2026年第三季度, third quarter of 2026."""
        year, month = self.start.year, self.start.month
        if self.frequency == Frequency.MONTHLY:
            return formats.date_format(self.start, "YEAR_MONTH_FORMAT")
        if self.frequency == Frequency.QUARTERLY:
            return str(_QUARTERS[(month - 1) // 3]) % {"year": year}
        if self.frequency == Frequency.HALF_YEARLY:
            return str(_HALVES[(month - 1) // 6]) % {"year": year}
        if self.frequency == Frequency.YEARLY:
            return _("year %(year)s") % {"year": year}
        return formats.date_format(self.start, "DATE_FORMAT")

    def __str__(self) -> str:
        return self.label

    def next(self) -> Period:
        """The one after it. Raises ValueError for an irregular one, and beyond LAST_YEAR."""
        return self._moved(1)

    def previous(self) -> Period:
        """The one before it. Raises ValueError for an irregular one, and before FIRST_YEAR."""
        return self._moved(-1)

    def _moved(self, count: int) -> Period:
        if self.frequency not in _MONTHS:
            raise ValueError("an irregular period has no neighbours")
        at = self.start.year * 12 + self.start.month - 1 + count * _MONTHS[self.frequency]
        if not FIRST_YEAR * 12 <= at < (LAST_YEAR + 1) * 12:
            raise ValueError("no period that the platform reckons with")
        return Period(self.frequency, dt.date(at // 12, at % 12 + 1, 1))


def parse(code: str) -> Period:
    """The period with this code, exactly as :attr:`Period.code` writes it; else ValueError."""
    found = _CODE.fullmatch(code)
    if found is None or not FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
        raise ValueError(f"not the code of a period: {code!r}")
    year = int(found["year"])
    if found["day"]:
        day = dt.date(year, int(found["month"]), int(found["day"]))
        return Period(Frequency.IRREGULAR, day)
    if found["month"]:
        return Period(Frequency.MONTHLY, dt.date(year, int(found["month"]), 1))
    if found["quarter"]:
        return Period(Frequency.QUARTERLY, dt.date(year, int(found["quarter"]) * 3 - 2, 1))
    if found["half"]:
        return Period(Frequency.HALF_YEARLY, dt.date(year, int(found["half"]) * 6 - 5, 1))
    return Period(Frequency.YEARLY, dt.date(year, 1, 1))


def period_of(frequency: str, day: dt.date) -> Period:
    """The period of this frequency in which the day lies; the day itself where it is irregular."""
    kind = Frequency(frequency)
    if kind == Frequency.ONCE:
        raise ValueError("what is asked once has no period")
    months = _MONTHS.get(kind)
    if months is None:
        return Period(kind, day)
    return Period(kind, dt.date(day.year, (day.month - 1) // months * months + 1, 1))


def label_of(code: str) -> str:
    """The wording of a code; empty for what is asked once, and the code itself where it is none of ours."""
    if not code:
        return ""
    try:
        return parse(code).label
    except ValueError:
        return code


def titled(title: str, period: str) -> str:
    """A title with the period it is for, as lists and to-do lists show one round of a request."""
    return f"{title} · {label_of(period)}" if period else title


def start_of(code: str) -> dt.date | None:
    """The first day of the period with this code; None for what is asked once."""
    return parse(code).start if code else None


def from_to(first: Period, last: Period | None) -> Iterator[Period]:
    """``first`` and those after it up to ``last``; without a last one, as far as the platform reckons."""
    each = first
    while last is None or each.start <= last.start:
        yield each
        try:
            each = each.next()
        except ValueError:
            return
