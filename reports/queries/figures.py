"""Figures of accepted reports as tables: indicators × federations × periods, added up by their rules.

Nothing is counted ahead. What a table shows is read from the covering indexes of ``Figure`` in one
statement and put together here:

- *Over time*, figures of a period add up (averages are averaged), of a cumulative indicator the latest
  stands. Figures whose days overlap never add up: the longest period holds, of equals the one accepted
  last, and of what was asked once only what no period covers. A figure that is for longer than the
  period shown is no part of it.
- *Across federations*, the indicator's own rule (the one of the summaries). Indicators are never added
  to each other, so persons (人) and attendances (人次) are not.
- What was not reported is blank, never zero; every total says of how many it is, and who is missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platform_site.casework.queries import today
from platform_site.federations.models import Federation
from platform_site.obligations import periods
from platform_site.obligations.periods import Frequency, Period
from platform_site.questionnaires.models import Figure, FigureQuerySet, Indicator, Sheet

from ..models import Report
from .adding_up import RULES
from .matrix import GROUP_KINDS, Group
from .notices import follows_all

#: How many indicators a first look shows.
FIRST = 6


class Axis(TextChoices):
    """What the lines or the columns of a table are."""

    FEDERATION = "federation", gettext_lazy("federations")
    PERIOD = "period", gettext_lazy("periods")
    INDICATOR = "indicator", gettext_lazy("indicators")


class Among(TextChoices):
    """Whose figures are shown: groups of the first tier for the centre, own and below for others."""

    PROVINCES = "provinces", gettext_lazy("provincial federations")
    FIRST_TIER = "first_tier", gettext_lazy("all first-tier units")
    UNIONS = "unions", gettext_lazy("industrial unions and central organs")
    OWN = "own", gettext_lazy("own federation")
    BELOW = "below", gettext_lazy("federations directly below")


def groups_for(user: Any) -> list[Among]:
    """What this reader can choose from; the first is what is shown unasked."""
    if follows_all(user):
        return [Among.PROVINCES, Among.FIRST_TIER, Among.UNIONS]
    return [Among.OWN, Among.BELOW]


def federations_among(user: Any, group: str) -> list[Federation]:
    """The federations of the group, in the official order (one query)."""
    if group in (Among.PROVINCES, Among.UNIONS, Among.FIRST_TIER):
        found: QuerySet[Federation] = Federation.objects.first_tier()
        if group != Among.FIRST_TIER:
            found = found.filter(kind__in=GROUP_KINDS[Group(group)])
        return list(found)
    own = user.scope.at(*FigureQuerySet.READERS)
    column = "pk__in" if group == Among.OWN else "parent__in"
    return list(Federation.objects.current().filter(**{column: own}).order_by("position", "code"))


def indicators_with_figures(user: Any, federations: list[Federation]) -> list[str]:
    """Codes of the indicators of which these have any figure, in the order of the catalogue.

    Asked by federation where the reader is not of the centre: so one index answers it, however many
    figures there are of indicators that nobody here reports.
    """
    figures = Figure.objects.visible_to(user).filter(indicator=OuterRef("pk"))
    if not follows_all(user):
        figures = figures.filter(federation__in=[each.pk for each in federations])
    found = Indicator.objects.visible_to(user).filter(Exists(figures))
    return list(found.order_by("pk").values_list("code", flat=True)[:FIRST])


def days_of(sheet: Sheet) -> tuple[dt.date, dt.date | None]:
    """First and last day that the figures of a sheet are for; what was asked once has a day and no end."""
    try:
        period = periods.parse(sheet.period) if sheet.period else None
    except ValueError:
        period = None
    if period is None:
        return sheet.period_start or today(), None
    return period.start, None if period.frequency == Frequency.IRREGULAR else period.end


# --- Over time ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored figure: its days, its number, and its id, which grows with acceptance."""

    start: dt.date
    end: dt.date | None
    number: Decimal
    id: int

    @property
    def last(self) -> dt.date:
        return self.end or self.start

    @property
    def order(self) -> tuple[int, int]:
        """Longest first, of equals the one accepted last; what has no period comes at the end."""
        return (-1 if self.end is None else (self.end - self.start).days, self.id)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, and what it is made of.

    ``number`` is None where nothing was reported, or where the rule gives no total. ``figures``: ids of
    the stored figures in it. ``is_part``: they are for fewer days than the period has. Of a total,
    ``of`` is over how many federations, ``missing`` who of them is not in it, ``whose`` the one whose
    number the rule "latest" takes.
    """

    number: Decimal | None = None
    figures: tuple[int, ...] = ()
    is_part: bool = False
    on: tuple[dt.date, int] = (dt.date.min, 0)
    of: int = 0
    missing: tuple[Federation, ...] = ()
    whose: Federation | None = None

    @property
    def reported(self) -> int:
        return self.of - len(self.missing)


NOTHING = Amount()


def _adds_over_time(indicator: Indicator) -> bool:
    """Only what happened in a period adds up; a stock, and what the rule takes singly, is the latest."""
    return indicator.measure == Indicator.Measure.PERIOD and indicator.adds_up in (
        Indicator.AddsUp.SUM,
        Indicator.AddsUp.COUNT,
        Indicator.AddsUp.AVERAGE,
    )


def _combined(indicator: Indicator, numbers: list[Decimal]) -> Decimal:
    """Numbers of one federation, one after the other: their sum, or their average."""
    average = indicator.adds_up == Indicator.AddsUp.AVERAGE
    return RULES[Indicator.AddsUp.AVERAGE if average else Indicator.AddsUp.SUM](numbers)


def apart(figures: Iterable[Stored]) -> list[Stored]:
    """Those that may be added: no two of them are for the same day."""
    taken: list[Stored] = []
    for each in sorted(figures, key=lambda one: one.order, reverse=True):
        if all(each.last < other.start or other.last < each.start for other in taken):
            taken.append(each)
    return taken


def over_time(indicator: Indicator, figures: Iterable[Stored], period: Period) -> Amount:
    """What one federation's figures come to in the period."""
    if not _adds_over_time(indicator):
        inside = [each for each in figures if period.start <= each.last <= period.end]
        if not inside:
            return NOTHING
        newest = max(inside, key=lambda each: (each.last, each.id))
        return Amount(newest.number, (newest.id,), on=(newest.last, newest.id))
    taken = apart(
        each for each in figures if period.start <= each.start and each.last <= period.end
    )
    if not taken:
        return NOTHING
    days = sum((each.last - each.start).days + 1 for each in taken)
    return Amount(
        _combined(indicator, [each.number for each in taken]),
        tuple(each.id for each in taken),
        is_part=all(each.end for each in taken) and days < (period.end - period.start).days + 1,
        on=max((each.last, each.id) for each in taken),
    )


