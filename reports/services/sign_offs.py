"""The sign-off of a report: which leader stands behind it, until somebody changes an answer."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.attachments.models import Attachment
from platform_site.audit import services as audit
from platform_site.casework.workflow import check_version, lock
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen

from ..models import Report
from .filling import OPEN_TO_FILLING


def may_sign_off(report: Report, user: User) -> bool:
    """Whether this person can record the sign-off now."""
    if report.state not in OPEN_TO_FILLING:
        return False
    if user.has_perm("reports.sign_off_report", report):
        return True
    return not settings.LEADER_SIGN_OFF_COMPULSORY and user.has_perm("reports.fill_report", report)


@transaction.atomic
def sign_off_report(
    report: Report,
    *,
    by: User,
    version: int,
    name: str = "",
    title: str = "",
    on: dt.date | None = None,
    scan: Attachment | None = None,
    at: dt.datetime | None = None,
) -> Report:
    """Record which leader signed the report off, and when: a fact, not a state.

    The leader's own account signs by itself; else the preparer enters it, with the scan of the
    signed paper where there is one. LEADER_SIGN_OFF_COMPULSORY makes the former the only way.
    """
    at = at or timezone.now()
    fresh = lock(report)
    is_leader = by.has_perm("reports.sign_off_report", fresh)
    if not is_leader and not by.has_perm("reports.fill_report", fresh):
        raise NotAllowed("not_yours", _("Only the federation itself signs off its report."))
    if fresh.state not in OPEN_TO_FILLING:
        raise StepNotOpen(
            "not_open_to_filling",
            _("The report is “%(state)s” and cannot be changed.")
            % {"state": fresh.get_state_display()},
        )
    check_version(fresh, version)
    if is_leader:
        name, on = by.name, timezone.localtime(at).date()
    elif settings.LEADER_SIGN_OFF_COMPULSORY:
        raise NotAllowed(
            "leader_signs_off", _("Here a leader signs off with an account of their own.")
        )
    problems = []
    if not name.strip():
        problems.append(FieldProblem("/name", "required", _("Name the leader who signed off.")))
    if on is None:
        problems.append(FieldProblem("/on", "required", _("Give the day of the sign-off.")))
    elif on > timezone.localtime(at).date():
        problems.append(FieldProblem("/on", "in_the_future", _("The sign-off cannot lie ahead.")))
    elif on.year < 2000:
        problems.append(FieldProblem("/on", "out_of_range", _("Look at the year again.")))
    if problems or on is None:
        raise Invalid("sign_off_incomplete", _("The sign-off is not complete."), fields=problems)
    holding = fresh.obligation.leader
    fresh.signed_off_by = by if is_leader else None
    fresh.signed_off_holding = holding if holding and holding.name == name.strip() else None
    fresh.signed_off_name, fresh.signed_off_title = name.strip(), title.strip()
    fresh.signed_off_on = on
    # One that is there already is of these very answers: whoever changes one takes it away.
    fresh.signed_off_scan = scan or fresh.signed_off_scan
    fresh.version += 1
    fresh.save()
    audit.record(
        "reports.report.sign_off",
        fresh,
        by=by,
        at=at,
        federation=fresh.federation,
        facts={"on": on.isoformat(), "by_own_account": is_leader},
    )
    return fresh
