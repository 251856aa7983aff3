"""The rounds of a recurring request: planning them, opening the one that is due to open, moving one."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.casework.queries import work_calendar
from platform_site.problems import FieldProblem, Invalid, StepNotOpen

from ..models import Obligation, Request, Round, Schedule
from ..periods import Frequency, Period, parse
from ..queries import planned_dates
from ..schedules import Plan, RoundDates, dates_of
from .obligations import issue, order_problems


@transaction.atomic
def set_schedule(request: Request, plan: Plan | None) -> Schedule | None:
    """Let the request recur by this plan from now on, or ask once. The caller has checked the plan."""
    if plan is None or plan.frequency == Frequency.ONCE:
        Schedule.objects.filter(request=request).delete()
        return None
    rule = plan.rule
    schedule, _made = Schedule.objects.update_or_create(
        request=request,
        defaults={
            "frequency": plan.frequency,
            "first_period": plan.first if plan.is_regular else "",
            "last_period": plan.last if plan.is_regular else "",
            "next_period": plan.first if plan.is_regular else "",
            "opens_after": rule.opens_after,
            "due_after": rule.due_after,
            "due_unit": rule.due_unit,
            "on_time_after": rule.on_time_after,
            "locks_after": rule.locks_after,
        },
    )
    return schedule


@transaction.atomic
def set_dates(round: Round, period: Period, dates: RoundDates) -> Round:
    """The dates of a round that is not opened yet."""
    round.period = period.code
    round.opens_on, round.due_on = dates.opens_on, dates.due_on
    round.on_time_until, round.locks_on = dates.on_time_until, dates.locks_on
    round.save()
    return round


@transaction.atomic
def issue_first(
    round: Round, schedule: Schedule | None, *, by: Any, at: dt.datetime
) -> list[Obligation]:
    """Issue a request with its first round, which is given out at once so that it is signed for.

    The dates of a regular one are reckoned now, from the calendar as it is known now, and frozen. Its
    round may open later: nothing is filled in before ``opens_on``.
    """
    day = timezone.localtime(at).date()
    if schedule is None:
        return issue(round, by=by, at=at)
    if schedule.plan.is_regular:
        period = parse(schedule.first_period)
        set_dates(round, period, dates_of(schedule.rule, period, work_calendar()))
        _advance(schedule, period)
    else:
        round.period = Period(Frequency.IRREGULAR, day).code
        round.opens_on = day
        round.save()
    return issue(round, by=by, at=at)


@transaction.atomic
def open_next(request: Any, *, by: Any = None, at: dt.datetime) -> tuple[Round, int] | None:
    """Open the next round of this request (its id), if it is due to open; None otherwise.

    The schedule's row is locked, so of two that ring at the same moment one opens it and the other
    finds it opened. A round that opens some working days late has all its dates later by as many: the
    second value.
    """
    schedule = (
        Schedule.objects.select_for_update(of=("self",))
        .select_related("request")
        .filter(pk=request)
        .first()
    )
    if schedule is None or not schedule.next_period:
        return None
    period, day, calendar = (
        parse(schedule.next_period),
        timezone.localtime(at).date(),
        work_calendar(),
    )
    round = Round.objects.filter(request=request, period=period.code).first()
    dates = planned_dates(schedule, period, round)
    if dates.opens_on > day:
        return None
    late = calendar.working_days_between(dates.opens_on, day)
    if late:
        dates = dates.later(late, calendar)
    round = set_dates(round or Round(request=schedule.request), period, dates)
    _advance(schedule, period)
    issue(round, by=by, at=at, goes_on=True)
    return round, late


def _advance(schedule: Schedule, opened: Period) -> None:
    """The period after this one is the next; none where it was the last."""
    following = [period.code for period in islice(schedule.plan.periods(opened.code), 2)]
    schedule.next_period = following[1] if len(following) > 1 else ""
    schedule.save(update_fields=["next_period"])


@transaction.atomic
def open_irregular(
    request: Request,
    *,
    by: Any,
    period: str,
    due_on: dt.date,
    on_time_until: dt.date | None = None,
    locks_on: dt.date | None = None,
    at: dt.datetime,
) -> Round:
    """再开一轮: open one more round of an irregular request, with its dates; ``period`` is its day.

    Raises Invalid with a pointer to each field, StepNotOpen where the request is not irregular.
    """
    schedule = Schedule.objects.select_for_update().filter(request=request).first()
    if schedule is None or schedule.frequency != Frequency.IRREGULAR:
        raise StepNotOpen(
            "not_irregular",
            _(
                "Only an irregular notice has its rounds opened by hand; the others open by themselves."
            ),
        )
    day = timezone.localtime(at).date()
    problems = []
    try:
        named = parse(period)
    except ValueError:
        named = None
    if named is None or named.frequency != Frequency.IRREGULAR:
        problems.append(
            FieldProblem(
                "/period", "not_a_day", _("Give the day that names the round, such as 2026-09-14.")
            )
        )
    elif Round.objects.filter(request=request, period=period).exists():
        problems.append(
            FieldProblem(
                "/period", "taken", _("There is a round of this day already; choose another day.")
            )
        )
    on_time_until = on_time_until or due_on
    problems += _date_problems(due_on, on_time_until, locks_on, day)
    if problems:
        raise Invalid("round_wrong", _("The round cannot be opened like this."), fields=problems)
    round = Round.objects.create(
        request=request,
        period=period,
        opens_on=day,
        due_on=due_on,
        on_time_until=on_time_until,
        locks_on=locks_on,
    )
    issue(round, by=by, at=at, goes_on=True)
    return round


@transaction.atomic
def move_round(
    request: Request,
    period: str,
    *,
    due_on: dt.date,
    on_time_until: dt.date | None = None,
    locks_on: dt.date | None = None,
    reason: str,
    at: dt.datetime,
) -> tuple[Round, RoundDates]:
    """Give one round ahead another due date than the rule does; returns it and its dates before.

    The on-time limit moves with the due date where none is given; a closing day that would lie before
    them moves to the on-time limit. Only what is not opened moves: an open round is extended by name.
    """
    schedule = Schedule.objects.select_for_update().filter(request=request).first()
    ahead = _ahead(schedule, period)
    if schedule is None or ahead is None:
        raise StepNotOpen(
            "not_ahead",
            _("This round is not ahead: only a round that is not open yet can be moved."),
        )
    round = Round.objects.filter(request=request, period=period).first()
    before = planned_dates(schedule, ahead, round)
    on_time_until = on_time_until or due_on
    given_lock, locks_on = locks_on, locks_on or before.locks_on
    if given_lock is None and locks_on is not None:
        locks_on = max(locks_on, on_time_until)
    problems = _date_problems(due_on, on_time_until, locks_on, timezone.localtime(at).date())
    if due_on < before.opens_on:
        problems.append(
            FieldProblem("/due_on", "before_opening", _("The round opens only after this day."))
        )
    if not reason.strip():
        problems.append(FieldProblem("/reason", "required", _("Give the reason.")))
    if problems:
        raise Invalid("round_wrong", _("The round cannot be moved like this."), fields=problems)
    round = round or Round(request=request)
    round.moved_reason = reason.strip()
    set_dates(round, ahead, RoundDates(before.opens_on, due_on, on_time_until, locks_on))
    return round, before


def _ahead(schedule: Schedule | None, code: str) -> Period | None:
    """The period of this code, if its round is still to be opened."""
    if schedule is None or not schedule.next_period:
        return None
    try:
        period = parse(code)
    except ValueError:
        return None
    if period.frequency != schedule.frequency or period.start < parse(schedule.next_period).start:
        return None
    if schedule.last_period and period.start > parse(schedule.last_period).start:
        return None
    return period


def _date_problems(
    due_on: dt.date, on_time_until: dt.date, locks_on: dt.date | None, day: dt.date
) -> list[FieldProblem]:
    problems = order_problems(due_on, on_time_until, locks_on)
    if due_on < day:
        problems.append(
            FieldProblem(
                "/due_on", "in_the_past", _("The due date is past; choose today or a later day.")
            )
        )
    return problems
