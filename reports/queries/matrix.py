"""The national view: federations × rounds of notices, with rates by federation, round and period.

A cell is one row of obligations, found by the index on (round, federation); nothing is counted from
reports and no counters are kept, so there is nothing that could be wrong. What is not known is
blank, never zero.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platform_site.casework.queries import today
from platform_site.federations.models import Federation
from platform_site.lists import keyset
from platform_site.obligations.models import Obligation, ObligationQuerySet, Round
from platform_site.obligations.periods import titled

from ..models import Notice, Report, ReportQuerySet
from ..workflow import NoticeState
from .as_of import end_of, report_states_then, rewind, with_state_then
from .notices import NOTHING_FILED, Standing, follows_all, standing_of

#: Rounds on a page.
SIZE = 20
ORDER = ("-opened_at", "-id")


class Group(TextChoices):
    """Which of the 43 first-tier units have a row."""

    PROVINCES = "provinces", gettext_lazy("provincial federations")
    UNIONS = "unions", gettext_lazy("industrial unions and central organs")


GROUP_KINDS = {
    Group.PROVINCES: (Federation.Kind.PROVINCIAL, Federation.Kind.CORPS),
    Group.UNIONS: (Federation.Kind.INDUSTRIAL, Federation.Kind.CENTRAL_ORGANS),
}


@dataclass(frozen=True)
class Wanted:
    """What the view is narrowed to; empty means everything. ``standing`` may also be ``late``."""

    business_line: str = ""
    asks: str = ""
    year: int | None = None
    quarter: int | None = None
    state: str = ""
    standing: str = ""
    group: str = ""
    notice: uuid.UUID | None = None
    #: The code of a period; None for all, empty for what asks once.
    period: str | None = None
    as_of: dt.date | None = None

    @property
    def days(self) -> tuple[dt.date, dt.date] | None:
        """First and last day of the year or quarter."""
        if self.year is None:
            return None
        first = dt.date(self.year, 3 * self.quarter - 2 if self.quarter else 1, 1)
        month = 3 * self.quarter if self.quarter else 12
        after = dt.date(self.year + month // 12, month % 12 + 1, 1)
        return first, after - dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """``part`` of ``whole``; where nothing is owed there is no percentage."""

    part: int = 0
    whole: int = 0

    @property
    def percent(self) -> int | None:
        """Whole percent; 100 only where nothing is missing, 0 only where there is nothing."""
        if not self.whole:
            return None
        rounded = round(100 * self.part / self.whole)
        if 0 < self.part < self.whole:
            return min(max(rounded, 1), 99)
        return rounded


@dataclass(frozen=True, slots=True)
class Rates:
    """Two rates over some cells; waived and cancelled ones are owed by nobody.

    ``completeness``: filed (or settled, where signing for is all) of owed. ``on_time``: filed within
    the on-time limit of those that are decided, which are those filed and those past the limit; a
    notice of yesterday is neither punctual nor late.
    """

    completeness: Rate
    on_time: Rate


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one federation stands with one notice. ``report`` is set once the reader may open it."""

    obligation: uuid.UUID
    federation: int
    standing: Standing
    is_late: bool
    due_on: dt.date | None
    on_time_until: dt.date | None
    signed_for_at: dt.datetime | None
    filed_at: dt.datetime | None
    settled_at: dt.datetime | None
    report: uuid.UUID | None
    matches: bool = True

    @property
    def is_owed(self) -> bool:
        return self.standing not in (Standing.WAIVED, Standing.CANCELLED)

    @property
    def is_done(self) -> bool:
        return self.filed_at is not None or self.settled_at is not None

    @property
    def is_decided(self) -> bool:
        """On time or late for good: filed, or past the limit; never without a clock."""
        return self.on_time_until is not None and (self.is_done or self.is_late)

    @property
    def shows_late(self) -> bool:
        """Who is silent is late anyway; everybody else says so beside the standing."""
        return self.is_late and self.standing != Standing.SILENT

    @property
    def word(self) -> str:
        word = str(self.standing.label)
        return _("%(standing)s, late") % {"standing": word} if self.shows_late else word


@dataclass(frozen=True)
class Column:
    """A round of a notice, with the notice's state on the day and the rates of its recipients."""

    notice: Notice
    round: Round
    state: NoticeState
    due_on: dt.date | None
    on_time_until: dt.date | None
    rates: Rates

    @property
    def pk(self) -> uuid.UUID:
        return self.notice.pk

    @property
    def title(self) -> str:
        return titled(self.notice.title, self.round.period)

    @property
    def url(self) -> str:
        """The page of the notice, at this round."""
        url = self.notice.get_absolute_url()
        return f"{url}?round={self.round.period}" if self.round.period else url


