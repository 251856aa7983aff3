"""Working days: the arithmetic, and nothing but the arithmetic.

A working day is a Monday to Friday, except where the State Council's yearly plan says otherwise
(days off, and weekend days worked to make up). The plan is data (``CalendarDay``); a year without a
published plan falls back to Monday to Friday, and every date reckoned there is *provisional*.

The day that starts a period is day 0 and the last day is included (Civil Code, Arts 201–203).
"""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ONE_DAY = dt.timedelta(days=1)
#: Dates the platform reckons with; anything else is refused by the date fields.
EARLIEST, LATEST = dt.date(1950, 1, 1), dt.date(2150, 12, 31)


class Unit(StrEnum):
    WORKING = "working"
    CALENDAR = "calendar"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class NamedDay:
    """A day that differs from the Monday-to-Friday rule, or a holiday on a weekend."""

    date: dt.date
    is_workday: bool
    name: str
    source: str = ""


@dataclass(frozen=True)
class Deadline:
    """A date and how it came about. ``provisional``: it lies in a year with no published plan."""

    due_on: dt.date
    start_on: dt.date
    amount: int
    unit: Unit
    provisional: bool = False
    passed_over: tuple[NamedDay, ...] = ()


@dataclass(frozen=True)
class WorkCalendar:
    """The named days that are known, and the years whose plan is published."""

    days: Mapping[dt.date, NamedDay] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_workday(self, day: dt.date) -> bool:
        named = self.days.get(day)
        return named.is_workday if named else day.weekday() < 5

    def is_published(self, day: dt.date) -> bool:
        return day.year in self.years

    def working_days_between(self, start: dt.date, end: dt.date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when ``end`` is past."""
        if end < start:
            return -self.working_days_between(end, start)
        whole_weeks, rest = divmod((end - start).days, 7)
        count = whole_weeks * 5
        day = start + dt.timedelta(days=whole_weeks * 7)
        for _ in range(rest):
            day += ONE_DAY
            count += day.weekday() < 5
        for named in self.days.values():
            if start < named.date <= end:
                count += named.is_workday - (named.date.weekday() < 5)
        return count

    def named_between(self, start: dt.date, end: dt.date) -> tuple[NamedDay, ...]:
        low, high = min(start, end), max(start, end)
        return tuple(day for date, day in sorted(self.days.items()) if low < date <= high)

    def reckon(self, start_on: dt.date, amount: int, unit: Unit) -> Deadline:
        """The day ``amount`` units after ``start_on`` (before it, when negative).

        Months and years end on the same day of the month, or on its last day where there is none
        (Civil Code, Art. 202). Calendar units never roll to a working day: where the law lets a
        period roll, the rule says so and not this function.
        """
        if unit is Unit.WORKING:
            due_on = self._working(start_on, amount)
        elif unit is Unit.CALENDAR:
            due_on = start_on + dt.timedelta(days=amount)
        else:
            due_on = _add_months(start_on, amount * (12 if unit is Unit.YEAR else 1))
        provisional = unit is Unit.WORKING and not all(
            year in self.years for year in range(start_on.year, due_on.year + 1)
        )
        passed = self.named_between(start_on, due_on) if unit is Unit.WORKING else ()
        return Deadline(due_on, start_on, amount, unit, provisional, passed)

    def _working(self, start_on: dt.date, amount: int) -> dt.date:
        step, day, left = (ONE_DAY if amount >= 0 else -ONE_DAY), start_on, abs(amount)
        while left:
            day += step
            left -= self.is_workday(day)
        return day


def _add_months(day: dt.date, count: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    month += 1
    return dt.date(year, month, min(day.day, months.monthrange(year, month)[1]))
