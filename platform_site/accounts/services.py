"""Everything that changes an account: who did it, for whom, and why, in one transaction each.

``by`` is the acting person; None is an operator at the machine (a management command), whose
shell access is the authority. No act here can be done to oneself: applying and activating are two
people's work, and there is no way to act under another person's name.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
import uuid
from collections.abc import Iterable
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import Permission as AuthPermission
from django.contrib.auth.password_validation import validate_password
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import IntegrityError, models, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from platform_site.audit.services import record
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Stale, StepNotOpen

from . import permissions, queries
from .models import LONGEST_TOKEN, ApiToken, ObjectGrant, RoleAssignment, User
from .roles import BUSINESS_ROLES, Role, class_of, fits_level

LONGEST_GRANT = datetime.timedelta(days=366)
#: How long the old text of a renewed token may go on working.
LONGEST_OVERLAP = datetime.timedelta(days=7)
MOST_NETWORKS = 20
_SCOPE = re.compile(r"[a-z][a-z_-]{1,40}:(read|write)")


# --- Accounts -----------------------------------------------------------------------------------
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
        raise _invalid_field("email", "unique", _("Another account uses this e-mail address."))
    try:
        if password:
            validate_password(password, user)
        user.set_password(password)
        user.full_clean(exclude={"password"})
    except ValidationError as error:
        raise Invalid(
            "invalid", _("The account cannot be made like this."), fields=_field_problems(error)
        ) from error
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:  # somebody took the name between the check and now
        raise _invalid_field("username", "unique", _("This user name is taken.")) from error
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
    _require_may_give(by, role, federation)
    user = create_account(
        username=username, name=name, email=email, language=language, id=id, by=by, at=at
    )
    give_role(user, role=role, federation=federation, until=until, by=by, at=at)
    send_invitation(user, by=by)
    return user


@transaction.atomic
def send_invitation(user: User, *, by: User | None, version: int | None = None) -> User:
    """Send the link to choose a password (again); each link works once and for three days."""
    user = _lock(user)
    _require(queries.may_disable(by, user))
    _check_version(user, version)
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
    user = _lock(user)
    _require(queries.may_disable(by, user))
    _check_version(user, version)
    note = _require_note(note)
    if not user.is_active:
        raise StepNotOpen("account_disabled", _("The account is already disabled."))
    _require_another_security_administrator(user)
    user.is_active = False
    _end_access(user)
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
    user = _lock(user)
    _require(queries.may_disable(by, user))
    _check_version(user, version)
    note = _require_note(note)
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
    user = _lock(user)
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
            "invalid", _("These settings cannot be kept."), fields=_field_problems(error)
        ) from error
    user.version += 1
    user.save(update_fields=["name", "language", "version"])
    # The trail says that a personal field changed, never its value.
    record("account.change", user, by=by, facts={"fields": changed})
    return user


# --- Offices ------------------------------------------------------------------------------------
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
    _require_may_give(by, role, federation)
    if by is not None and by.pk == user.pk:
        raise NotAllowed("own_account", _("Nobody gives an office to themselves."))
    user = _lock(user)
    role = Role(role)
    today = timezone.localdate(at) if at else timezone.localdate()
    since = since or today
    if not fits_level(role, federation.level):
        raise _invalid_field(
            "role",
            "role_level",
            _("%(role)s is not an office of %(federation)s.")
            % {"role": role.label, "federation": federation.name},
        )
    if since < today and by is not None:
        raise _invalid_field("since", "since_past", _("An office cannot begin in the past."))
    if until is not None and until < since:
        raise _invalid_field("until", "until_before_since", _("The last day is before the first."))
    if not user.is_active:
        raise StepNotOpen("account_disabled", _("The account is disabled."))
    overlapping = (
        RoleAssignment.objects.filter(user=user, ended_at__isnull=True)
        .exclude(until__lt=since)
        .filter(**({"since__lte": until} if until else {}))
    )
    if other := overlapping.exclude(role_class=class_of(role)).first():
        raise _invalid_field(
            "role",
            "roles_exclude_each_other",
            _("%(role)s and %(other)s exclude each other: one person never holds both.")
            % {"role": role.label, "other": other.get_role_display()},
        )
    if overlapping.filter(role=role, federation=federation).exists():
        raise _invalid_field("role", "role_held", _("The person already holds this office then."))
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
        raise _invalid_field(
            "role",
            "roles_exclude_each_other",
            _("The person holds an office that excludes this one."),
        ) from error
    _touch(user)
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
    user = _lock(assignment.user)
    assignment = (
        RoleAssignment.objects.select_related("federation")
        .select_for_update(no_key=True, of=("self",))
        .get(pk=assignment.pk)
    )
    _require_may_give(by, assignment.role, assignment.federation)
    if by is not None and by.pk == user.pk:
        raise NotAllowed("own_account", _("Nobody ends an office of their own."))
    _check_version(user, version)
    note = _require_note(note)
    today = timezone.localdate()
    if assignment.ended_at or (assignment.until and assignment.until < today):
        raise StepNotOpen("office_ended", _("This office has already ended."))
    if assignment.role == Role.SECURITY_ADMINISTRATOR:
        _require_another_security_administrator(user)
    now = timezone.now()
    for ending in [assignment, *assignment.substitutions.filter(ended_at__isnull=True)]:
        ending.ended_at = now
        ending.until = max(ending.since, min(ending.until or today, today))
        ending.save(update_fields=["ended_at", "until"])
        if ending.user_id != user.pk:
            _touch(_lock(ending.user))
    _touch(user)
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
    _require_may_give(by, assignment.role, assignment.federation)
    _check_version(_lock(assignment.user), version)
    if user.pk == assignment.user_id:
        raise _invalid_field("account", "own_substitute", _("Nobody substitutes for themselves."))
    if not assignment.in_force(max(since, timezone.localdate())):
        raise StepNotOpen("office_ended", _("That office is not held on the first day."))
    if until < timezone.localdate():
        raise _invalid_field("until", "until_past", _("The last day has already passed."))
    if until - since > datetime.timedelta(days=366):
        raise _invalid_field("until", "too_long", _("A substitution lasts a year at the most."))
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


# --- Exceptions ---------------------------------------------------------------------------------
@transaction.atomic
def grant(
    user: User,
    permission: str,
    obj: models.Model,
    *,
    expires_on: datetime.date,
    reason: str,
    by: User | None,
) -> ObjectGrant:
    """Let one person do one act on one object until a day, for a stated reason.

    The act says which office, held where, may give it (``permissions.Given``). A second exception of
    the same federation replaces the first. Whoever deletes an object calls :func:`revoke_all` on it:
    the row points to the object by its key only.
    """
    declared = permissions.get(permission)
    if declared.given is None or declared.given.on != obj._meta.label_lower:
        raise LookupError(f"{permission!r} is not given by name on {obj._meta.label}")
    place = None
    if by is not None:
        place = queries.giving_place(by, declared, obj)
        if place is None:
            raise NotAllowed("not_yours", _("This exception is not yours to give."))
        if by.pk == user.pk:
            raise _invalid_field(
                "username", "own_account", _("Nobody gives an exception to themselves.")
            )
    user = _lock(user)
    today = timezone.localdate()
    if not today <= expires_on <= today + LONGEST_GRANT:
        raise _invalid_field(
            "expires_on", "expiry", _("An exception needs a last day within a year from now.")
        )
    reason = _require_note(reason, field="reason")
    if not user.is_active:
        raise _invalid_field("username", "account_disabled", _("The account is disabled."))
    if any(seat.role not in BUSINESS_ROLES for seat in user.scope.seats):
        raise _invalid_field(
            "username",
            "roles_exclude_each_other",
            _("An administrator takes no part in the business."),
        )
    content_type = ContentType.objects.get_for_model(obj, for_concrete_model=True)
    auth_permission, _created = AuthPermission.objects.get_or_create(
        content_type=content_type,
        codename=declared.codename,
        defaults={"name": declared.code[:255]},
    )
    key = {"user": user, "permission": auth_permission, "object_pk": str(obj.pk)}
    row = ObjectGrant.objects.filter(**key).first() or ObjectGrant(
        **key, content_type=content_type, version=0
    )
    if row.version and row.expires_on >= today and row.federation_id != place:
        raise _invalid_field(
            "username",
            "given_elsewhere",
            _("The person holds this exception from elsewhere already."),
        )
    row.expires_on, row.reason = expires_on, reason
    row.granted_by, row.granted_at, row.federation_id = by, timezone.now(), place
    row.version += 1
    try:
        row.clean_fields(exclude={"permission", "content_type", "user"})
    except ValidationError as error:
        raise Invalid(
            "invalid", _("The exception cannot be given like this."), fields=_field_problems(error)
        ) from error
    row.save()
    user.forget_scope()
    record(
        "exception.grant",
        obj,
        by=by,
        note=reason,
        facts={"permission": permission, "user": str(user.pk), "until": expires_on.isoformat()},
    )
    return row


@transaction.atomic
def revoke(row: ObjectGrant, *, by: User | None, note: str, version: int | None = None) -> None:
    """Take an exception back; it ends with the next request of its holder."""
    fresh = (
        ObjectGrant.objects.select_for_update(no_key=True, of=("self",))
        .select_related("permission", "content_type", "user")
        .filter(pk=row.pk)
        .first()
    )
    if fresh is None:
        raise StepNotOpen("exception_ended", _("This exception was taken back already."))
    if by is not None and not queries.may_revoke(by, fresh):
        raise NotAllowed("not_yours", _("This exception is not yours to take back."))
    if version is not None and version != fresh.version:
        raise Stale("stale", _("Somebody changed this exception meanwhile. Look at it again."))
    note = _require_note(note)
    subject = fresh.content_object or fresh.user
    facts = {"permission": fresh.permission.codename, "user": str(fresh.user_id)}
    fresh.delete()
    record("exception.revoke", subject, by=by, note=note, facts=facts)


@transaction.atomic
def revoke_all(obj: models.Model, *, by: User | None) -> int:
    """Remove every exception on an object that is about to be deleted: a later object with the
    same key must not inherit them.
    """
    content_type = ContentType.objects.get_for_model(obj, for_concrete_model=True)
    rows = ObjectGrant.objects.filter(content_type=content_type, object_pk=str(obj.pk))
    count, _per_model = rows.delete()
    return count


# --- Tokens -------------------------------------------------------------------------------------
@transaction.atomic
def issue_token(
    user: User,
    *,
    name: str,
    scopes: Iterable[str],
    expires_on: datetime.date,
    kind: str = ApiToken.Kind.PERSONAL,
    system: str = "",
    networks: Iterable[str] = (),
    id: uuid.UUID | None = None,
    by: User | None,
) -> tuple[ApiToken, str]:
    """Make a token for ``user``; the cleartext is returned once and never stored."""
    _require_own_tokens(user, by)
    user = _lock(user)
    if not user.is_active:
        raise StepNotOpen("account_disabled", _("The account is disabled."))
    token, cleartext = _make_token(
        user,
        id=id,
        name=name,
        scopes=scopes,
        expires_on=expires_on,
        kind=kind,
        system=system,
        networks=networks,
    )
    record("token.issue", user, by=by, facts=_token_facts(token))
    return token, cleartext


@transaction.atomic
def rotate_token(
    token: ApiToken,
    *,
    expires_on: datetime.date,
    overlap: datetime.timedelta = datetime.timedelta(),
    id: uuid.UUID | None = None,
    by: User | None,
) -> tuple[ApiToken, str]:
    """Give a token a new text and a new last day; for ``overlap`` the old text works beside it.

    The new one is a row of its own with the same name, kind, scopes and addresses: nothing is
    widened by it.
    """
    _require_own_tokens(token.user, by)
    user = _lock(token.user)
    old = ApiToken.objects.select_for_update(no_key=True).filter(pk=token.pk).first()
    if old is None or old.expired:
        raise StepNotOpen("token_ended", _("This token has ended. Make a new one."))
    if not datetime.timedelta() <= overlap <= LONGEST_OVERLAP:
        raise _invalid_field(
            "overlap", "overlap", _("The old text works for a week longer at the most.")
        )
    new, cleartext = _make_token(
        user,
        id=id,
        name=old.name,
        scopes=old.scopes,
        expires_on=expires_on,
        kind=old.kind,
        system=old.system,
        networks=old.networks,
    )
    if overlap:
        old.expiry = min(old.expiry, timezone.now() + overlap)
        old.save(update_fields=["expiry"])
    else:
        old.delete()
    record("token.rotate", user, by=by, facts={**_token_facts(new), "old": token.token_key})
    return new, cleartext


def _make_token(
    user: User,
    *,
    id: uuid.UUID | None,
    name: str,
    scopes: Iterable[str],
    expires_on: datetime.date,
    kind: str,
    system: str,
    networks: Iterable[str],
) -> tuple[ApiToken, str]:
    today = timezone.localdate()
    if not today < expires_on <= today + LONGEST_TOKEN:
        raise _invalid_field(
            "expires_on", "expiry", _("A token expires after today and within a year.")
        )
    wanted = sorted(set(scopes))
    if not wanted:
        raise _invalid_field("scopes", "required", _("Choose at least one scope."))
    for scope in wanted:
        if not _SCOPE.fullmatch(scope):
            raise _invalid_field("scopes", "unknown_scope", _("There is no such scope."))
    if id is not None and ApiToken.objects.filter(id=id).exists():
        raise StepNotOpen("token_made", _("This token was already made. Load the page again."))
    kind, system, allowed = _binding(kind, system, networks)
    midnight = timezone.make_aware(
        datetime.datetime.combine(expires_on + datetime.timedelta(days=1), datetime.time())
    )
    draft = ApiToken(
        user=user, name=name, kind=kind, system=system, networks=allowed, scopes=wanted
    )
    try:
        draft.clean_fields(exclude={"digest", "token_key", "expiry"})
    except ValidationError as error:
        raise Invalid(
            "invalid", _("The token cannot be made like this."), fields=_field_problems(error)
        ) from error
    token, cleartext = ApiToken.objects.create(
        user,
        expiry=midnight - timezone.now(),
        id=id or uuid.uuid4(),
        name=draft.name,
        kind=kind,
        system=draft.system,
        scopes=wanted,
        networks=allowed,
    )
    # The library reckons from a moment of its own, a little later.
    token.expiry = midnight
    token.save(update_fields=["expiry"])
    return token, cleartext


def _binding(kind: str, system: str, networks: Iterable[str]) -> tuple[str, str, list[str]]:
    """What a token is bound to: a machine's names its system and its addresses, both."""
    allowed = _networks(networks)
    if kind != ApiToken.Kind.MACHINE:
        return ApiToken.Kind.PERSONAL, "", allowed
    if not system.strip():
        raise _invalid_field("system", "required", _("Name the system that the token is for."))
    if not allowed:
        raise _invalid_field(
            "networks",
            "required",
            _("A machine token is used from the addresses of its system: name at least one."),
        )
    return ApiToken.Kind.MACHINE, system, allowed


