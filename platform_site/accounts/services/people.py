"""Inviting a person, disabling, enabling, and what a person sets for themselves."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from platform_site.audit.services import record
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen

from .. import queries
from ..models import User
from .offices import give_role
from .shared import (
    check_version,
    end_access,
    field_problems,
    invalid_field,
    lock,
    require,
    require_another_security_administrator,
    require_may_give,
    require_note,
)


@transaction.atomic
def create_account(
    *,
    username: str,
    name: str,
    email: str = "",
    language: str = User.Language.CHINESE,
    password: str | None = None,
    id: uuid.UUID | None = None,
    by: User | None,
    at: datetime.datetime | None = None,
) -> User:
    """Make an account that holds no office yet; without a password nobody can sign in with it."""
    user = User(
        id=id or uuid.uuid4(),
        username=username.strip(),
        name=name,
        email=User.objects.normalize_email(email.strip()),
        language=language,
    )
    if at is not None:
        user.date_joined = at
    if user.email and User.objects.filter(email__iexact=user.email).exists():
        raise invalid_field("email", "unique", _("Another account uses this e-mail address."))
    try:
        if password:
            validate_password(password, user)
        user.set_password(password)
        user.full_clean(exclude={"password"})
    except ValidationError as error:
        raise Invalid(
            "invalid", _("The account cannot be made like this."), fields=field_problems(error)
        ) from error
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:  # somebody took the name between the check and now
        raise invalid_field("username", "unique", _("This user name is taken.")) from error
    record("account.create", user, by=by, at=at)
    return user


@transaction.atomic
def invite(
    *,
    username: str,
    name: str,
    email: str,
    role: str,
    federation: Any,
    until: datetime.date | None = None,
    language: str = User.Language.CHINESE,
    id: uuid.UUID | None = None,
    by: User | None,
    at: datetime.datetime | None = None,
) -> User:
    """Make an account with its first office and send its owner a link to choose a password."""
    if not email.strip():
        raise Invalid(
            "invalid",
            _("The account cannot be made like this."),
            fields=[FieldProblem("/email", "required", _("The invitation needs an address."))],
        )
    require_may_give(by, role, federation)
    user = create_account(
        username=username, name=name, email=email, language=language, id=id, by=by, at=at
    )
    give_role(user, role=role, federation=federation, until=until, by=by, at=at)
    send_invitation(user, by=by)
    return user


@transaction.atomic
def send_invitation(user: User, *, by: User | None, version: int | None = None) -> User:
    """Send the link to choose a password (again); each link works once and for three days."""
    user = lock(user)
    require(queries.may_disable(by, user))
    check_version(user, version)
    if not user.is_active:
        raise StepNotOpen("account_disabled", _("The account is disabled."))
    if not user.email:
        raise StepNotOpen("no_email", _("The account has no e-mail address."))
    if user.has_usable_password():
        raise StepNotOpen("invitation_taken_up", _("The invitation was already taken up."))
    with translation.override(user.language):
        context = {
            "user": user,
            "by": by,
            "offices": list(user.assignments.in_force().select_related("federation")),
            "link": invitation_link(user),
            "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
        }
        subject = _("Invitation to the trade-union work platform")
        body = render_to_string("emails/accounts/invitation.txt", context)
    send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email])
    record("account.invite", user, by=by)
    return user


def invitation_link(user: User) -> str:
    """The one-time link with which the owner of an account chooses a password."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    path = reverse("account_reset_password_from_key", kwargs=key)
    return settings.SITE_URL.rstrip("/") + path


@transaction.atomic
def disable(
    user: User,
    *,
    by: User | None,
    note: str,
    version: int | None = None,
    at: datetime.datetime | None = None,
) -> User:
    """Shut an account at once: every session and every token dies with it."""
    user = lock(user)
    require(queries.may_disable(by, user))
    check_version(user, version)
    note = require_note(note)
    if not user.is_active:
        raise StepNotOpen("account_disabled", _("The account is already disabled."))
    require_another_security_administrator(user)
    user.is_active = False
    end_access(user)
    record(
        "account.disable", user, by=by, at=at, note=note, from_state="active", to_state="disabled"
    )
    return user


@transaction.atomic
def enable(
    user: User,
    *,
    by: User | None,
    note: str,
    version: int | None = None,
    at: datetime.datetime | None = None,
) -> User:
    """Open a disabled account again; its old sessions and tokens stay dead."""
    user = lock(user)
    require(queries.may_disable(by, user))
    check_version(user, version)
    note = require_note(note)
    if user.is_active:
        raise StepNotOpen("account_active", _("The account is already in use."))
    user.is_active = True
    user.version += 1
    user.save(update_fields=["is_active", "version"])
    user.forget_scope()
    record(
        "account.enable", user, by=by, at=at, note=note, from_state="disabled", to_state="active"
    )
    return user


@transaction.atomic
def change_settings(user: User, *, name: str, language: str, by: User) -> User:
    """One's own display name and language."""
    if by.pk != user.pk:
        raise NotAllowed("not_yours", _("Only the owner changes these settings."))
    user = lock(user)
    changed = [
        field
        for field, new in (("name", name), ("language", language))
        if getattr(user, field) != new
    ]
    if not changed:
        return user
    user.name, user.language = name, language
    try:
        user.clean_fields(exclude={"password"})
    except ValidationError as error:
        raise Invalid(
            "invalid", _("These settings cannot be kept."), fields=field_problems(error)
        ) from error
    user.version += 1
    user.save(update_fields=["name", "language", "version"])
    # The trail says that a personal field changed, never its value.
    record("account.change", user, by=by, facts={"fields": changed})
    return user
