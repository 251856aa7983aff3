"""How well reporting runs: completeness and on-time rate by period, and how long each leg takes.

The rates are those of the national view (``matrix_for``), over all notices of a year. The legs are counted in
working days, for federations and notices, never for persons: from issue to signing for, from there (or
from the day the round opens) to the first filing, from the last submission to the decision, and how often a
report was returned.
"""

from __future__ import annotations

import datetime as dt
import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from platform_site.audit.models import Entry
from platform_site.casework.queries import work_calendar
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation

from ..models import Notice, Report, ReportVersion
from .matrix import Matrix, Rates, Wanted, matrix_for, rates_of

#: Notices of a year that are read at the most: more than are ever issued.
MOST_NOTICES = 400


@dataclass(frozen=True, slots=True)
class Leg:
    """Working days of one leg: how many there are, the median, and what nine of ten stay within."""

    count: int = 0
    median: float | None = None
    ninth: int | None = None


@dataclass(frozen=True)
class Handling:
    """The legs of one federation's or one notice's reports, and how many were returned how often."""

    signing: Leg
    filing: Leg
    deciding: Leg
    reports: int
    returns: int


@dataclass(frozen=True)
class Timing:
    """A year: the view that the rates are from, and rates and legs of all, of each federation, each notice."""

    year: int
    view: Matrix
    whole: Handling
    federations: tuple[tuple[Federation, Rates, Handling], ...]
    notices: tuple[tuple[Notice, Rates, Handling], ...]


@dataclass(frozen=True, slots=True)
class _Course:
    """One obligation's legs in working days; None where it did not get so far."""

    federation: int
    notice: uuid.UUID
    signing: int | None
    filing: int | None
    deciding: int | None
    reports: int
    returns: int


def timing(user: Any, year: int) -> Timing:
    """All notices due in the year, as the national view takes them: by due date, else by day of issue."""
    view = matrix_for(user, Wanted(year=year), size=MOST_NOTICES)
    courses = _courses(user, [cell.obligation for cell in view.cells()])
    by_federation: dict[int, list[_Course]] = {}
    by_notice: dict[uuid.UUID, list[_Course]] = {}
    for each in courses:
        by_federation.setdefault(each.federation, []).append(each)
        by_notice.setdefault(each.notice, []).append(each)
    # A notice may have asked more than once in the year.
    places: dict[uuid.UUID, list[int]] = {}
    for number, column in enumerate(view.columns):
        places.setdefault(column.notice.pk, []).append(number)
    notices = {column.notice.pk: column.notice for column in view.columns}
    return Timing(
        year=year,
        view=view,
        whole=_handling(courses),
        federations=tuple(
            (row.federation, row.rates, _handling(by_federation.get(row.federation.pk, ())))
            for row in view.rows
        ),
        notices=tuple(
            (
                notices[pk],
                rates_of(row.cells[number] for row in view.rows for number in numbers),
                _handling(by_notice.get(pk, ())),
            )
            for pk, numbers in places.items()
        ),
    )


def _courses(user: Any, obligations: list[uuid.UUID]) -> list[_Course]:
    """Of the obligations that the rates are of; two statements: their moments, and the returns."""
    last = ReportVersion.objects.filter(report=OuterRef("report")).order_by("-number")
    rows = list(
        Obligation.objects.visible_to(user)
        .filter(pk__in=obligations, waived_at=None, cancelled_at=None)
        # The report itself keeps its first submission alone.
        .annotate(submitted=Subquery(last.values("submitted_at")[:1]))
        .values_list(
            "federation",
            "round__request",
            "round__opens_on",
            "issued_at",
            "signed_for_at",
            "filed_at",
            "report",
            "submitted",
            "report__accepted_at",
        )
        .order_by()
    )
    returned = _returns(str(row[6]) for row in rows if row[6] and row[5])
    days = _WorkingDays(moment for row in rows for moment in (*row[3:6], *row[7:9]) if moment)
    return [
        _Course(
            federation,
            notice,
            None if _signed_before(signed, issued) else days.between(issued, signed),
            days.between(_fillable_from(signed, issued, opens), filed),
            days.between(submitted, accepted),
            reports=int(filed is not None),
            returns=returned.get(str(report), 0),
        )
        for federation, notice, opens, issued, signed, filed, report, submitted, accepted in rows
    ]


def _signed_before(signed: dt.datetime | None, issued: dt.datetime) -> bool:
    """A notice is signed for once: in its later rounds nobody signed, and nobody waited."""
    return signed is not None and signed < issued


def _fillable_from(
    signed: dt.datetime | None, issued: dt.datetime, opens_on: dt.date | None
) -> dt.datetime | None:
    """When there was something to fill in: signed for, and the round open."""
    if signed is None:
        return None
    begun = max(signed, issued)
    if opens_on is None:
        return begun
    return max(begun, timezone.make_aware(dt.datetime.combine(opens_on, dt.time())))


def _returns(reports: Iterable[str]) -> dict[str, int]:
    """By report, from the trail: a return is an act, and leaves no count behind elsewhere."""
    acts = (
        Entry.objects.filter(
            action="reports.report.return",
            subject_type=Report._meta.label_lower,
            subject_id__in=list(reports),
            result=Entry.Result.DONE,
        )
        .order_by()
        .values("subject_id")
        .annotate(many=Count("pk"))
    )
    return dict(acts.values_list("subject_id", "many"))


class _WorkingDays:
    """Differences of days by the working-day calendar, reckoned once for all days that occur."""

    def __init__(self, moments: Iterable[dt.datetime]) -> None:
        days = [timezone.localtime(each).date() for each in moments]
        self._days: list[dt.date] = []
        if not days:
            return
        published, day = work_calendar(), min(days)
        while day <= max(days):
            if published.is_workday(day):
                self._days.append(day)
            day += dt.timedelta(days=1)

    def between(self, start: dt.datetime | None, end: dt.datetime | None) -> int | None:
        """Working days after the first day up to the last, none on the same day."""
        if start is None or end is None:
            return None
        first, last = (timezone.localtime(each).date() for each in (start, end))
        return max(bisect_right(self._days, last) - bisect_right(self._days, first), 0)


def leg_of(days: Iterable[int | None]) -> Leg:
    """Median (of two middle ones their mean) and 90th percentile (the nearest rank)."""
    known = sorted(each for each in days if each is not None)
    if not known:
        return Leg()
    middle = len(known) // 2
    median = float(known[middle]) if len(known) % 2 else (known[middle - 1] + known[middle]) / 2
    return Leg(len(known), median, known[-(-9 * len(known) // 10) - 1])


def _handling(courses: Iterable[_Course]) -> Handling:
    known = list(courses)
    counted: Counter[str] = Counter()
    for each in known:
        counted["reports"] += each.reports
        counted["returns"] += each.returns
    return Handling(
        leg_of(each.signing for each in known),
        leg_of(each.filing for each in known),
        leg_of(each.deciding for each in known),
        counted["reports"],
        counted["returns"],
    )
