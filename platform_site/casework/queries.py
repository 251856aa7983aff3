"""Reading the calendar and the to-do lists."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef
from django.utils import timezone

from platform_site.accounts.models import RoleAssignment
from platform_site.accounts.permissions import get as permission_of
from platform_site.accounts.roles import Role

from .ladder import RUNG_OF_ROLE
from .models import (
    CalendarDay,
    CalendarFeed,
    Duty,
    DutyQuerySet,
    Ladder,
    Nudge,
    NudgeTarget,
    Reminder,
    ReminderPreference,
    ReminderQuerySet,
    ReminderRule,
    Rung,
)
from .workdays import NamedDay, WorkCalendar

_CACHE_SECONDS = 60.0
_cached: tuple[float, WorkCalendar] | None = None


def today() -> dt.date:
    """The date in Asia/Shanghai."""
    return timezone.localdate()


def work_calendar() -> WorkCalendar:
    """The published calendar. Kept for a minute in the process: it changes once a year."""
    global _cached
    if _cached and time.monotonic() - _cached[0] < _CACHE_SECONDS:
        return _cached[1]
    days = {
        row["date"]: NamedDay(**row)
        for row in CalendarDay.objects.values("date", "is_workday", "name", "source")
    }
    # A plan always names New Year's Day; a year is published when its plan names days of it.
    years = frozenset(day.year for day in days)
    calendar = WorkCalendar(days, years)
    if days:
        _cached = (time.monotonic(), calendar)
    return calendar


def forget_calendar() -> None:
    global _cached
    _cached = None


@dataclass(frozen=True)
class DueDate:
    """A due date as a page shows it: with the working days left and what lies between."""

    due_on: dt.date
    working_days_left: int
    rest_day: NamedDay | None
    is_rest_day: bool
    provisional: bool
    between: tuple[NamedDay, ...]

    @property
    def is_late(self) -> bool:
        return self.working_days_left < 0 or self.due_on < today()

    @property
    def is_near(self) -> bool:
        return not self.is_late and self.working_days_left <= 3


def look_at(due_on: dt.date, on: dt.date | None = None) -> DueDate:
    """``due_on`` seen from ``on`` (default today)."""
    calendar, on = work_calendar(), on or today()
    return DueDate(
        due_on=due_on,
        working_days_left=calendar.working_days_between(on, due_on),
        rest_day=calendar.days.get(due_on),
        is_rest_day=not calendar.is_workday(due_on),
        provisional=not (calendar.is_published(on) and calendar.is_published(due_on)),
        between=calendar.named_between(on, due_on),
    )


def todo(user: Any) -> DutyQuerySet:
    """待办: what waits for this user, the nearest date first."""
    return Duty.objects.visible_to(user).open()


def done(user: Any) -> DutyQuerySet:
    """已办: what this user did."""
    return Duty.objects.filter(done_by=user, outcome=Duty.Outcome.DONE)


def started(user: Any) -> DutyQuerySet:
    """我发起: what this user's acts gave others to do."""
    return Duty.objects.filter(opened_by=user).exclude(done_by=user)


def todo_count(user: Any) -> int:
    return todo(user).count()


def ladder_of(matter: Any) -> list[ReminderRule]:
    """The rules that hold for a matter: its own, or the default ones."""
    rules = ReminderRule.objects.filter(ended_at=None).select_related("ladder")
    own = Ladder.objects.filter(matter_id=matter).exists() if matter else False
    return list(rules.filter(ladder__matter_id=matter if own else None))


def nudges_of(matter: Any, *, federations: Any = None) -> list[Nudge]:
    """Every nudge of a matter, the newest first, with its results; of ``federations`` (ids) alone if given."""
    nudges = Nudge.objects.filter(matter_id=matter)
    if federations is not None:
        nudges = nudges.filter(
            Exists(NudgeTarget.objects.filter(nudge=OuterRef("pk"), federation__in=federations))
        )
    return list(nudges.prefetch_related("targets__federation"))


def reminders_of(matter: Any, federation_id: int) -> ReminderQuerySet:
    """What one federation was told about a matter, newest first: for both sides to see.

    The caller must have found by ``visible_to()`` what that federation owes.
    """
    return (
        Reminder.objects.filter(duty__matter_id=matter, duty__federation_id=federation_id)
        .select_related("duty", "rule", "nudge", "user", "delivery")
        .order_by("-recorded_at", "user__name", "channel")
    )


@dataclass(frozen=True)
class ReminderFigures:
    """How the machine stands: rows not yet written, the oldest of them, and what failed."""

    recorded: int
    oldest_seconds: float
    failed: int


def reminder_figures() -> ReminderFigures:
    row = Reminder.objects.filter(state=Reminder.State.RECORDED).aggregate(
        n=Count("pk"), oldest=Min("recorded_at")
    )
    age = (timezone.now() - row["oldest"]).total_seconds() if row["oldest"] else 0.0
    failed = Reminder.objects.filter(delivery__state="failed").count()
    return ReminderFigures(row["n"], age, failed)


def people_in_post(federations: Iterable[int], on: dt.date) -> dict[int, list[RoleAssignment]]:
    """Who is in post at these federations, two queries; whoever is substituted for is away."""
    held = RoleAssignment.objects.in_force(on).filter(
        federation__in=list(federations), user__is_active=True
    )
    away = RoleAssignment.objects.in_force(on).filter(substitutes__in=held).values("substitutes")
    found: dict[int, list[RoleAssignment]] = {}
    for seat in (
        held.exclude(pk__in=away)
        .select_related("user__reminder_preference")
        .order_by("user__username")
    ):
        found.setdefault(seat.federation_id, []).append(seat)
    return found


def on_rungs(
    seats: Iterable[RoleAssignment], permission: str, barred: Any = None
) -> dict[int, list[Any]]:
    """The people of these offices by rung; on the lowest stand only those who may do it."""
    able = permission_of(permission).roles
    found: dict[int, list[Any]] = {}
    for seat in seats:
        rung = RUNG_OF_ROLE.get(Role(seat.role))
        if rung is None or (rung == Rung.OFFICER and seat.role not in able):
            continue
        if seat.user_id != barred and seat.user not in found.setdefault(rung, []):
            found[rung].append(seat.user)
    return found


def reached_by(people: Mapping[int, list[Any]], rung: int) -> tuple[int, list[Any]]:
    """Whom a rule for this rung reaches: those on it, else on the next one up that is manned."""
    for each in range(rung, max(Rung.values) + 1):
        if people.get(each):
            return each, people[each]
    return rung, []


def preference_of(user: Any) -> ReminderPreference:
    """What the person chose, or the default; nothing is written."""
    return ReminderPreference.objects.filter(user=user).first() or ReminderPreference(user=user)


def feed_of(user: Any) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(user=user, revoked_at=None).first()