def _networks(given: Iterable[str]) -> list[str]:
    """Addresses and networks as the database keeps them, each once, in the order given."""
    found: list[str] = []
    for text in given:
        try:
            network = ipaddress.ip_network(text.strip())
        except ValueError:
            raise _invalid_field(
                "networks",
                "network",
                _(
                    "%(text)s is no address and no network. Write 10.1.2.3, 10.1.0.0/16, 2001:db8::/48."
                )
                % {"text": text.strip()[:60]},
            ) from None
        if network.prefixlen == 0:
            raise _invalid_field(
                "networks", "network", _("%(text)s is every address there is.") % {"text": network}
            )
        if str(network) not in found:
            found.append(str(network))
    if len(found) > MOST_NETWORKS:
        raise _invalid_field(
            "networks",
            "too_many",
            _("Name %(limit)d networks at the most.") % {"limit": MOST_NETWORKS},
        )
    return found


def _token_facts(token: ApiToken) -> dict[str, Any]:
    return {
        "token": token.token_key,
        "kind": token.kind,
        "scopes": token.scopes,
        "networks": token.networks,
        "expires_on": token.last_day.isoformat() if token.last_day else None,
    }


def _require_own_tokens(user: User, by: User | None) -> None:
    if by is not None and by.pk != user.pk:
        raise NotAllowed("not_yours", _("Everybody issues their own tokens only."))


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User | None) -> None:
    """Withdraw a token; the next request with it is answered 401."""
    if by is not None and by.pk != token.user_id:
        raise NotAllowed("not_yours", _("Everybody withdraws their own tokens only."))
    user, key = token.user, token.token_key
    token.delete()
    record("token.revoke", user, by=by, facts={"token": key})


