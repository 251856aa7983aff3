"""``{% load clock %}{% due date %}``: a due date with the working days left, and how it came about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from platform_site.casework.models import Duty
from platform_site.casework.queries import DueDate, look_at, today, work_calendar
from platform_site.casework.workdays import NamedDay, Unit
from platform_site.web.templatetags.platform import render_tag

register = template.Library()


@register.inclusion_tag("components/due.html")
def due(value: Any, ended: bool = False, provisional: bool = False) -> dict[str, Any]:
    """The date and a chip: 5 working days left, due today, 2 working days late.

    ``value`` is a date, a ``DueDate`` or nothing (no clock). ``ended`` leaves the chip out: what is
    filed has no days left.
    """
    if not value:
        return {"date": None}
    seen = value if isinstance(value, DueDate) else look_at(value)
    tone, words = _chip(seen)
    return {
        "date": seen.due_on,
        "tone": tone,
        "words": words,
        "ended": ended,
        "provisional": not ended and (provisional or seen.provisional),
    }


@register.simple_tag
def due_chip(value: dt.date | DueDate) -> SafeString:
    """The chip alone, where the date stands beside it already."""
    return render_tag(*_chip(value if isinstance(value, DueDate) else look_at(value)), "clock")


def _chip(seen: DueDate) -> tuple[str, str]:
    left = seen.working_days_left
    if seen.is_late:
        # A date on a rest day is past before a working day has gone by.
        if left == 0:
            return "red", _("overdue")
        late = ngettext("%(n)s working day late", "%(n)s working days late", -left)
        return "red", late % {"n": -left}
    if seen.due_on == today():
        return "amber", _("due today")
    words = ngettext("%(n)s working day left", "%(n)s working days left", left) % {"n": left}
    return ("amber" if seen.is_near else "blue"), words


@dataclass(frozen=True)
class Run:
    """Days of one name that follow each other: "National Day, 1 to 8 October"."""

    name: str
    first: dt.date
    last: dt.date
    is_workday: bool


def runs(days: Iterable[NamedDay]) -> list[Run]:
    """Named days put together, so that a week's holiday is one line."""
    found: list[Run] = []
    for day in days:
        latest = found[-1] if found else None
        if (
            latest
            and (latest.name, latest.is_workday) == (day.name, day.is_workday)
            and day.date - latest.last == dt.timedelta(days=1)
        ):
            found[-1] = Run(latest.name, latest.first, day.date, day.is_workday)
        else:
            found.append(Run(day.name, day.date, day.date, day.is_workday))
    return found


@register.filter
def named_runs(days: Iterable[NamedDay]) -> list[Run]:
    return runs(days)


@register.inclusion_tag("components/due_basis.html")
def due_basis(subject: Duty | DueDate | dt.date | None) -> dict[str, Any]:
    """How a date was computed: from which day, how many of what, which named days lie between."""
    if isinstance(subject, Duty):
        return _basis_of_duty(subject)
    if not subject:
        return {"basis": None}
    seen = subject if isinstance(subject, DueDate) else look_at(subject)
    return {
        "basis": "date",
        "seen": seen,
        "left": abs(seen.working_days_left),
        "runs": runs(seen.between),
        "provisional": seen.provisional,
    }


def _basis_of_duty(duty: Duty) -> dict[str, Any]:
    if duty.due_on is None:
        return {"basis": None}
    cites = duty.rule.cites
    if duty.amount is None:
        return {"basis": "given", "cites": cites, "provisional": duty.provisional}
    deadline = work_calendar().reckon(duty.started_on, duty.amount, Unit(duty.unit))
    return {
        "basis": "term",
        "cites": cites,
        "start": duty.started_on,
        "amount": duty.amount,
        "term": _term(duty.amount, Unit(duty.unit)),
        "runs": runs(deadline.passed_over),
        "provisional": duty.provisional,
    }


def _term(amount: int, unit: Unit) -> str:
    words = {
        Unit.WORKING: ngettext("%(n)s working day", "%(n)s working days", amount),
        Unit.CALENDAR: ngettext("%(n)s calendar day", "%(n)s calendar days", amount),
        Unit.MONTH: ngettext("%(n)s month", "%(n)s months", amount),
        Unit.YEAR: ngettext("%(n)s year", "%(n)s years", amount),
    }[unit]
    return words % {"n": amount}
