"""Passing down what a federation owes to those below it, and ending what was passed down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from platform_site.audit import services as audit
from platform_site.casework.workflow import check_version, lock
from platform_site.federations.models import Federation
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen

from ..models import Obligation
from .obligations import order_problems, passed_down_problems


def check_passes_down(obligation: Obligation, person: Any, *, on: dt.date) -> None:
    """Raises NotAllowed or StepNotOpen where this cannot be passed down by this person now."""
    if not person.has_perm("obligations.pass_down", obligation):
        raise NotAllowed("not_yours", _("Only the federation itself passes down what it owes."))
    if obligation.settled_at or obligation.waived_at or obligation.cancelled_at:
        raise StepNotOpen(
            "not_open", _("It is “%(state)s” already.") % {"state": obligation.get_state_display()}
        )
    if obligation.signed_for_at is None:
        raise StepNotOpen("not_signed_for", _("Sign for the notice first."))
    if obligation.is_locked(on):
        raise StepNotOpen(
            "locked", _("This round is locked; nothing can be passed down for it any more.")
        )


@transaction.atomic
def pass_down(
    obligation: Obligation,
    recipients: Iterable[Federation],
    *,
    by: Any,
    due_on: dt.date | None,
    on_time_until: dt.date | None = None,
    locks_on: dt.date | None = None,
    at: dt.datetime | None = None,
) -> list[Obligation]:
    """Ask the federations directly below for the same, until a date of one's own; gives their obligations.

    Due before the own due date, counted as on time and open no longer than the own obligation. Given no lock,
    the own one holds. Who was asked already, also by somebody else, is refused; what was taken back can be
    passed down again. Raises Invalid, NotAllowed, StepNotOpen.
    """
    at = at or timezone.now()
    on = timezone.localtime(at).date()
    fresh = lock(obligation)
    check_passes_down(fresh, by, on=on)
    wanted = list(dict.fromkeys(recipients))
    on_time_until, locks_on = on_time_until or due_on, locks_on or fresh.locks_on
    there = {
        each.federation_id: each
        for each in Obligation.objects.filter(round=fresh.round_id, federation__in=wanted)
    }
    problems = _recipient_problems(fresh, wanted, there)
    problems += _date_problems(fresh, due_on, on_time_until, locks_on, on=on)
    if problems:
        raise Invalid("cannot_pass_down", _("It cannot be passed down like this."), fields=problems)
    dates = {"due_on": due_on, "on_time_until": on_time_until, "locks_on": locks_on}
    again = [each for each in there.values() if each.cancelled_at]
    for each in again:
        for name, day in dates.items():
            setattr(each, name, day)
        each.cancelled_at, each.issued_at = None, at
        each.version += 1
    Obligation.objects.bulk_update(again, [*dates, "cancelled_at", "issued_at", "version"])
    Obligation.objects.bulk_create(
        Obligation(round=fresh.round, federation=federation, parent=fresh, issued_at=at, **dates)
        for federation in wanted
        if federation.pk not in there
    )
    audit.record(
        "obligations.pass_down",
        fresh,
        by=by,
        at=at,
        federation=fresh.federation,
        facts={"to": [each.code for each in wanted], "due_on": str(due_on) if due_on else None},
    )
    return list(
        fresh.children.filter(federation__in=wanted)
        .select_related("federation")
        .order_by("federation__position", "federation__code")
    )


def _recipient_problems(
    parent: Obligation, wanted: list[Federation], there: dict[int, Obligation]
) -> list[FieldProblem]:
    if not wanted:
        return [FieldProblem("/recipients", "required", _("Choose at least one federation."))]
    problems = []
    for place, federation in enumerate(wanted):
        owed = there.get(federation.pk)
        if federation.parent_id != parent.federation_id:
            code, said = "not_below", _("%(federation)s is not directly below %(own)s.")
        elif owed and owed.parent_id != parent.pk:
            code, said = "asked_already", _("%(federation)s was asked by somebody else already.")
        elif owed and owed.waived_at:
            code, said = "waived", _("%(federation)s was let off this report.")
        elif owed and not owed.cancelled_at:
            code, said = "passed_already", _("It was passed down to %(federation)s already.")
        else:
            continue
        message = said % {"federation": federation.name, "own": parent.federation.name}
        problems.append(FieldProblem(f"/recipients/{place}", code, message))
    return problems


def _date_problems(
    parent: Obligation,
    due_on: dt.date | None,
    on_time_until: dt.date | None,
    locks_on: dt.date | None,
    *,
    on: dt.date,
) -> list[FieldProblem]:
    problems = passed_down_problems(parent, due_on=due_on)
    if due_on is None and parent.due_on is not None:
        problems.append(FieldProblem("/due_on", "required", _("Give the due date.")))
    elif due_on is not None and due_on < on:
        problems.append(FieldProblem("/due_on", "in_the_past", _("The due date is past.")))
    if not problems:
        problems += order_problems(due_on, on_time_until, locks_on)
    for name, given, limit in (
        ("on_time_until", on_time_until, parent.on_time_until),
        ("locks_on", locks_on, parent.locks_on),
    ):
        if not problems and given and limit and given > limit:
            message = _("It cannot be after that of %(federation)s itself, %(day)s.") % {
                "federation": parent.federation.name,
                "day": date_format(limit, "DATE_FORMAT"),
            }
            problems.append(FieldProblem(f"/{name}", "after_own", message))
    return problems


@transaction.atomic
def take_back(
    obligation: Obligation, *, by: Any, version: int, reason: str, at: dt.datetime | None = None
) -> list[Obligation]:
    """Take back what was passed down to one federation, with the reason, and what it passed down itself.

    Gives all that ended, the federation's own first. What was filed is never taken back: it is returned or
    waived. Raises Invalid, NotAllowed, StepNotOpen, Stale.
    """
    at = at or timezone.now()
    fresh = lock(obligation)
    if fresh.parent_id is None or not by.has_perm("obligations.take_back", fresh):
        raise NotAllowed("not_yours", _("Only the federation that passed it down takes it back."))
    if fresh.settled_at or fresh.waived_at or fresh.cancelled_at:
        raise StepNotOpen(
            "not_open", _("It is “%(state)s” already.") % {"state": fresh.get_state_display()}
        )
    filed = [each for each in [fresh, *_below(fresh)] if each.filed_at]
    if filed:
        raise StepNotOpen(
            "filed_already",
            _(
                "%(federation)s has filed already; what was filed stays. Return the report, or waive it"
                " with the reason."
            )
            % {"federation": filed[0].federation.name},
        )
    check_version(fresh, version)
    if not reason.strip():
        message = _("Give the reason.")
        raise Invalid(
            "reason_missing", message, fields=[FieldProblem("/reason", "required", message)]
        )
    before = fresh.state
    fresh.cancelled_at = at
    fresh.version += 1
    fresh.save(update_fields=["cancelled_at", "version"])
    audit.record(
        "obligations.take_back",
        fresh,
        by=by,
        at=at,
        from_state=before,
        to_state=fresh.state,
        federation=fresh.federation,
        note=reason.strip(),
    )
    return [fresh, *end_passed_down(fresh, at=at)]


@transaction.atomic
def end_passed_down(obligation: Obligation, *, at: dt.datetime) -> list[Obligation]:
    """Nothing is gathered for it any more: all that was passed down from it and is not settled is cancelled."""
    ended = [each for each in _below(obligation) if not (each.settled_at or each.waived_at)]
    for each in ended:
        each.cancelled_at = at
        each.version += 1
    Obligation.objects.bulk_update(ended, ["cancelled_at", "version"])
    return ended


def _below(obligation: Obligation) -> list[Obligation]:
    """What was passed down from it, step by step to the last tier, and was not cancelled; locked."""
    found: list[Obligation] = []
    level = [obligation]
    while level:
        level = list(
            Obligation.objects.filter(parent__in=level, cancelled_at=None)
            .select_for_update(of=("self",), no_key=True)
            .select_related("federation")
            .order_by("pk")
        )
        found += level
    return found
