"""What keeps a notice from going on: what is missing, dates that cannot be, a plan without a first round."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from platform_site.casework.queries import work_calendar
from platform_site.casework.workdays import LATEST
from platform_site.federations.models import Federation
from platform_site.obligations import services as obligations
from platform_site.obligations.periods import Frequency, parse
from platform_site.obligations.schedules import Plan, dates_of, plan_problems
from platform_site.problems import FieldProblem, Invalid
from platform_site.questionnaires.models import Form

from ..models import Asks, BusinessLine, Notice


def problems_of(
    *,
    title: str,
    text: str,
    asks: str,
    business_line: str,
    form: Form | None,
    due_on: dt.date | None,
    on_time_until: dt.date | None,
    locks_on: dt.date | None,
    recipients: list[Federation],
    plan: Plan | None,
    on: dt.date,
) -> list[FieldProblem]:
    """What keeps this from being a notice; empty when nothing does."""
    found = []

    def problem(field: str, code: str, message: str) -> None:
        found.append(FieldProblem(f"/{field}", code, message))

    if not title.strip():
        problem("title", "required", _("Give the notice a title."))
    if not text.strip():
        problem("text", "required", _("Write the text of the notice."))
    if asks not in Asks.values:
        problem("asks", "not_an_option", _("Choose what the notice asks for."))
    if business_line not in BusinessLine.values:
        problem("business_line", "not_an_option", _("Choose the business line."))
    if asks in Asks.values and asks != Asks.NOTHING:
        if form is None:
            problem("form", "required", _("Choose the form that federations fill in."))
        elif form.current() is None:
            problem("form", "no_version", _("This form has no questions yet."))
    if not recipients:
        problem("recipients", "required", _("Choose at least one recipient."))
    if plan is not None and plan.frequency != Frequency.ONCE:
        found += _plan_problems(plan, asks, on)
        if plan.is_regular:  # its dates follow from the plan
            return found
    if due_on is None:
        problem("due_on", "required", _("Give the due date."))
    elif due_on < on:
        problem("due_on", "in_the_past", _("The due date is past; choose today or a later day."))
    elif due_on > LATEST:
        problem("due_on", "too_far", _("The due date is too far away."))
    return found + obligations.order_problems(due_on, on_time_until, locks_on)


def _plan_problems(plan: Plan, asks: str, on: dt.date) -> list[FieldProblem]:
    """What is wrong with how it recurs: the plan, or a first round whose due date is past."""
    if asks == Asks.NOTHING:
        message = _("What is only signed for is asked once.")
        return [FieldProblem("/schedule/frequency", "nothing_recurs", message)]
    calendar = work_calendar()
    found = plan_problems(plan, calendar)
    if plan.is_regular and not found:
        due_on = dates_of(plan.rule, parse(plan.first), calendar).due_on
        if due_on < on:
            message = _(
                "The first round would have been due on %(day)s; choose a later first period."
            ) % {"day": date_format(due_on, "DATE_FORMAT")}
            found.append(FieldProblem("/schedule/first_period", "in_the_past", message))
    return found


def refuse(problems: list[FieldProblem]) -> None:
    if problems:
        raise Invalid("notice_incomplete", _("The notice cannot go on like this."), fields=problems)


def addressed(notice: Notice) -> list[Federation]:
    return list(
        Federation.objects.filter(pk__in=notice.request.addressees.values("federation")).order_by(
            "position"
        )
    )


def check_ready(notice: Notice, at: dt.datetime) -> None:
    refuse(
        problems_of(
            title=notice.title,
            text=notice.text,
            asks=notice.asks,
            business_line=notice.business_line,
            form=notice.form,
            due_on=notice.round.due_on,
            on_time_until=notice.round.on_time_until,
            locks_on=notice.round.locks_on,
            recipients=addressed(notice),
            plan=notice.schedule.plan if notice.schedule else None,
            on=timezone.localtime(at).date(),
        )
    )
