"""How a figure goes over the periods, who has most of it, and how far it is from its target.

Comparisons are like for like (同口径): a total is set against an earlier one over those federations
only that reported both times, and says how many these are.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from platform_site.casework.queries import today
from platform_site.federations.models import Federation
from platform_site.obligations.periods import Frequency, Period
from platform_site.questionnaires.models import FigureQuerySet, Indicator, IndicatorTarget

from .figures import (
    NOTHING,
    Among,
    Amount,
    Choice,
    Figures,
    across,
    federations_among,
    read_figures,
)
from .notices import follows_all


@dataclass(frozen=True)
class Change:
    """Against an earlier period. ``percent`` to one place, None where there was nothing; ``over``: how
    many federations are in it."""

    difference: Decimal
    percent: Decimal | None
    over: int


def _change(indicator: Indicator, now: Decimal, before: Decimal, over: int) -> Change:
    percent = None
    if before:
        percent = (100 * (now - before) / abs(before)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Change(now - before, percent, over)


def compared(
    found: Figures,
    indicator: Indicator,
    federation: Federation | None,
    period: Period,
    other: Period | None,
) -> Change | None:
    """How the amount changed from ``other`` to ``period``; None where one of them is not known."""
    if other is None:
        return None
    those = found.federations if federation is None else [federation]
    pairs = {
        each: (found.at(indicator, each, period), found.at(indicator, each, other))
        for each in those
    }
    both = {
        each: pair
        for each, pair in pairs.items()
        if pair[0].number is not None and pair[1].number is not None
    }
    if not both:
        return None
    if federation is None:
        now = across(indicator, {each: pair[0] for each, pair in both.items()}).number
        before = across(indicator, {each: pair[1] for each, pair in both.items()}).number
    else:
        now, before = (amount.number for amount in both[federation])
    if now is None or before is None:
        return None
    return _change(indicator, now, before, len(both))


def earlier(period: Period) -> Period | None:
    """The period before (环比); None where the platform's time begins."""
    try:
        return period.previous()
    except ValueError:
        return None


def year_before(period: Period) -> Period:
    """The same period of the last year (同比)."""
    return Period(period.frequency, period.start.replace(year=period.start.year - 1))


# --- Over the periods -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """One period: the amount, against the period before (环比) and the same one a year ago (同比)."""

    period: Period
    amount: Amount
    before: Change | None
    year: Change | None


@dataclass(frozen=True)
class Track:
    """A federation, or all together (None), over the periods."""

    federation: Federation | None
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Trend:
    indicator: Indicator
    tracks: tuple[Track, ...]
    federations: list[Federation]


def _point(
    found: Figures, indicator: Indicator, federation: Federation | None, period: Period
) -> Point:
    return Point(
        period,
        found.at(indicator, federation, period),
        compared(found, indicator, federation, period, earlier(period)),
        compared(found, indicator, federation, period, year_before(period)),
    )


def trend(user: Any, choice: Choice) -> Trend:
    """The first indicator chosen: all federations of the group together, and the one that is chosen."""
    indicator = choice.indicators[0]
    federations = choice.among
    found = read_figures(user, [indicator], federations, choice.periods, year_before=True)
    one = [each for each in federations if choice.federation and each.pk == choice.federation.pk]
    wanted: list[Federation | None] = [None, *one] if len(federations) != 1 else list(federations)
    tracks = tuple(
        Track(each, tuple(_point(found, indicator, each, period) for period in found.periods))
        for each in wanted
    )
    return Trend(indicator, tracks, federations)


# --- Who has most of it -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ranked:
    """A federation with its rank: equals share it, and the next one counts them all. ``share`` of the
    total, in percent to one place, where the rule is a sum."""

    rank: int
    federation: Federation
    point: Point
    share: Decimal | None


