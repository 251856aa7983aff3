"""Which files a person may see; a file nobody may see does not exist (404)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.http import Http404
from django.utils import timezone

from . import owners
from .models import Attachment, Upload


def get_visible(user: Any, pk: UUID) -> Attachment:
    """The file, if its record shows it to ``user``; otherwise Http404, as for a missing one."""
    if not _is_uuid(pk):
        raise Http404
    attachment = (
        Attachment.objects.visible_to(user)
        .select_related("uploaded_by", "owner_type")
        .filter(pk=pk)
        .first()
    )
    if attachment is None:
        raise Http404
    owner = attachment.owner
    if attachment.owner_id is not None and (
        owner is None or not owners.may_see(user, owner, attachment)
    ):
        raise Http404
    return attachment


def unfinished(user: Any, pk: UUID) -> Upload | None:
    """The announced file of one's own that is not whole yet."""
    if not _is_uuid(pk):
        return None
    waiting = Upload.objects.visible_to(user).filter(expires_at__gt=timezone.now(), pk=pk)
    return waiting.select_related("uploaded_by", "owner_type").first()


def _is_uuid(key: Any) -> bool:
    """Thirty-six digits and dashes in an address need not be one."""
    try:
        return bool(UUID(str(key)))
    except ValueError:
        return False


def of_owner(owner: models.Model, user: Any) -> list[Attachment]:
    """The files of a record that ``user`` already sees, as they came; one query."""
    if not getattr(user, "is_active", False):
        return []
    found = Attachment.objects.of(owner).select_related("uploaded_by").order_by("created_at", "id")
    return [one for one in found if owners.may_see(user, owner, one)]


def may_remove(user: Any, attachment: Attachment) -> bool:
    """Its uploader while it hangs on nothing; afterwards whoever may change the record."""
    if attachment.removed_at is not None:
        return False
    if attachment.owner_id is None:
        return bool(attachment.uploaded_by_id == user.pk)
    owner = attachment.owner
    return owner is not None and owners.may_change(user, owner)
