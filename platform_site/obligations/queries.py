"""Reading action points, and the rounds of a request: those that were and those ahead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import models
from django.db.models import Count, Q

from platform_site.casework.queries import today, work_calendar
from platform_site.federations.models import Federation

from .models import ActionPoint, Round, Schedule
from .periods import Period, parse
from .schedules import Plan, RoundDates, dates_of
from .workflow import RUNNING, TO_DO


def owners_for(concerns: Federation) -> models.QuerySet[Federation]:
    """Who can have something to do about this federation: itself, those below it, and the centre."""
    inside = Federation.objects.below(concerns).current()
    return inside | Federation.objects.filter(level=Federation.Level.NATIONAL)


def source_of(point: ActionPoint, user: Any) -> Any:
    """The record it came from, as far as ``user`` may see that; else None."""
    model = point.source_type.model_class()
    if model is None:
        return None
    manager: Any = model._default_manager
    return manager.visible_to(user).filter(pk=point.source_id).first()


@dataclass(frozen=True)
class ActionCount:
    running: int = 0
    overdue: int = 0


def action_counts(user: Any, federations: Iterable[int]) -> dict[int, ActionCount]:
    """By the federation they are for: action points that are not over, and the overdue ones of them."""
    late = Q(state__in=TO_DO, due_on__lt=today())
    rows = (
        ActionPoint.objects.visible_to(user)
        .filter(concerns__in=list(federations), state__in=RUNNING)
        .order_by()
        .values_list("concerns")
        .annotate(running=Count("pk"), overdue=Count("pk", filter=late))
    )
    return {concerns: ActionCount(running, overdue) for concerns, running, overdue in rows}


def usual_owners(concerns: Federation) -> models.QuerySet[Federation]:
    """Whom a page offers: the federation itself and the centre; the API takes those below as well."""
    return Federation.objects.filter(
        Q(pk=concerns.pk) | Q(level=Federation.Level.NATIONAL)
    ).order_by("-level")


# --- Rounds -----------------------------------------------------------------------------------------

#: Rounds ahead that are shown where no last period is given.
SHOWN_AHEAD = 12


@dataclass(frozen=True)
class RoundAhead:
    """A round that is not open yet: its dates by the rule, or as they were moved, and why."""

    period: Period
    dates: RoundDates
    moved_reason: str = ""


def planned_dates(schedule: Schedule, period: Period, moved: Round | None) -> RoundDates:
    """The dates of a round ahead. ``moved`` is its row, where it was moved by hand; the opening stays
    with the rule.
    """
    dates = dates_of(schedule.rule, period, work_calendar())
    if moved is None or not moved.moved_reason or moved.due_on is None:
        return dates
    return RoundDates(
        dates.opens_on, moved.due_on, moved.on_time_until or moved.due_on, moved.locks_on
    )


def rounds_ahead(schedule: Schedule | None, limit: int = SHOWN_AHEAD) -> list[RoundAhead]:
    """The next rounds in order, one query; none where nothing opens by itself any more."""
    if schedule is None or not schedule.next_period:
        return []
    moved = {
        each.period: each
        for each in Round.objects.filter(request=schedule.request_id, opened_at=None)
    }
    return [
        RoundAhead(
            period,
            planned_dates(schedule, period, moved.get(period.code)),
            moved[period.code].moved_reason if period.code in moved else "",
        )
        for period in islice(schedule.plan.periods(schedule.next_period), limit)
    ]


def preview_of(plan: Plan, limit: int = SHOWN_AHEAD) -> list[RoundAhead]:
    """The rounds that a plan would give, before anything is kept: no query but the calendar's."""
    calendar = work_calendar()
    return [
        RoundAhead(period, dates_of(plan.rule, period, calendar))
        for period in islice(plan.periods(), limit)
    ]


def may_open(schedule: Schedule, day: Any) -> bool:
    """Whether its next round is due to open on this day; the service asks again under its lock."""
    period = parse(schedule.next_period)
    return dates_of(schedule.rule, period, work_calendar()).opens_on <= day