@dataclass(frozen=True)
class Ranking:
    """Federations by an indicator in one period. Only federations are ranked, never persons."""

    indicator: Indicator
    period: Period
    lines: tuple[Ranked, ...]
    total: Point
    federations: list[Federation]


def ranking(user: Any, choice: Choice) -> Ranking:
    """The largest first; who has not reported has no rank and is named in the total."""
    indicator = choice.indicators[0]
    federations = choice.among
    found = read_figures(user, [indicator], federations, choice.periods, year_before=True)
    period = choice.period or found.newest_period([indicator])
    total = _point(found, indicator, None, period)
    whole = total.amount.number if indicator.adds_up == Indicator.AddsUp.SUM else None
    points = [(each, _point(found, indicator, each, period)) for each in federations]
    there = [(each, point) for each, point in points if point.amount.number is not None]
    there.sort(key=lambda one: -(one[1].amount.number or 0))
    lines: list[Ranked] = []
    for place, (each, point) in enumerate(there, 1):
        number = point.amount.number or Decimal(0)
        same = lines and lines[-1].point.amount.number == number
        share = None
        if whole:
            share = (100 * number / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
        lines.append(Ranked(lines[-1].rank if same else place, each, point, share))
    return Ranking(indicator, period, tuple(lines), total, federations)


# --- Against the target -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """One target: what is reached in its year, as whole percent, None where nothing was reported.

    ``is_behind``: less is reached than the share of the year that has passed. ``is_seen``: the reader
    may know the figures; a target above the own federation is shown without them.
    """

    target: IndicatorTarget
    amount: Amount
    elapsed: Decimal
    is_seen: bool

    @property
    def percent(self) -> int | None:
        if self.amount.number is None:
            return None
        return int(100 * self.amount.number / self.target.number)

    @property
    def is_reached(self) -> bool:
        return self.amount.number is not None and self.amount.number >= self.target.number

    @property
    def is_behind(self) -> bool:
        if self.amount.number is None or self.is_reached:
            return False
        return self.amount.number < self.target.number * self.elapsed


def elapsed_share(year: int, on: dt.date) -> Decimal:
    """The part of the year that has passed by the end of that day: nothing ahead, all of it behind."""
    if on.year != year:
        return Decimal(on.year > year)
    days = 366 if calendar.isleap(year) else 365
    return (Decimal(on.timetuple().tm_yday) / days).quantize(Decimal("0.001"), ROUND_HALF_UP)


def progress(user: Any, year: int, indicator: Indicator | None = None) -> list[Progress]:
    """Every target of the year that the reader follows, the country's before those of federations.

    The country's number is that of the provincial federations together, for those who follow them all.
    """
    targets = (
        IndicatorTarget.objects.visible_to(user)
        .filter(year=year)
        .select_related("indicator", "federation")
        .order_by("indicator__pk", "federation__level", "federation__position")
    )
    if indicator is not None:
        targets = targets.filter(indicator=indicator)
    chosen = list(targets)
    if not chosen:
        return []
    followed = follows_all(user)
    provinces = federations_among(user, Among.PROVINCES) if followed else []
    whole_year = Period(Frequency.YEARLY, dt.date(year, 1, 1))
    found = read_figures(
        user,
        {each.indicator for each in chosen},
        _once([*provinces, *(each.federation for each in chosen)]),
        [whole_year],
    )
    elapsed = elapsed_share(year, today())
    lines = []
    own = user.scope.at(*FigureQuerySet.READERS)
    for target in chosen:
        seen = followed or target.federation_id in own
        if target.federation.level != Federation.Level.NATIONAL:
            amount = found.at(target.indicator, target.federation, whole_year)
        elif followed:
            amount = across(
                target.indicator,
                {each: found.at(target.indicator, each, whole_year) for each in provinces},
            )
        else:
            amount = NOTHING
        lines.append(Progress(target, amount, elapsed, seen))
    return lines


def _once(federations: Iterable[Federation]) -> list[Federation]:
    return list({each.pk: each for each in federations}.values())