def _one_after_another(indicator: Indicator, amounts: list[Amount]) -> Amount:
    """Over all periods shown: their sum or average, or the latest that there is."""
    given = [each for each in amounts if each.number is not None]
    if not given:
        return NOTHING
    if not _adds_over_time(indicator):
        return given[-1]
    return Amount(
        _combined(indicator, [each.number for each in given if each.number is not None]),
        tuple(id for each in given for id in each.figures),
        is_part=any(each.is_part for each in given) or len(given) < len(amounts),
        on=max(each.on for each in given),
    )


# --- Across federations -----------------------------------------------------------------------------


def across(indicator: Indicator, given: Mapping[Federation, Amount]) -> Amount:
    """What the federations come to together, by the indicator's rule; blanks count nowhere."""
    there = {each: amount for each, amount in given.items() if amount.number is not None}
    number, whose = None, None
    if there and indicator.adds_up == Indicator.AddsUp.LATEST:
        whose = max(there, key=lambda each: there[each].on)
        number = there[whose].number
    elif there and (combine := RULES.get(indicator.adds_up)):
        number = combine([each.number for each in there.values() if each.number is not None])
    return Amount(
        number,
        tuple(id for each in there.values() for id in each.figures),
        is_part=any(each.is_part for each in there.values()),
        of=len(given),
        missing=tuple(each for each in given if each not in there),
        whose=whose,
    )


# --- Reading ----------------------------------------------------------------------------------------


