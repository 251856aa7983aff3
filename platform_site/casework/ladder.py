"""When a rule of reminding falls due, and what its text may say. Arithmetic only: no row is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platform_site.accounts.roles import Role

from .workdays import Unit, WorkCalendar

#: Which offices stand on which rung of the ladder (models.Rung).
RUNG_OF_ROLE: Mapping[Role, int] = {
    Role.LIAISON_OFFICER: 0,
    Role.NATIONAL_OFFICER: 0,
    Role.CASEWORK_OFFICER: 0,
    Role.EDITOR: 0,
    Role.DEPARTMENT_HEAD: 1,
    Role.PROVINCIAL_LEADER: 2,
    Role.NATIONAL_LEADER: 2,
}

#: What a text may name in braces, and what stands there for a reader of the form.
PLACEHOLDERS: Mapping[str, Any] = {
    "name": gettext_lazy("name of the recipient"),
    "federation": gettext_lazy("federation that has to act"),
    "what": gettext_lazy("what is to be done"),
    "title": gettext_lazy("title of the notice"),
    "due_on": gettext_lazy("due date"),
    "days_left": gettext_lazy("working days left, or late"),
}


@dataclass(frozen=True)
class Fall:
    """A day on which a rule wants somebody reminded; ``nth`` counts its repetitions."""

    day: dt.date
    nth: int


def falls_on(due_on: dt.date, days: int, calendar: WorkCalendar) -> dt.date:
    """The day ``days`` working days from the due date; 0 is the due date itself, rest day or not."""
    return calendar.reckon(due_on, days, Unit.WORKING).due_on if days else due_on


def newest_fall(
    due_on: dt.date, *, days: int, every: int | None, today: dt.date, calendar: WorkCalendar
) -> Fall | None:
    """The last time up to ``today`` at which the rule fell due; None when it has not yet.

    Of the times that were missed only the newest counts: whoever comes back from a week without
    power is told once how things stand, not five times how they stood.
    """
    first = falls_on(due_on, days, calendar)
    if first > today:
        return None
    if every is None:
        return Fall(first, 0)
    since = calendar.working_days_between(first, today)
    nth = max(since, 0) // every
    day = calendar.reckon(first, nth * every, Unit.WORKING).due_on if nth else first
    return Fall(day, nth)


def days_of(
    due_on: dt.date, rules: Iterable[Any], calendar: WorkCalendar
) -> list[tuple[dt.date, Any]]:
    """Each rule with the day it first falls on, in order: the ladder as a page shows it."""
    return sorted(
        ((falls_on(due_on, rule.days, calendar), rule) for rule in rules),
        key=lambda pair: (pair[0], pair[1].rung),
    )


def text_problem(text: str) -> str:
    """What is wrong with a text of a rule; empty when nothing is."""
    if not text.strip():
        return _("Write what the reminder says.")
    try:
        fields = [
            field for _literal, field, _spec, _conv in Formatter().parse(text) if field is not None
        ]
    except ValueError:
        return _("The braces do not match: write { and } in pairs.")
    for field in fields:
        if field not in PLACEHOLDERS:
            return _("“{%(field)s}” is no placeholder; use one of: %(known)s.") % {
                "field": field,
                "known": " ".join(f"{{{name}}}" for name in PLACEHOLDERS),
            }
    return ""


def fill(text: str, values: Mapping[str, Any]) -> str:
    """The text with its placeholders replaced: plain names only, never attributes or formats."""
    return "".join(
        literal + (str(values.get(field, "")) if field is not None else "")
        for literal, field, _spec, _conv in Formatter().parse(text)
    )


def may_speak(
    now: dt.datetime, calendar: WorkCalendar, hours: tuple[dt.time, dt.time]
) -> tuple[bool, bool]:
    """Whether reminders may go now, and whether those of a last day may.

    Ordinary ones keep to working days and office hours. On the last day neither holds back, from
    seven in the morning on: the day is open until midnight.
    """
    opens, closes = hours
    ordinary = calendar.is_workday(now.date()) and opens <= now.time() < closes
    return ordinary, now.time() >= min(opens, dt.time(7))
