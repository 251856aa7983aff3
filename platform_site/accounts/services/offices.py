"""Giving and ending offices, and substitution."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.audit.services import record
from platform_site.problems import NotAllowed, StepNotOpen

from ..models import RoleAssignment, User
from ..roles import Role, class_of, fits_level
from .shared import (
    check_version,
    invalid_field,
    lock,
    require_another_security_administrator,
    require_may_give,
    require_note,
    touch,
)


@transaction.atomic
def give_role(
    user: User,
    *,
    role: str,
    federation: Any,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
    holding: Any = None,
    substitutes: RoleAssignment | None = None,
    note: str = "",
    by: User | None,
    at: datetime.datetime | None = None,
) -> RoleAssignment:
    """Give an office at a federation, from a day (today) to a day (open).

    The three administrators exclude each other and every business office (GB/T 22239-2019,
    8.1.5); the database says so too.
    """
    require_may_give(by, role, federation)
    if by is not None and by.pk == user.pk:
        raise NotAllowed("own_account", _("Nobody gives an office to themselves."))
    user = lock(user)
    role = Role(role)
    today = timezone.localdate(at) if at else timezone.localdate()
    since = since or today
    if not fits_level(role, federation.level):
        raise invalid_field(
            "role",
            "role_level",
            _("%(role)s is not an office of %(federation)s.")
            % {"role": role.label, "federation": federation.name},
        )
    if since < today and by is not None:
        raise invalid_field("since", "since_past", _("An office cannot begin in the past."))
    if until is not None and until < since:
        raise invalid_field("until", "until_before_since", _("The last day is before the first."))
    if not user.is_active:
        raise StepNotOpen("account_disabled", _("The account is disabled."))
    overlapping = (
        RoleAssignment.objects.filter(user=user, ended_at__isnull=True)
        .exclude(until__lt=since)
        .filter(**({"since__lte": until} if until else {}))
    )
    if other := overlapping.exclude(role_class=class_of(role)).first():
        raise invalid_field(
            "role",
            "roles_exclude_each_other",
            _("%(role)s and %(other)s exclude each other: one person never holds both.")
            % {"role": role.label, "other": other.get_role_display()},
        )
    if overlapping.filter(role=role, federation=federation).exists():
        raise invalid_field("role", "role_held", _("The person already holds this office then."))
    assignment = RoleAssignment(
        user=user,
        role=role,
        role_class=class_of(role),
        federation=federation,
        since=since,
        until=until,
        holding=holding,
        substitutes=substitutes,
        assigned_by=by,
    )
    try:
        with transaction.atomic():
            assignment.save(force_insert=True)
    except IntegrityError as error:
        raise invalid_field(
            "role",
            "roles_exclude_each_other",
            _("The person holds an office that excludes this one."),
        ) from error
    touch(user)
    record(
        "office.substitute" if substitutes else "office.give",
        user,
        by=by,
        at=at,
        note=note.strip(),
        federation=federation,
        facts={
            "role": str(role),
            "federation": federation.code,
            "since": since.isoformat(),
            "until": until.isoformat() if until else None,
        },
    )
    return assignment


@transaction.atomic
def end_role(
    assignment: RoleAssignment,
    *,
    by: User | None,
    note: str,
    version: int | None = None,
    at: datetime.datetime | None = None,
) -> RoleAssignment:
    """End an office from this moment; what was done in it stays under its holder's name.

    Substitutions for it end with it.
    """
    user = lock(assignment.user)
    assignment = (
        RoleAssignment.objects.select_related("federation")
        .select_for_update(no_key=True, of=("self",))
        .get(pk=assignment.pk)
    )
    require_may_give(by, assignment.role, assignment.federation)
    if by is not None and by.pk == user.pk:
        raise NotAllowed("own_account", _("Nobody ends an office of their own."))
    check_version(user, version)
    note = require_note(note)
    today = timezone.localdate()
    if assignment.ended_at or (assignment.until and assignment.until < today):
        raise StepNotOpen("office_ended", _("This office has already ended."))
    if assignment.role == Role.SECURITY_ADMINISTRATOR:
        require_another_security_administrator(user)
    now = timezone.now()
    for ending in [assignment, *assignment.substitutions.filter(ended_at__isnull=True)]:
        ending.ended_at = now
        ending.until = max(ending.since, min(ending.until or today, today))
        ending.save(update_fields=["ended_at", "until"])
        if ending.user_id != user.pk:
            touch(lock(ending.user))
    touch(user)
    record(
        "office.end",
        user,
        by=by,
        at=at,
        note=note,
        federation=assignment.federation,
        facts={"role": assignment.role, "federation": assignment.federation.code},
    )
    return assignment


@transaction.atomic
def substitute(
    user: User,
    *,
    assignment: RoleAssignment,
    since: datetime.date,
    until: datetime.date,
    note: str = "",
    version: int | None = None,
    by: User | None,
) -> RoleAssignment:
    """Let ``user`` fill in for the holder of ``assignment`` from a day to a day.

    The substitute acts under the own name, with the same office at the same federation.
    """
    require_may_give(by, assignment.role, assignment.federation)
    check_version(lock(assignment.user), version)
    if user.pk == assignment.user_id:
        raise invalid_field("account", "own_substitute", _("Nobody substitutes for themselves."))
    if not assignment.in_force(max(since, timezone.localdate())):
        raise StepNotOpen("office_ended", _("That office is not held on the first day."))
    if until < timezone.localdate():
        raise invalid_field("until", "until_past", _("The last day has already passed."))
    if until - since > datetime.timedelta(days=366):
        raise invalid_field("until", "too_long", _("A substitution lasts a year at the most."))
    return give_role(
        user,
        role=assignment.role,
        federation=assignment.federation,
        since=since,
        until=until,
        substitutes=assignment,
        note=note,
        by=by,
    )
