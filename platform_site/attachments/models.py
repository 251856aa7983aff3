"""Files on any record: the row here, the bytes under the name of their own checksum."""

from __future__ import annotations

import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: Any) -> AttachmentQuerySet:
        """Files of records the user may see, and the user's own that hang on nothing yet.

        Each kind of record answers for its own files (``owners.register``), so a file is exactly
        as visible as what it hangs on. It fails closed: a kind nobody registered shows nothing.
        """
        from . import owners

        return self.filter(owners.visible_q(user))

    def of(self, owner: models.Model) -> AttachmentQuerySet:
        """The files that hang on ``owner`` today (those set aside since are not among them)."""
        return self.filter(
            owner_type=ContentType.objects.get_for_model(owner),
            owner_id=owner.pk,
            removed_at__isnull=True,
        )


class Attachment(models.Model):
    """One uploaded file. The bytes never change: a corrected file is another attachment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner_id = models.UUIDField(null=True, blank=True)
    owner = GenericForeignKey("owner_type", "owner_id")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    filename = models.CharField(_("file name"), max_length=200)
    media_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(_("checksum"), max_length=64)
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    # Named in a submitted version: kept for good (a trigger refuses the deletion too).
    frozen = models.BooleanField(_("kept for good"), default=False)
    # A frozen file that was taken off its record: gone from the list, kept for the versions.
    removed_at = models.DateTimeField(_("taken off"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner_type__isnull=True, owner_id__isnull=True)
                | Q(owner_type__isnull=False, owner_id__isnull=False),
                name="attachment_owner_whole",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(frozen=True),
                name="attachment_only_frozen_set_aside",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="attachment_checksum_shape"
            ),
        ]
        indexes = [
            models.Index(fields=["owner_type", "owner_id"], name="attachment_owner"),
            models.Index(fields=["sha256"], name="attachment_blob"),
            models.Index(
                fields=["uploaded_by", "created_at"],
                condition=Q(owner_id__isnull=True),
                name="attachment_unattached",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="frozen_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__frozen=True),
            ),
            pgtrigger.Protect(
                name="frozen_never_thaws",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__frozen=True, new__frozen=False),
            ),
            pgtrigger.Protect(
                name="bytes_never_change",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__sha256__df=pgtrigger.F("new__sha256")),
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("attachment-download", args=[self.pk])

    @property
    def extension(self) -> str:
        return self.filename.rpartition(".")[2].upper()


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: Any) -> UploadQuerySet:
        """One's own: nobody else sees a file before it is whole."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        return self.filter(uploaded_by_id=user.pk)


class Upload(models.Model):
    """A file that was announced and comes in parts; whole, it becomes the attachment of this id.

    How much of it is there says the length of its file (``store.part_of``), not a column.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner_id = models.UUIDField(null=True, blank=True)
    owner = GenericForeignKey("owner_type", "owner_id")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    filename = models.CharField(_("file name"), max_length=200)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(_("checksum"), max_length=64)
    announced_at = models.DateTimeField(_("announced"))
    expires_at = models.DateTimeField(_("kept until"), db_index=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("unfinished upload")
        verbose_name_plural = _("unfinished uploads")
        ordering = ["announced_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner_type__isnull=True, owner_id__isnull=True)
                | Q(owner_type__isnull=False, owner_id__isnull=False),
                name="upload_owner_whole",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="upload_not_empty"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="upload_checksum_shape"
            ),
        ]

    def __str__(self) -> str:
        return self.filename
