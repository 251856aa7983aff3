"""Issuing a request to federations and following each obligation to its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.audit import services as audit
from platform_site.casework.workflow import check_version, lock
from platform_site.federations import services as federations
from platform_site.federations.models import Federation, Holding
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen

from .models import Addressee, Obligation, Request, Round


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
def issue(round: Round, *, by: Any, at: dt.datetime | None = None) -> list[Obligation]:
    """Give each addressee one obligation whose dates are frozen from now on.

    Raises Invalid when there is nobody to address, StepNotOpen when it was issued before.
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
    Obligation.objects.bulk_create(
        Obligation(
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