@dataclass
class Figures:
    """The stored figures of some indicators and federations, and any amount that they come to."""

    federations: list[Federation]
    periods: list[Period]
    stored: dict[tuple[int, int], list[Stored]]
    _known: dict[tuple[int, int | None, str], Amount] = field(default_factory=dict)

    def at(
        self, indicator: Indicator, federation: Federation | None, period: Period | None
    ) -> Amount:
        """Of one federation or of all together (None), in one period or over all shown (None)."""
        key = (indicator.pk, federation.pk if federation else None, period.code if period else "")
        if key not in self._known:
            self._known[key] = self._reckon(indicator, federation, period)
        return self._known[key]

    def _reckon(
        self, indicator: Indicator, federation: Federation | None, period: Period | None
    ) -> Amount:
        if federation is None:
            each_of = {each: self.at(indicator, each, period) for each in self.federations}
            return across(indicator, each_of)
        if period is None:
            each_in = [self.at(indicator, federation, each) for each in self.periods]
            return _one_after_another(indicator, each_in)
        return over_time(indicator, self.stored.get((indicator.pk, federation.pk), ()), period)

    def newest_period(self, indicators: Iterable[Indicator]) -> Period:
        """The last period with a figure of any of these; the last one where there is none."""
        chosen = list(indicators)
        for period in reversed(self.periods):
            for indicator in chosen:
                if any(
                    self.at(indicator, each, period).number is not None for each in self.federations
                ):
                    return period
        return self.periods[-1]


def read_figures(
    user: Any,
    indicators: Iterable[Indicator],
    federations: list[Federation],
    shown: list[Period],
    *,
    year_before: bool = False,
) -> Figures:
    """One statement; ``year_before`` reads what the first period is compared with as well."""
    first = dt.date(shown[0].start.year - year_before, 1, 1)
    rows: Iterable[Any] = (
        Figure.objects.visible_to(user)
        .filter(
            indicator__in=[each.pk for each in indicators],
            federation__in=[each.pk for each in federations],
            # From the beginning of the year: what is for longer than a period shown may end in it.
            period_start__range=(first, shown[-1].end),
        )
        .values_list("indicator", "federation", "period_start", "period_end", "number", "id")
        .order_by()
    )
    stored: dict[tuple[int, int], list[Stored]] = {}
    for indicator, federation, *rest in rows:
        stored.setdefault((indicator, federation), []).append(Stored(*rest))
    return Figures(federations, shown, stored)