@dataclass(frozen=True)
class Row:
    """A federation with a cell for each column, None where it is no recipient."""

    federation: Federation
    cells: tuple[Cell | None, ...]
    rates: Rates


@dataclass(frozen=True)
class Period:
    """A year or one of its quarters, by the due dates of the rounds; ``notices`` counts the rounds."""

    year: int
    quarter: int | None
    notices: int
    rates: Rates

    @property
    def label(self) -> str:
        if self.quarter is None:
            return _("Year %(year)s") % {"year": self.year}
        return _("Quarter %(quarter)s of %(year)s") % {"year": self.year, "quarter": self.quarter}


@dataclass(frozen=True)
class Matrix:
    """The view: ``rows`` in the official order, ``columns`` newest first, rates over what it shows."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    total: Rates
    periods: tuple[Period, ...]
    tally: dict[str, int]
    on: dt.date
    as_of: dt.date | None
    next: str | None = None
    previous: str | None = None

    def cells(self) -> Iterator[Cell]:
        return (cell for row in self.rows for cell in row.cells if cell is not None)

    def column_cells(self, number: int) -> Iterator[tuple[Row, Cell | None]]:
        return ((row, row.cells[number]) for row in self.rows)


def cell_standing(
    owed: Obligation, report_state: str | None, *, notice_state: str, on: dt.date
) -> Standing | None:
    """The standing of a cell: that of ``standing_of``, and ``silent``.

    Silent (未报): past the on-time limit and not even signed for; or the notice is closed and nothing
    was filed. None (blank): history of which nothing is known, without a date and without a mark.
    """
    standing = standing_of(owed, report_state)
    if owed.filed_at or owed.settled_at or standing not in NOTHING_FILED:
        return standing
    if owed.on_time_until is None and standing == Standing.WAITING:
        return None
    if notice_state == NoticeState.CLOSED:
        return Standing.SILENT
    if standing == Standing.WAITING and owed.is_late(on):
        return Standing.SILENT
    return standing


def rates_of(cells: Iterable[Cell | None]) -> Rates:
    owed = done = decided = punctual = 0
    for cell in cells:
        if cell is None or not cell.is_owed:
            continue
        owed += 1
        done += cell.is_done
        if cell.is_decided:
            decided += 1
            punctual += cell.is_done and not cell.is_late
    return Rates(Rate(done, owed), Rate(punctual, decided))


def matrix_for(
    user: Any, wanted: Wanted | None = None, *, cursor: str | None = None, size: int = SIZE
) -> Matrix:
    """The view for this reader, or as it stood at the end of ``wanted.as_of``.

    Obligations are those visible to the reader, never one that a federation passed down. National
    staff and the auditor see a row for each first-tier unit, everybody else only the own federation.
    """
    wanted = wanted or Wanted()
    on = wanted.as_of or today()
    rounds: QuerySet[Any] = _rounds(user, wanted)
    page = keyset.page(rounds, order=ORDER, size=size, cursor=cursor)
    # The state of each round's notice on the day.
    states = {
        round.pk: NoticeState(round.state_then if wanted.as_of else round.request.notice.state)
        for round in page.rows
    }
    by_place = {
        (cell.federation, round): cell
        for round, cell in _cells(user, page.rows, states, wanted, on)
    }
    shown = []
    for federation in _federations(user, {place[0] for place in by_place}, wanted):
        cells = tuple(by_place.get((federation.pk, round)) for round in states)
        if wanted.standing and not any(cell and cell.matches for cell in cells):
            continue
        shown.append(Row(federation, cells, rates_of(cells)))
    columns = tuple(
        Column(
            notice=round.request.notice,
            round=round,
            state=states[round.pk],
            due_on=round.due_on,
            on_time_until=round.on_time_until,
            rates=rates_of(row.cells[number] for row in shown),
        )
        for number, round in enumerate(page.rows)
    )
    cells_shown = [cell for row in shown for cell in row.cells if cell]
    tally: dict[str, int] = Counter(str(cell.standing) for cell in cells_shown)
    tally["late"] = sum(cell.is_late for cell in cells_shown)
    return Matrix(
        rows=tuple(shown),
        columns=columns,
        total=rates_of(cells_shown),
        periods=_periods(columns, shown),
        tally=dict(tally),
        on=on,
        as_of=wanted.as_of,
        next=page.next,
        previous=page.previous,
    )


def _rounds(user: Any, wanted: Wanted) -> QuerySet[Round]:
    """The opened rounds of the notices that the reader may see, narrowed; each with its notice."""
    notices: QuerySet[Notice] = Notice.objects.visible_to(user)
    for name in ("business_line", "asks"):
        if value := getattr(wanted, name):
            notices = notices.filter(**{name: value})
    if wanted.notice:
        notices = notices.filter(pk=wanted.notice)
    if wanted.state and not wanted.as_of:
        notices = notices.filter(state=wanted.state)
    rounds = Round.objects.opened().select_related("request__notice")
    if wanted.period is not None:
        rounds = rounds.filter(period=wanted.period)
    if wanted.as_of:
        then: Any = with_state_then(notices, wanted.as_of)
        if wanted.state:
            then = then.filter(state_then=wanted.state)
        own = then.filter(pk=OuterRef("request"))
        rounds = rounds.filter(Exists(own), opened_at__lt=end_of(wanted.as_of)).annotate(
            state_then=Subquery(own.values("state_then")[:1])
        )
    else:
        rounds = rounds.filter(request__notice__in=notices)
    if wanted.days:
        # What has no due date belongs to the day of its issue.
        rounds = rounds.filter(
            Q(due_on__range=wanted.days) | Q(due_on=None, opened_at__date__range=wanted.days)
        )
    return rounds


def _cells(
    user: Any,
    rounds: Iterable[Round],
    states: dict[uuid.UUID, NoticeState],
    wanted: Wanted,
    on: dt.date,
) -> Iterator[tuple[uuid.UUID, Cell]]:
    """Each cell with the round it belongs to: one read of the obligations of the page.

    The report of each is looked up by its own index entry. Joined, the planner would rather read a
    table of some hundred thousand reports whole, and the view would grow with them.
    """
    by_pk = {each.pk: each for each in rounds}
    report = Report.objects.filter(obligation=OuterRef("pk")).values(
        found=JSONObject(pk="pk", state="state", submitted_at="submitted_at")
    )
    read: list[Any] = list(
        Obligation.objects.visible_to(user)
        .filter(parent=None, round__in=list(by_pk))
        .only("federation", "round", "due_on", "on_time_until", "issued_at", "signed_for_at",
              "filed_at", "settled_at", "waived_at", "cancelled_at")
        .annotate(found=Subquery(report[:1]))
        .order_by()
    )  # fmt: skip
    for owed in read:
        owed.round = by_pk[owed.round_id]
    until = end_of(on)
    then: dict[str, str] = {}
    if wanted.as_of:
        there: list[Any] = rewind(read, wanted.as_of)
        read = there
        then = report_states_then((owed.found["pk"] for owed in read if owed.found), until)
    filers = user.scope.at(*ReportQuerySet.FILERS)
    for owed in read:
        found = owed.found or {"pk": "", "state": None, "submitted_at": None}
        state = then.get(found["pk"]) if wanted.as_of else found["state"]
        round = owed.round_id
        standing = cell_standing(owed, state, notice_state=states[round], on=on)
        if standing is None:
            continue
        late = owed.is_late(on)
        submitted = found["submitted_at"] is not None and (
            wanted.as_of is None or dt.datetime.fromisoformat(found["submitted_at"]) < until
        )
        yield (
            round,
            Cell(
                obligation=owed.pk,
                federation=owed.federation_id,
                standing=standing,
                is_late=late,
                due_on=owed.due_on,
                on_time_until=owed.on_time_until,
                signed_for_at=owed.signed_for_at,
                filed_at=owed.filed_at,
                settled_at=owed.settled_at,
                report=uuid.UUID(found["pk"])
                if state and (submitted or owed.federation_id in filers)
                else None,
                matches=not wanted.standing
                or wanted.standing == standing
                or (wanted.standing == "late" and late),
            ),
        )


def _federations(user: Any, asked: set[int], wanted: Wanted) -> QuerySet[Federation]:
    """Who has a row: all first-tier units, or the own federation; and whoever else was asked."""
    if follows_all(user):
        federations = Federation.objects.filter(
            Q(pk__in=Federation.objects.first_tier().values("pk")) | Q(pk__in=asked)
        )
    else:
        own = user.scope.at(*ObligationQuerySet.READERS)
        federations = Federation.objects.filter(pk__in=asked | own)
    if wanted.group:
        federations = federations.filter(kind__in=GROUP_KINDS[Group(wanted.group)])
    return federations.order_by("position", "code")


def _periods(columns: tuple[Column, ...], rows: list[Row]) -> tuple[Period, ...]:
    """Years and quarters of the due dates of the notices shown, the newest first."""
    numbers: dict[tuple[int, int | None], list[int]] = {}
    for number, column in enumerate(columns):
        if column.due_on:
            year, quarter = column.due_on.year, (column.due_on.month + 2) // 3
            numbers.setdefault((year, None), []).append(number)
            numbers.setdefault((year, quarter), []).append(number)
    return tuple(
        Period(
            year=year,
            quarter=quarter,
            notices=len(its),
            rates=rates_of(row.cells[number] for row in rows for number in its),
        )
        for (year, quarter), its in sorted(
            numbers.items(), key=lambda item: (-item[0][0], -(item[0][1] or 5))
        )
    )
