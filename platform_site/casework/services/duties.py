"""Starting and meeting duties, and loading the working-day calendar."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.audit import services as audit
from platform_site.federations.models import Federation
from platform_site.problems import Invalid

from ..deadlines import Rule
from ..models import CalendarDay, Duty
from ..queries import forget_calendar, work_calendar
from ..workdays import EARLIEST, LATEST
from .cancelling import cancel_reminders


def _local_day(at: dt.datetime) -> dt.date:
    return timezone.localtime(at).date()


@transaction.atomic
def start(
    subject: models.Model,
    rule: Rule,
    *,
    by: Any,
    federation: Federation | int,
    title: str,
    due_on: dt.date | None = None,
    user: Any = None,
    barred: Any = None,
    matter: Any = None,
    remind_until: dt.date | None = None,
    at: dt.datetime | None = None,
) -> Duty:
    """Open a duty of ``federation`` about ``subject``; one that is open already is kept as it is.

    The date is ``due_on`` where given, else reckoned from the day of ``at`` by the rule's term, and
    frozen with the rule, so that a later change of the term moves no date.
    """
    return start_many(
        [(subject, federation)],
        rule,
        by=by,
        title=title,
        due_on=due_on,
        user=user,
        barred=barred,
        matter=matter,
        remind_until=remind_until,
        at=at,
    )[0]


@transaction.atomic
def start_many(
    subjects: Iterable[tuple[models.Model, Federation | int]],
    rule: Rule,
    *,
    by: Any,
    title: str,
    due_on: dt.date | None = None,
    user: Any = None,
    barred: Any = None,
    matter: Any = None,
    remind_until: dt.date | None = None,
    at: dt.datetime | None = None,
) -> list[Duty]:
    """Open one duty for each (subject, federation), set-wise. See :func:`start`.

    ``matter`` is the id of what all of them belong to (a notice): its own ladder of reminders holds
    for them. After ``remind_until`` nobody is reminded any more.
    """
    at = at or timezone.now()
    started_on = _local_day(at)
    amount, provisional = None, False
    calendar = work_calendar()
    if due_on is None and rule.term is not None:
        deadline = calendar.reckon(started_on, rule.term, rule.unit)
        due_on, amount, provisional = deadline.due_on, rule.term, deadline.provisional
    duties = [
        Duty(
            subject_type=ContentType.objects.get_for_model(subject),
            subject_id=subject.pk,
            rule_code=rule.code,
            title=title[:300],
            federation_id=federation if isinstance(federation, int) else federation.pk,
            permission=rule.permission,
            user=user,
            barred=barred,
            matter_id=matter,
            started_on=started_on,
            due_on=due_on,
            dated_on=started_on,
            remind_until=remind_until,
            amount=amount,
            unit=rule.unit if amount is not None else "",
            provisional=provisional,
            opened_by=by,
            opened_at=at,
        )
        for subject, federation in subjects
    ]
    Duty.objects.bulk_create(duties, ignore_conflicts=True)
    return duties


@transaction.atomic
def meet(subject: models.Model, rule: Rule, *, by: Any, at: dt.datetime | None = None) -> int:
    """Close the open duty of this rule about ``subject``: it was done. Returns how many were open."""
    return _end(subject, [rule], by=by, at=at, outcome=Duty.Outcome.DONE)


@transaction.atomic
def cancel(subject: models.Model, *rules: Rule, by: Any, at: dt.datetime | None = None) -> int:
    """Close open duties that nobody has to do any more."""
    return _end(subject, rules, by=by, at=at, outcome=Duty.Outcome.CANCELLED)


def _end(
    subject: models.Model, rules: Iterable[Rule], *, by: Any, at: Any, outcome: Duty.Outcome
) -> int:
    return _close(
        Duty.objects.open().filter(
            subject_type=ContentType.objects.get_for_model(subject),
            subject_id=subject.pk,
            rule_code__in=[rule.code for rule in rules],
        ),
        by=by,
        at=at,
        outcome=outcome,
    )


def _close(duties: models.QuerySet[Duty], *, by: Any, at: Any, outcome: Duty.Outcome) -> int:
    """End the duties, and with them whatever was still to remind of them."""
    ended = list(
        duties.select_for_update(no_key=True, of=("self",))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if ended:
        Duty.objects.filter(pk__in=ended).update(
            done_by=by, done_at=at or timezone.now(), outcome=outcome
        )
        cancel_reminders(ended)
    return len(ended)


@transaction.atomic
def move(
    subject: models.Model,
    *rules: Rule,
    due_on: dt.date,
    remind_until: dt.date | None = None,
    by: Any,
    note: str,
    at: dt.datetime | None = None,
) -> int:
    """Give the open duties of these rules about ``subject`` another date; their ladder begins anew.

    What was still to be said about the former date is cancelled. Returns how many moved.
    """
    at = at or timezone.now()
    moved = list(
        Duty.objects.open()
        .filter(
            subject_type=ContentType.objects.get_for_model(subject),
            subject_id=subject.pk,
            rule_code__in=[rule.code for rule in rules],
        )
        .select_for_update(no_key=True, of=("self",))
        .select_related("federation")
        .order_by("pk")
    )
    for duty in moved:
        before, duty.due_on = duty.due_on, due_on
        duty.dated_on, duty.remind_until = _local_day(at), remind_until
        duty.save(update_fields=["due_on", "dated_on", "remind_until"])
        audit.record(
            "casework.duty_moved",
            duty,
            by=by,
            at=at,
            federation=duty.federation,
            note=note,
            facts={"from": before.isoformat() if before else "", "to": due_on.isoformat()},
        )
    cancel_reminders([duty.pk for duty in moved])
    return len(moved)


@transaction.atomic
def cancel_many(
    subjects: models.QuerySet, *rules: Rule, by: Any, at: dt.datetime | None = None
) -> int:
    """Close the open duties of these rules about all of ``subjects``, set-wise."""
    return _close(
        Duty.objects.open().filter(
            subject_type=ContentType.objects.get_for_model(subjects.model),
            subject_id__in=subjects.values("pk"),
            rule_code__in=[rule.code for rule in rules],
        ),
        by=by,
        at=at,
        outcome=Duty.Outcome.CANCELLED,
    )


@transaction.atomic
def load_calendar(path: Path, *, by: Any = None) -> list[tuple[Duty, dt.date]]:
    """Take over a file of named days (date,is_workday,name,source); all rows or none.

    Years in the file replace what was known of them. Open duties whose date was provisional are
    reckoned anew; returns those that moved, each with its former date, so that people can be told.
    """
    days = _read_calendar(path)
    years = {day.date.year for day in days}
    CalendarDay.objects.filter(date__year__in=years).delete()
    CalendarDay.objects.bulk_create(days)
    forget_calendar()
    moved = []
    calendar = work_calendar()
    for duty in Duty.objects.open().filter(provisional=True).select_for_update(no_key=True):
        deadline = calendar.reckon(duty.started_on, duty.amount or 0, duty.rule.unit)
        if (deadline.due_on, deadline.provisional) != (duty.due_on, duty.provisional):
            before, duty.due_on = duty.due_on, deadline.due_on
            duty.provisional = deadline.provisional
            if before != duty.due_on:
                duty.dated_on = timezone.localdate()
            duty.save(update_fields=["due_on", "provisional", "dated_on"])
            if before and before != duty.due_on:
                cancel_reminders([duty.pk])
                moved.append((duty, before))
                audit.record(
                    "casework.duty_moved",
                    duty,
                    by=by,
                    federation=duty.federation,
                    note=_("The working-day calendar was published."),
                    facts={"from": before.isoformat(), "to": duty.due_on.isoformat()},
                )
    return moved


def _read_calendar(path: Path) -> list[CalendarDay]:
    days = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                date = dt.date.fromisoformat(row["date"])
                if not EARLIEST <= date <= LATEST or row["is_workday"] not in {"0", "1"}:
                    raise ValueError(row)
                days[date] = CalendarDay(
                    date=date,
                    is_workday=row["is_workday"] == "1",
                    name=row["name"],
                    source=row["source"],
                )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise Invalid(
            "calendar_unreadable",
            _("The calendar file cannot be read: %(reason)s") % {"reason": error},
        ) from error
    return list(days.values())