# --- The table ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """What a table is to show. The axis that is neither lines nor columns is held: ``federation`` None
    is all together, ``period`` None the newest that has figures, ``over_all`` all periods shown."""

    indicators: list[Indicator]
    group: str
    among: list[Federation]
    unit: Frequency
    first: Period
    last: Period
    rows: Axis
    columns: Axis
    federation: Federation | None = None
    period: Period | None = None
    over_all: bool = False

    @property
    def periods(self) -> list[Period]:
        return list(periods.from_to(self.first, self.last))


@dataclass(frozen=True)
class Head:
    """Heads a line or a column; ``item`` is None for the total along its axis."""

    axis: Axis
    item: Indicator | Federation | Period | None

    @property
    def code(self) -> str:
        return self.item.code if self.item is not None else "all"

    @property
    def label(self) -> str:
        if isinstance(self.item, Federation):
            return self.item.short_name
        if self.item is not None:
            return str(self.item)
        return _("All together") if self.axis == Axis.FEDERATION else _("Over all periods")

    @property
    def unit(self) -> str:
        return self.item.unit if isinstance(self.item, Indicator) else ""


@dataclass(frozen=True)
class Cell:
    """An amount with where it stands: what its sources are asked by."""

    amount: Amount
    indicator: Indicator
    federation: Federation | None
    period: Period | None


@dataclass(frozen=True)
class Line:
    head: Head
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Pivot:
    """The table: ``held`` is what stands still, ``totals`` the cells that say who is missing."""

    choice: Choice
    columns: tuple[Head, ...]
    lines: tuple[Line, ...]
    held: Head
    federations: list[Federation]
    on: dt.date

    @property
    def has_total_column(self) -> bool:
        return bool(self.columns) and self.columns[-1].item is None

    def totals(self) -> Iterator[tuple[Cell, Head]]:
        """Each total over federations once, with the head it stands at."""
        along_rows = self.choice.columns == Axis.FEDERATION
        for line in self.lines:
            for head, cell in zip(self.columns, line.cells, strict=True):
                if cell.federation is None and cell.amount.of:
                    yield cell, line.head if along_rows else head


def pivot(user: Any, choice: Choice) -> Pivot:
    """The table for this reader: one statement, whatever is chosen."""
    federations = choice.among
    if choice.federation is not None:
        federations = [each for each in federations if each.pk == choice.federation.pk]
    found = read_figures(user, choice.indicators, federations, choice.periods)
    third = next(axis for axis in Axis if axis not in (choice.rows, choice.columns))
    held = _held(choice, found, third)
    columns = tuple(_heads(choice, found, choice.columns))
    lines = tuple(
        Line(row, tuple(_cell(found, (row, column, held)) for column in columns))
        for row in _heads(choice, found, choice.rows)
    )
    if choice.rows == Axis.FEDERATION and lines and lines[-1].head.item is None:
        # 合计 stands above its parts, as in the yearbooks, and is seen without going down.
        lines = (lines[-1], *lines[:-1])
    return Pivot(choice, columns, lines, held, federations, today())


def _held(choice: Choice, found: Figures, axis: Axis) -> Head:
    if axis == Axis.INDICATOR:
        return Head(axis, choice.indicators[0])
    if axis == Axis.FEDERATION:
        one = found.federations[0] if len(found.federations) == 1 else None
        return Head(axis, one)
    if choice.over_all:
        return Head(axis, None)
    return Head(axis, choice.period or found.newest_period(choice.indicators))


def _heads(choice: Choice, found: Figures, axis: Axis) -> Iterator[Head]:
    along: dict[Axis, list[Any]] = {
        Axis.INDICATOR: choice.indicators,
        Axis.FEDERATION: found.federations,
        Axis.PERIOD: found.periods,
    }
    known = along[axis]
    yield from (Head(axis, each) for each in known)
    # A sum over federations or periods is worth a line; one over indicators does not exist.
    if axis != Axis.INDICATOR and len(known) > 1:
        yield Head(axis, None)


def _cell(found: Figures, heads: Iterable[Head]) -> Cell:
    at: dict[Axis, Any] = {head.axis: head.item for head in heads}
    where = (at[Axis.INDICATOR], at[Axis.FEDERATION], at[Axis.PERIOD])
    return Cell(found.at(*where), *where)


# --- What a number is made of ----------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """A stored figure of a cell: ``counts`` is off where another one stands for the same days."""

    federation: Federation
    figure: int
    sheet: Any
    start: dt.date
    end: dt.date | None
    number: Decimal
    counts: bool


def figure_sources(
    user: Any, indicator: Indicator, federations: list[Federation], shown: list[Period]
) -> list[Source]:
    """Every figure that lies in these periods, in the order of federations and days (one query)."""
    by_pk = {each.pk: each for each in federations}
    rows: list[Any] = list(
        Figure.objects.visible_to(user)
        .filter(
            Q(period_end=None, period_start__lte=shown[-1].end) | Q(period_end__lte=shown[-1].end),
            indicator=indicator,
            federation__in=list(by_pk),
            period_start__gte=dt.date(shown[0].start.year, 1, 1),
        )
        .values_list("federation", "sheet", "period_start", "period_end", "number", "id")
        .order_by()
    )
    stored: dict[tuple[int, int], list[Stored]] = {}
    for federation, _sheet, *rest in rows:
        stored.setdefault((indicator.pk, federation), []).append(Stored(*rest))
    found = Figures(federations, shown, stored)
    counted = {id for each in federations for id in found.at(indicator, each, None).figures}
    sources = [
        Source(by_pk[federation], id, sheet, start, end, number, id in counted)
        for federation, sheet, start, end, number, id in rows
        if (end or start) >= shown[0].start
    ]
    place = {each.pk: number for number, each in enumerate(federations)}
    return sorted(sources, key=lambda each: (place[each.federation.pk], each.start, each.figure))


@dataclass(frozen=True)
class Origin:
    """A source with the report that it was accepted in; ``report`` is None where it is not the reader's."""

    source: Source
    report: Report | None
    version: int | None


def origins_of(user: Any, sources: list[Source]) -> list[Origin]:
    """The reports behind the figures, each with the number of its accepted version (one query)."""
    reports = (
        Report.objects.visible_to(user)
        .filter(sheet__in=[each.sheet for each in sources])
        .with_context()
        .annotate(newest=Max("versions__number"))
    )
    by_sheet: dict[Any, Any] = {each.sheet_id: each for each in reports}
    found = []
    for each in sources:
        report = by_sheet.get(each.sheet)
        found.append(Origin(each, report, report.newest if report else None))
    return found
