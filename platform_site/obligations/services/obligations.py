"""Issuing a request to federations and following each obligation to its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from platform_site.audit import services as audit
from platform_site.casework.workflow import check_version, lock
from platform_site.federations import services as federations
from platform_site.federations.models import Federation, Holding
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen
from platform_site.webhooks.services import emit_once

from ..models import Addressee, Allowance, Obligation, Request, Round


@transaction.atomic
def address(request: Request, recipients: Iterable[Federation]) -> None:
    """Set the recipients of a request that is not issued yet."""
    wanted = {federation.pk for federation in recipients}
    request.addressees.exclude(federation__in=wanted).delete()
    Addressee.objects.bulk_create(
        [Addressee(request=request, federation_id=pk) for pk in sorted(wanted)],
        ignore_conflicts=True,
    )


@transaction.atomic
def issue(
    round: Round, *, by: Any, at: dt.datetime | None = None, goes_on: bool = False
) -> list[Obligation]:
    """Give each addressee one obligation whose dates are frozen from now on.

    ``goes_on``: a later round of the same request. Who signed for the request before has it signed for
    with that signature, leader and department: a request is signed for once. Raises Invalid when there is nobody to address, StepNotOpen when it was issued before.
    """
    at = at or timezone.now()
    if round.obligations.exists():
        raise StepNotOpen("issued_already", _("This has been issued already."))
    recipients = round.request.addressees.order_by("federation__position").values_list(
        "federation_id", flat=True
    )
    if not recipients:
        raise Invalid(
            "no_recipients",
            _("Choose at least one recipient."),
            fields=[FieldProblem("/recipients", "required", _("Choose at least one recipient."))],
        )
    round.opened_at = at
    round.save(update_fields=["opened_at"])
    signed = _signed_before(round) if goes_on else {}
    Obligation.objects.bulk_create(
        Obligation(
            **signed.get(federation, {}),
            round=round,
            federation_id=federation,
            due_on=round.due_on,
            on_time_until=round.on_time_until,
            locks_on=round.locks_on,
            issued_at=at,
        )
        for federation in recipients
    )
    return list(round.obligations.select_related("federation").order_by("federation__position"))


def _signed_before(round: Round) -> dict[int, dict[str, Any]]:
    """By federation: the marks of signing for that it last gave for a round of this request (one query)."""
    rows = (
        Obligation.objects.filter(
            round__request=round.request_id, parent=None, signed_for_at__isnull=False
        )
        .order_by("federation_id", "-issued_at", "-id")
        .distinct("federation_id")
        .values("federation_id", "signed_for_at", "signed_for_by_id", "leader_id", "department")
    )
    signed: list[dict[str, Any]] = [dict(row) for row in rows]
    return {row.pop("federation_id"): row for row in signed}


@transaction.atomic
def sign_along(obligation: Obligation) -> list[Obligation]:
    """Sign for the other rounds of the same request as well, which waited with this one."""
    waiting = list(
        Obligation.objects.filter(
            round__request=obligation.round.request_id,
            federation=obligation.federation_id,
            parent=obligation.parent_id,
            signed_for_at=None,
            waived_at=None,
            cancelled_at=None,
        )
        .exclude(pk=obligation.pk)
        .select_for_update(no_key=True, of=("self",))
        .select_related("round")
        .order_by("pk")
    )
    for other in waiting:
        other.signed_for_at, other.signed_for_by = (
            obligation.signed_for_at,
            obligation.signed_for_by,
        )
        other.leader, other.department = obligation.leader, obligation.department
        other.version += 1
    Obligation.objects.bulk_update(
        waiting, ["signed_for_at", "signed_for_by", "leader", "department", "version"]
    )
    return waiting


@transaction.atomic
def sign_for(
    obligation: Obligation,
    *,
    by: Any,
    version: int,
    leader_name: str,
    leader_title: str = "",
    department: str,
    settles: bool = False,
    at: dt.datetime | None = None,
) -> Obligation:
    """签收: the federation has received it; it names its leader in charge and the department.

    The leader becomes the federation's holder of that post (its history is kept: the centre asks who
    was in charge when). ``settles`` where nothing is to be filed.
    """
    at = at or timezone.now()
    fresh = lock(obligation)
    if not by.has_perm("obligations.sign_for", fresh):
        raise NotAllowed("not_yours", _("Only the federation itself signs for it."))
    if fresh.state != Obligation.State.WAITING:
        raise StepNotOpen(
            "signed_for_already",
            _("It is “%(state)s” already.") % {"state": fresh.get_state_display()},
        )
    check_version(fresh, version)
    problems = [
        FieldProblem(f"/{name}", "required", message)
        for name, value, message in (
            ("leader_name", leader_name, _("Give the name of the leader in charge.")),
            ("department", department, _("Give the responsible department.")),
        )
        if not value.strip()
    ]
    if problems:
        raise Invalid("incomplete", _("Some answers are missing."), fields=problems)
    fresh.leader = federations.appoint(
        fresh.federation,
        Holding.Post.LEADER_IN_CHARGE,
        name=leader_name.strip(),
        title=leader_title.strip(),
        since=timezone.localtime(at).date(),
        by=by,
    )
    fresh.department = department.strip()
    fresh.signed_for_at, fresh.signed_for_by = at, by
    if settles:
        fresh.settled_at = at
    fresh.version += 1
    fresh.save()
    audit.record(
        "obligations.sign_for",
        fresh,
        by=by,
        at=at,
        from_state=Obligation.State.WAITING,
        to_state=fresh.state,
        federation=fresh.federation,
        facts={"department": fresh.department},
    )
    return fresh


@transaction.atomic
def mark_filed(obligation: Obligation, *, at: dt.datetime) -> Obligation:
    """The first submission decides on time or late for good; later ones change nothing."""
    fresh = lock(obligation)
    if fresh.filed_at is None:
        fresh.filed_at = at
        fresh.version += 1
        fresh.save(update_fields=["filed_at", "version"])
    return fresh


@transaction.atomic
def settle(obligation: Obligation, *, at: dt.datetime) -> Obligation:
    """What was owed has been accepted."""
    fresh = lock(obligation)
    fresh.settled_at = at
    fresh.version += 1
    fresh.save(update_fields=["settled_at", "version"])
    return fresh


@transaction.atomic
def cancel_open(round: Round, *, at: dt.datetime) -> list[Obligation]:
    """Nothing more is owed: every obligation that is not settled ends as cancelled."""
    still_open = list(round.obligations.unsettled().select_for_update(no_key=True).order_by("pk"))
    for obligation in still_open:
        obligation.cancelled_at = at
        obligation.version += 1
    Obligation.objects.bulk_update(still_open, ["cancelled_at", "version"])
    return still_open


def order_problems(
    due_on: dt.date | None, on_time_until: dt.date | None, locks_on: dt.date | None
) -> list[FieldProblem]:
    """What is wrong with the order of the three dates: due ≤ on time until ≤ lock."""
    found = []
    if due_on and on_time_until and on_time_until < due_on:
        found.append(
            FieldProblem(
                "/on_time_until",
                "before_due_date",
                _("The on-time limit cannot be before the due date."),
            )
        )
    latest = max((day for day in (due_on, on_time_until) if day), default=None)
    if locks_on and latest and locks_on < latest:
        found.append(
            FieldProblem(
                "/locks_on",
                "before_on_time_limit",
                _("The closing day cannot be before the due date and the on-time limit."),
            )
        )
    return found


def passed_down_problems(
    parent: Obligation | None, *, due_on: dt.date | None
) -> list[FieldProblem]:
    """What was passed down is due before what it is gathered for."""
    if parent is None or parent.due_on is None or due_on is None or due_on < parent.due_on:
        return []
    return [
        FieldProblem(
            "/due_on",
            "not_before_own_due_date",
            _("It must be before the due date of %(federation)s itself, %(day)s.")
            % {
                "federation": parent.federation.name,
                "day": date_format(parent.due_on, "DATE_FORMAT"),
            },
        )
    ]


@transaction.atomic
def extend(
    obligation: Obligation,
    *,
    by: Any,
    version: int,
    due_on: dt.date,
    on_time_until: dt.date | None = None,
    locks_on: dt.date | None = None,
    reason: str,
    at: dt.datetime | None = None,
) -> tuple[Obligation, Allowance]:
    """延期: give this one federation more time, by name and with the reason; nobody else's dates move.

    The on-time limit moves with the due date where none is given; a lock that would lie before them
    moves to the on-time limit. Raises Invalid, NotAllowed, StepNotOpen, Stale.
    """
    at = at or timezone.now()
    fresh = _open_for(obligation, "obligations.extend", by=by, version=version)
    if fresh.filed_at is not None:
        raise StepNotOpen(
            "filed_already", _("It was filed already; its first submission decides on the date.")
        )
    problems = []
    if fresh.due_on is None:
        raise StepNotOpen("no_clock", _("This has no due date that could be extended."))
    if due_on <= fresh.due_on:
        problems.append(
            FieldProblem(
                "/due_on", "not_later", _("The new due date must be later than the present one.")
            )
        )
    elif due_on < timezone.localtime(at).date():
        problems.append(FieldProblem("/due_on", "in_the_past", _("The new due date is past.")))
    problems += passed_down_problems(fresh.parent, due_on=due_on)
    on_time_until = on_time_until or due_on
    given_lock, locks_on = locks_on, locks_on or fresh.locks_on
    if given_lock is None and locks_on is not None:
        locks_on = max(locks_on, on_time_until)
    problems += order_problems(due_on, on_time_until, locks_on)
    problems += _reason_problems(reason)
    if problems:
        raise Invalid(
            "extension_wrong", _("The extension cannot be given like this."), fields=problems
        )
    allowance = Allowance.objects.create(
        obligation=fresh,
        kind=Allowance.Kind.EXTENSION,
        from_due_on=fresh.due_on,
        to_due_on=due_on,
        to_on_time_until=on_time_until,
        reason=reason.strip(),
        by=by,
        by_name=by.name,
        at=at,
    )
    fresh.due_on, fresh.on_time_until, fresh.locks_on = due_on, on_time_until, locks_on
    fresh.version += 1
    fresh.save(update_fields=["due_on", "on_time_until", "locks_on", "version"])
    audit.record(
        "obligations.extend",
        fresh,
        by=by,
        at=at,
        federation=fresh.federation,
        note=allowance.reason,
        facts={"from": str(allowance.from_due_on), "to": str(due_on)},
    )
    return fresh, allowance


@transaction.atomic
def waive(
    obligation: Obligation, *, by: Any, version: int, reason: str, at: dt.datetime | None = None
) -> tuple[Obligation, Allowance]:
    """免报: let this one federation off, by name and with the reason."""
    at = at or timezone.now()
    fresh = _open_for(obligation, "obligations.waive", by=by, version=version)
    if problems := _reason_problems(reason):
        raise Invalid("waiver_wrong", _("Give the reason."), fields=problems)
    before = fresh.state
    fresh.waived_at = at
    fresh.version += 1
    fresh.save(update_fields=["waived_at", "version"])
    allowance = Allowance.objects.create(
        obligation=fresh,
        kind=Allowance.Kind.WAIVER,
        from_due_on=fresh.due_on,
        reason=reason.strip(),
        by=by,
        by_name=by.name,
        at=at,
    )
    audit.record(
        "obligations.waive",
        fresh,
        by=by,
        at=at,
        from_state=before,
        to_state=fresh.state,
        federation=fresh.federation,
        note=allowance.reason,
    )
    return fresh, allowance


#: Told of an obligation whose on-time limit passed before anything was filed.
DEADLINE_PASSED = "obligation.deadline_passed"


def tell_passed_deadlines(*, at: dt.datetime | None = None) -> int:
    """Write the event of each obligation that has become late (``Obligation.is_late``), once for each limit.

    An extension is a new limit. It looks back WEBHOOK_LOG_DAYS, as long as events are kept.
    """
    at = at or timezone.now()
    day = timezone.localtime(at).date()
    late = Obligation.objects.unsettled().filter(
        filed_at=None,
        on_time_until__lt=day,
        on_time_until__gte=day - dt.timedelta(days=settings.WEBHOOK_LOG_DAYS),
    )
    return emit_once(
        DEADLINE_PASSED, late.select_related("federation"), by=("on_time_until",), at=at
    )


def _open_for(obligation: Obligation, permission: str, *, by: Any, version: int) -> Obligation:
    fresh = lock(obligation)
    if not by.has_perm(permission, fresh):
        raise NotAllowed("not_yours", _("Only the federation that asked decides on this."))
    if fresh.settled_at or fresh.waived_at or fresh.cancelled_at:
        raise StepNotOpen(
            "not_open", _("It is “%(state)s” already.") % {"state": fresh.get_state_display()}
        )
    check_version(fresh, version)
    return fresh


def _reason_problems(reason: str) -> list[FieldProblem]:
    if reason.strip():
        return []
    return [FieldProblem("/reason", "required", _("Give the reason."))]
