"""Read models over accounts."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from . import permissions
from .models import ObjectGrant, RoleAssignment, User, UserQuerySet
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


def in_force_today(offices: QuerySet[RoleAssignment], wanted: bool) -> QuerySet[RoleAssignment]:
    """Those that are held today, or those that are not."""
    today = RoleAssignment.objects.in_force().values("pk")
    return offices.filter(pk__in=today) if wanted else offices.exclude(pk__in=today)


def narrowed(
    accounts: UserQuerySet,
    *,
    words: str = "",
    role: str = "",
    federation: str = "",
    state: str = "",
) -> UserQuerySet:
    """As the list of accounts is asked for; ``federation`` is a code."""
    if words:
        accounts = accounts.matching(words)
    if role or federation:
        accounts = holding(accounts, role=role, code=federation)
    return accounts.in_state(state) if state else accounts


def with_offices_today(accounts: UserQuerySet, reader: User) -> UserQuerySet:
    """Each account with ``offices_today``: those that ``reader`` may see of it."""
    offices = RoleAssignment.objects.visible_to(reader).in_force().select_related("federation")
    return accounts.prefetch_related(Prefetch("assignments", offices, to_attr="offices_today"))


def holding(accounts: UserQuerySet, *, role: str = "", code: str = "") -> UserQuerySet:
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


def account_steps(user: User, account: User) -> list[str]:
    """What this person may do to the account now, as the API calls it."""
    if not may_disable(user, account):
        return []
    if not account.is_active:
        return ["enable"]
    waiting = account.state == User.State.INVITED and account.email
    return ["disable", "send-invitation"] if waiting else ["disable"]


def may_end(user: User, office: RoleAssignment) -> bool:
    """May this person end the office, or name somebody who fills in for its holder?"""
    return (
        office.user_id != user.pk
        and not office.has_ended()
        and may_give(user, office.role, office.federation_id)
    )


def email_for(user: User, account: User) -> str:
    """The e-mail address as ``user`` may read it: the auditor reads every account, masked."""
    return account.email if sees_email_of_others(user) else account.masked_email


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


# --- Exceptions -----------------------------------------------------------------------------------
def giving_place(user: User, permission: permissions.Permission, obj: Any) -> int | None:
    """The id of the federation at which this person holds an office that may give the act on this
    object by name; None where nothing of the kind is held.
    """
    if permission.given is None or not user.is_active:
        return None
    for path, roles in permission.given.by.items():
        place = permissions.follow(obj, path)
        if place is not None and place in user.scope.at(*roles):
            return int(place)
    return None


def acts_to_give(user: User, obj: Any) -> list[permissions.Permission]:
    """The acts on this object that this person may give to somebody by name."""
    return [
        permission
        for permission in permissions.given_by_name(obj._meta.label_lower)
        if giving_place(user, permission, obj) is not None
    ]


def may_revoke(user: User, row: ObjectGrant) -> bool:
    """Whoever may give the act at the federation that gave it may take it back."""
    declared = row.declared
    if declared is None or declared.given is None or not user.is_active:
        return False
    return row.federation_id in user.scope.at(*declared.given.givers)


def person_named(username: str) -> User | None:
    """The account in use of exactly this user name: who gives an exception must know it, for most of
    those who do read no accounts.
    """
    return User.objects.filter(username__iexact=username, is_active=True).first()


def name_of(obj: Any) -> str:
    """What a form or a client sends to name an object: ``reports.report:<id>``."""
    [permission, *_others] = permissions.given_by_name(obj._meta.label_lower)
    return f"{obj._meta.label_lower}:{getattr(obj, permission.given.key)}"  # type: ignore[union-attr]


def find_object(name: str, user: User) -> Any:
    """The object that ``name`` names, if an act on it can be given and ``user`` sees it; else None."""
    label, _colon, typed = name.partition(":")
    objects = _visible(label, user)
    if objects is None:
        return None
    [permission, *_others] = permissions.given_by_name(label)
    key = permission.given.key  # type: ignore[union-attr]
    field = objects.model._meta.pk if key == "pk" else objects.model._meta.get_field(key)
    try:
        value = field.to_python(typed)
        field.run_validators(value)
    except ValidationError:
        return None
    return objects.filter(**{key: value}).first()


def with_objects(rows: Sequence[ObjectGrant], reader: User) -> Sequence[ObjectGrant]:
    """Each row with ``about``: what it is about, None where ``reader`` may not see that. One query for
    each kind of object.
    """
    wanted: dict[str, list[ObjectGrant]] = {}
    for row in rows:
        wanted.setdefault(row.object_label, []).append(row)
    for label, alike in wanted.items():
        objects = _visible(label, reader)
        if objects is None:
            continue
        found = {str(obj.pk): obj for obj in objects.filter(pk__in=[r.object_pk for r in alike])}
        for row in alike:
            row.about = found.get(row.object_pk)
            row.object_name = name_of(row.about) if row.about else ""
    return rows


def _visible(label: str, user: User) -> QuerySet[Any] | None:
    """The objects of a model that ``user`` sees; None where no act on such a model can be given."""
    declared = permissions.given_by_name(label) if label else []
    if not declared:
        return None
    related = declared[0].given.related  # type: ignore[union-attr]
    visible = apps.get_model(label)._default_manager.visible_to(user)
    return visible.select_related(*related) if related else visible


def grants_on(obj: Any) -> QuerySet[ObjectGrant]:
    """The exceptions on one object that have not run out."""
    return (
        ObjectGrant.objects.in_force()
        .filter(
            content_type__app_label=obj._meta.app_label,
            content_type__model=obj._meta.model_name,
            object_pk=str(obj.pk),
        )
        .with_names()
        .order_by("expires_on", "id")
    )


__all__ = [
    "account_steps",
    "acts_to_give",
    "email_for",
    "federations_to_give_at",
    "find_object",
    "fits_level",
    "giving_place",
    "grants_on",
    "holders_of",
    "holding",
    "in_force_today",
    "may_disable",
    "may_end",
    "may_give",
    "may_revoke",
    "name_of",
    "narrowed",
    "offices_today",
    "permissions_of_role",
    "person_named",
    "remaining_security_administrators",
    "roles_given_by",
    "sees_email_of_others",
    "with_objects",
    "with_offices_today",
]