# --- What the verbs share -------------------------------------------------------------------------
def _lock(user: User) -> User:
    """The account's own row is what every act on it waits for."""
    fresh = User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)
    user.forget_scope()
    return fresh


def _check_version(user: User, version: int | None) -> None:
    if version is not None and user.version != version:
        raise Stale("stale", _("Somebody changed this account meanwhile. Look at it again."))


def _touch(user: User) -> None:
    user.version += 1
    user.save(update_fields=["version"])
    user.forget_scope()


def _end_access(user: User) -> None:
    user.session_epoch += 1
    user.version += 1
    user.save(update_fields=["is_active", "session_epoch", "version"])
    ApiToken.objects.filter(user=user).delete()
    user.forget_scope()


def _require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed("not_allowed", _("This account is not yours to administer."))


def _require_may_give(by: User | None, role: str, federation: Any) -> None:
    if not queries.may_give(by, role, federation.pk):
        raise NotAllowed("not_allowed", _("This office is not yours to give."))


def _require_note(note: str, *, field: str = "note") -> str:
    note = note.strip()
    if not note:
        raise _invalid_field(field, "required", _("Say why: the note goes into the record."))
    return note


def _require_another_security_administrator(user: User) -> None:
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


def _invalid_field(field: str, code: str, message: str) -> Invalid:
    return Invalid(code, message, fields=[FieldProblem(f"/{field}", code, message)])


def _field_problems(error: ValidationError) -> list[FieldProblem]:
    if not hasattr(error, "error_dict"):  # the password's validators name no field
        error = ValidationError({"password": error})
    return [
        FieldProblem("" if name == "__all__" else f"/{name}", problem.code or "invalid", message)
        for name, problems in error.error_dict.items()
        for problem in problems
        for message in problem.messages
    ]


__all__ = [
    "change_settings",
    "create_account",
    "disable",
    "enable",
    "end_role",
    "give_role",
    "grant",
    "invitation_link",
    "invite",
    "issue_token",
    "revoke",
    "revoke_all",
    "revoke_token",
    "rotate_token",
    "send_invitation",
    "substitute",
]
