"""Read models over accounts."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from . import permissions
from .models import ObjectGrant, RoleAssignment, User
from .roles import GIVEN_BY_DEPARTMENT_HEAD, Role, fits_level


def holders_of(
    permission: str, federation: Any, *, on: datetime.date | None = None
) -> QuerySet[User]:
    """The active people whose office at exactly this federation carries the permission today.

    ``federation`` is a Federation or its id. People with a personal exception are not holders:
    they are named on the object, and told of it by whoever named them.
    """
    held = RoleAssignment.objects.in_force(on).filter(
        user=OuterRef("pk"),
        federation_id=getattr(federation, "pk", federation),
        role__in=permissions.get(permission).roles,
    )
    return User.objects.filter(Exists(held), is_active=True).order_by("username")


def offices_today(user: User) -> QuerySet[RoleAssignment]:
    """One's own offices in force."""
    offices = RoleAssignment.objects.in_force().filter(user=user)
    return offices.select_related("federation").order_by("federation__level", "since", "id")


def accounts_visible_to(user: Any) -> QuerySet[User]:
    return User.objects.visible_to(user)


def holding(accounts: QuerySet[User], *, role: str = "", code: str = "") -> QuerySet[User]:
    """Those who hold an office in force: of this role, at the federation of this code."""
    held = RoleAssignment.objects.in_force().filter(user=OuterRef("pk"))
    if role:
        held = held.filter(role=role)
    if code:
        held = held.filter(federation__code__iexact=code)
    return accounts.filter(Exists(held))


def roles_given_by(user: User | None) -> tuple[Role, ...]:
    """The offices this person may give, in the order of the list of roles."""
    if user is None:
        return tuple(Role)
    scope = user.scope
    if scope.holds(Role.SECURITY_ADMINISTRATOR):
        return tuple(Role)
    if scope.holds(Role.DEPARTMENT_HEAD):
        return tuple(role for role in Role if role in GIVEN_BY_DEPARTMENT_HEAD)
    return ()


def may_give(user: User | None, role: str, federation_id: int) -> bool:
    """May this person give (or end) the office ``role`` at the federation?"""
    if user is None:  # an operator at the machine, through a management command
        return True
    if not user.is_active:
        return False
    scope = user.scope
    if scope.holds(Role.SECURITY_ADMINISTRATOR):
        return True
    return role in GIVEN_BY_DEPARTMENT_HEAD and federation_id in scope.at(Role.DEPARTMENT_HEAD)


def may_disable(user: User | None, account: User) -> bool:
    """A department head disables only accounts whose offices, all of them, were theirs to give."""
    if user is None:
        return True
    if not user.is_active or user.pk == account.pk:
        return False
    if user.scope.holds(Role.SECURITY_ADMINISTRATOR):
        return True
    offices = list(
        account.assignments.filter(ended_at__isnull=True)
        .exclude(until__lt=timezone.localdate())
        .values_list("role", "federation_id")
    )
    if not offices:
        # Nothing is held now: whoever could have given the last office may act.
        offices = list(account.assignments.order_by("-since").values_list("role", "federation_id"))[
            :1
        ]
    return bool(offices) and all(may_give(user, role, federation) for role, federation in offices)


def sees_email_of_others(user: User) -> bool:
    """The auditor reads every account, with the e-mail masked."""
    return not user.scope.holds(Role.AUDITOR)


def federations_to_give_at(user: User) -> QuerySet[Any]:
    """The federations at which this person may give an office."""
    federations = RoleAssignment._meta.get_field("federation").related_model.objects
    if user.scope.holds(Role.SECURITY_ADMINISTRATOR):
        return federations.current()
    return federations.filter(pk__in=user.scope.at(Role.DEPARTMENT_HEAD))


def permissions_of_role(role: str) -> list[permissions.Permission]:
    return [entry for entry in permissions.all_permissions() if role in entry.roles]


def remaining_security_administrators(*, without: User) -> QuerySet[RoleAssignment]:
    """Lasting (not substituting, not running out) security administrators other than ``without``."""
    return (
        RoleAssignment.objects.in_force()
        .filter(role=Role.SECURITY_ADMINISTRATOR, until__isnull=True, user__is_active=True)
        .exclude(user=without)
    )


def grants_on(obj: Any) -> QuerySet[ObjectGrant]:
    """The exceptions on one object that have not run out."""
    return (
        ObjectGrant.objects.filter(
            content_type__app_label=obj._meta.app_label,
            content_type__model=obj._meta.model_name,
            object_pk=str(obj.pk),
            expires_on__gte=timezone.localdate(),
        )
        .select_related("user", "permission", "granted_by")
        .order_by("expires_on", "id")
    )


__all__ = [
    "accounts_visible_to",
    "federations_to_give_at",
    "fits_level",
    "grants_on",
    "holders_of",
    "may_disable",
    "may_give",
    "offices_today",
    "permissions_of_role",
    "remaining_security_administrators",
    "roles_given_by",
    "sees_email_of_others",
]
