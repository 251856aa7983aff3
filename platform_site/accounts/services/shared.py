"""What the verbs share: locks, versions, rights and problems beside the field."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from platform_site.problems import FieldProblem, Invalid, NotAllowed, Stale, StepNotOpen

from .. import queries
from ..models import ApiToken, RoleAssignment, User
from ..roles import Role


def lock(user: User) -> User:
    """The account's own row is what every act on it waits for."""
    fresh = User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)
    user.forget_scope()
    return fresh


def check_version(user: User, version: int | None) -> None:
    if version is not None and user.version != version:
        raise Stale("stale", _("Somebody changed this account meanwhile. Look at it again."))


def touch(user: User) -> None:
    user.version += 1
    user.save(update_fields=["version"])
    user.forget_scope()


def end_access(user: User) -> None:
    user.session_epoch += 1
    user.version += 1
    user.save(update_fields=["is_active", "session_epoch", "version"])
    ApiToken.objects.filter(user=user).delete()
    user.forget_scope()


def require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed("not_allowed", _("This account is not yours to administer."))


def require_may_give(by: User | None, role: str, federation: Any) -> None:
    if not queries.may_give(by, role, federation.pk):
        raise NotAllowed("not_allowed", _("This office is not yours to give."))


def require_note(note: str, *, field: str = "note") -> str:
    note = note.strip()
    if not note:
        raise invalid_field(field, "required", _("Say why: the note goes into the record."))
    return note


def require_another_security_administrator(user: User) -> None:
    # All such rows are locked in one order, so that two of them cannot remove each other at once.
    held = list(
        RoleAssignment.objects.select_for_update(no_key=True, of=("self",))
        .filter(role=Role.SECURITY_ADMINISTRATOR, ended_at__isnull=True)
        .order_by("pk")
        .values_list("user_id", flat=True)
    )
    if user.pk in held and not queries.remaining_security_administrators(without=user).exists():
        raise StepNotOpen(
            "last_security_administrator",
            _("At least one security administrator must remain. Appoint another one first."),
        )


def invalid_field(field: str, code: str, message: str) -> Invalid:
    return Invalid(code, message, fields=[FieldProblem(f"/{field}", code, message)])


def field_problems(error: ValidationError) -> list[FieldProblem]:
    if not hasattr(error, "error_dict"):  # the password's validators name no field
        error = ValidationError({"password": error})
    return [
        FieldProblem("" if name == "__all__" else f"/{name}", problem.code or "invalid", message)
        for name, problems in error.error_dict.items()
        for problem in problems
        for message in problem.messages
    ]
