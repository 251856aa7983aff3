"""When the rounds of a recurring request open, are due and close: arithmetic over periods and working days.

All dates hang on the last day of the period, which is day 0 (Civil Code, Art. 201). Calendar days end on
the next working day where they end on a day of rest (Art. 203). Nothing here is stored; a round copies its
dates when it opens, and each obligation copies them from the round.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platform_site.casework.workdays import LATEST, Unit, WorkCalendar
from platform_site.problems import FieldProblem

from .periods import REGULAR, Frequency, Period, from_to, parse

#: The longest term that a rule of dates takes, in working days or in calendar days.
MOST_DAYS = 250


class DueUnit(models.TextChoices):
    """In what the term of a due date is counted."""

    WORKING = Unit.WORKING.value, gettext_lazy("working days")
    CALENDAR = Unit.CALENDAR.value, gettext_lazy("calendar days")


@dataclass(frozen=True)
class DateRule:
    """``opens_after``: working days after the period's end; ``due_after``: working or calendar days after it.

    ``on_time_after``: working days after the due date; ``locks_after``: working days after the on-time
    limit, None where filing is never closed.
    """

    opens_after: int = 1
    due_after: int = 10
    due_unit: str = Unit.WORKING
    on_time_after: int = 0
    locks_after: int | None = None


@dataclass(frozen=True)
class RoundDates:
    """The dates of one round. ``provisional``: a year among them has no published plan."""

    opens_on: dt.date
    due_on: dt.date
    on_time_until: dt.date
    locks_on: dt.date | None
    provisional: bool = False

    def later(self, working_days: int, calendar: WorkCalendar) -> RoundDates:
        """The same round, opened so many working days late: whoever fills it in has as long as planned."""

        def move(day: dt.date) -> dt.date:
            return calendar.reckon(day, working_days, Unit.WORKING).due_on

        return replace(
            self,
            opens_on=move(self.opens_on),
            due_on=move(self.due_on),
            on_time_until=move(self.on_time_until),
            locks_on=move(self.locks_on) if self.locks_on else None,
        )


def dates_of(rule: DateRule, period: Period, calendar: WorkCalendar) -> RoundDates:
    """The dates that the rule gives to the round of this period."""
    end = period.end
    opens_on = calendar.reckon(end, rule.opens_after, Unit.WORKING).due_on
    due_on = calendar.reckon(end, rule.due_after, Unit(rule.due_unit)).due_on
    if not calendar.is_workday(due_on):
        due_on = calendar.reckon(due_on, 1, Unit.WORKING).due_on
    on_time_until = calendar.reckon(due_on, rule.on_time_after, Unit.WORKING).due_on
    locks_on = None
    if rule.locks_after is not None:
        locks_on = calendar.reckon(on_time_until, rule.locks_after, Unit.WORKING).due_on
    last = locks_on or on_time_until
    provisional = not all(year in calendar.years for year in range(opens_on.year, last.year + 1))
    return RoundDates(opens_on, due_on, on_time_until, locks_on, provisional)


@dataclass(frozen=True)
class Plan:
    """What an officer chooses: how often, for which periods, by which rule. Irregular has no periods."""

    frequency: str
    first: str = ""
    last: str = ""
    rule: DateRule = DateRule()

    @property
    def is_regular(self) -> bool:
        return self.frequency in REGULAR

    def periods(self, since: str = "") -> Iterator[Period]:
        """Its periods from ``since`` (default: the first) on, endless where there is no last one."""
        if not self.is_regular:
            return
        yield from from_to(parse(since or self.first), parse(self.last) if self.last else None)


def plan_problems(plan: Plan, calendar: WorkCalendar) -> list[FieldProblem]:
    """What is wrong with the plan of a recurring request; empty when nothing is."""
    found: list[FieldProblem] = []

    def problem(field: str, code: str, message: Any) -> None:
        found.append(FieldProblem(f"/schedule/{field}", code, message))

    if plan.frequency not in Frequency.values:
        problem("frequency", "not_an_option", _("Choose how often the notice asks."))
    if not plan.is_regular:
        return found
    periods: dict[str, Period] = {}
    for name, code in (("first_period", plan.first), ("last_period", plan.last)):
        if not code:
            continue
        try:
            period = parse(code)
        except ValueError:
            problem(name, "not_a_period", _("This is not a period; choose one, such as 2026-Q3."))
            continue
        if period.frequency != plan.frequency:
            problem(name, "other_frequency", _("This period does not go with how often is asked."))
        periods[name] = period
    if not plan.first:
        problem("first_period", "required", _("Choose the first period."))
    first, last = periods.get("first_period"), periods.get("last_period")
    if first and last and last.start < first.start:
        problem("last_period", "before_first", _("The last period cannot be before the first one."))
    found += _rule_problems(plan.rule)
    if first and not found:
        dates = dates_of(plan.rule, first, calendar)
        if dates.due_on < dates.opens_on:
            problem(
                "due_after",
                "before_opening",
                _("The report would be due before its round opens; give a longer term."),
            )
        elif (dates.locks_on or dates.on_time_until) > LATEST:
            problem("first_period", "too_far", _("This period is too far away."))
    return found


def _rule_problems(rule: DateRule) -> Iterator[FieldProblem]:
    if rule.due_unit not in DueUnit.values:
        yield FieldProblem(
            "/schedule/due_unit", "not_an_option", _("Choose working days or calendar days.")
        )
    for name, least in (
        ("opens_after", 1), ("due_after", 1), ("on_time_after", 0), ("locks_after", 0)
    ):  # fmt: skip
        days = getattr(rule, name)
        if days is not None and not least <= days <= MOST_DAYS:
            yield FieldProblem(
                f"/schedule/{name}",
                "out_of_range",
                _("Give a number of days from %(least)s to %(most)s.")
                % {"least": least, "most": MOST_DAYS},
            )
