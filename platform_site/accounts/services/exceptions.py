"""Exceptions (特别授权): what one person may see or do until a day, beyond their offices."""

from __future__ import annotations

import datetime

from django.contrib.auth.models import Permission as AuthPermission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.audit.services import record
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen

from .. import permissions, queries
from ..models import ObjectGrant, User
from ..roles import BUSINESS_ROLES
from .shared import field_problems, invalid_field, lock, require_note

LONGEST_GRANT = datetime.timedelta(days=366)


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
            raise invalid_field(
                "username", "own_account", _("Nobody gives an exception to themselves.")
            )
    user = lock(user)
    today = timezone.localdate()
    if not today <= expires_on <= today + LONGEST_GRANT:
        raise invalid_field(
            "expires_on", "expiry", _("An exception needs a last day within a year from now.")
        )
    reason = require_note(reason, field="reason")
    if not user.is_active:
        raise invalid_field("username", "account_disabled", _("The account is disabled."))
    if any(seat.role not in BUSINESS_ROLES for seat in user.scope.seats):
        raise invalid_field(
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
        raise invalid_field(
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
            "invalid", _("The exception cannot be given like this."), fields=field_problems(error)
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
    note = require_note(note)
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
