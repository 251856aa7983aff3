"""Content on its way to its readers: the piece, its revisions, what each reviewer said."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from platform_site.accounts.models import User
from platform_site.accounts.roles import Role
from platform_site.audit.history import track_fields
from platform_site.federations.models import Scoped
from platform_site.text.fields import HtmlField, LineField, ProseField

from . import kinds
from .permissions import FINAL, WRITERS
from .workflow import PieceState

TITLE_LENGTH = 200
SUMMARY_LENGTH = 600
BODY_LENGTH = 400_000


class Audience(models.TextChoices):
    PUBLIC = "public", _("everybody")
    INTERNAL = "internal", _("signed-in users")


class PieceQuerySet(models.QuerySet["Piece"]):
    DESK = tuple(WRITERS | FINAL)

    def visible_to(self, user: Any) -> Self:
        """At the desk: those who write and review it at its federation, and the auditor."""
        scope = getattr(user, "scope", None)
        if scope is None or not user.is_active:
            return self.none()
        if scope.holds(Role.AUDITOR):
            return self.all()
        return self.filter(federation__in=scope.at(*self.DESK))

    def readable_by(self, user: Any, at: dt.datetime | None = None) -> Self:
        """What is out: public pieces for everybody, internal ones for whoever is signed in."""
        out = self.filter(published__isnull=False, withdrawn_at=None).filter(
            Q(expires_at=None) | Q(expires_at__gt=at or timezone.now())
        )
        if getattr(user, "is_authenticated", False) and user.is_active:
            return out
        return out.filter(audience=Audience.PUBLIC)

    def withdrawn_from(self, user: Any) -> Self:
        """Whose place on the site says that it was withdrawn, to whoever could read it there."""
        gone = self.filter(withdrawn_at__isnull=False)
        if getattr(user, "is_authenticated", False) and user.is_active:
            return gone
        return gone.filter(audience=Audience.PUBLIC)

    def with_context(self) -> Self:
        return self.select_related("federation", "author", "published", "latest")


@track_fields(exclude=["body"])
class Piece(Scoped):
    """稿件: one text of one kind, written, reviewed and published at one federation.

    Title, summary and text are those being written. What readers see is the revision ``published``, which
    changes at publication alone. ``slug`` is its address on the site and never changes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=24)
    slug = models.CharField(max_length=24, unique=True)
    title = LineField(_("title"), max_length=TITLE_LENGTH)
    summary = ProseField(pgettext_lazy("content", "summary"), max_length=SUMMARY_LENGTH, blank=True)
    body = HtmlField(_("text"), max_length=BODY_LENGTH, blank=True)
    audience = models.CharField(
        pgettext_lazy("content", "readers"),
        max_length=10,
        choices=Audience,
        default=Audience.PUBLIC,
    )
    state = models.CharField(max_length=16, choices=PieceState, default=PieceState.DRAFT)
    #: When it comes out by itself after approval; at once where empty.
    publish_at = models.DateTimeField(_("publish on"), null=True, blank=True)
    #: From when on the site shows it no more.
    expires_at = models.DateTimeField(_("shown until"), null=True, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    latest = models.ForeignKey("Revision", null=True, on_delete=models.PROTECT, related_name="+")
    published = models.ForeignKey("Revision", null=True, on_delete=models.PROTECT, related_name="+")
    #: Of the first publication, and of the one that readers see.
    first_published_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = ProseField(_("reason"), max_length=2000, blank=True)
    version = models.PositiveIntegerField(default=1)

    STATE_TONES = {
        PieceState.FIRST_REVIEW: "blue",
        PieceState.SECOND_REVIEW: "blue",
        PieceState.FINAL_REVIEW: "blue",
        PieceState.APPROVED: "amber",
        PieceState.PUBLISHED: "green",
        PieceState.WITHDRAWN: "red",
    }

    objects = PieceQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("piece of content")
        verbose_name_plural = _("pieces of content")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=PieceState.PUBLISHED)
                | Q(published__isnull=False, published_at__isnull=False),
                name="piece_published_whole",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(published__isnull=False),
                name="piece_withdrawn_after_publication",
            ),
            models.CheckConstraint(
                condition=Q(publish_at=None)
                | Q(expires_at=None)
                | Q(expires_at__gt=F("publish_at")),
                name="piece_expires_after_publication",
            ),
        ]
        indexes = [
            models.Index(fields=["federation", "-changed_at", "-id"], name="piece_desk"),
            models.Index(fields=["-changed_at", "-id"], name="piece_newest"),
            models.Index(
                fields=["kind", "-first_published_at", "-id"],
                condition=Q(published__isnull=False, withdrawn_at=None),
                name="piece_out",
            ),
            models.Index(
                fields=["publish_at"], condition=Q(state="approved"), name="piece_due_out"
            ),
        ]
        triggers = [
            *Scoped.Meta.triggers,
            pgtrigger.Protect(name="piece_stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("piece-detail", args=[self.pk])

    def get_kind_display(self) -> str:
        return str(kinds.kind(self.kind).label)

    @property
    def is_out(self) -> bool:
        return self.published_id is not None and self.withdrawn_at is None


class Revision(models.Model):
    """One version of a piece as it went to review: whole, with the details of its kind; never changed."""

    id = models.BigAutoField(primary_key=True)
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    #: title, summary, body, audience, details.
    content = models.JSONField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_by_name = LineField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["piece", "number"], name="revision_number_once"),
        ]
        triggers = [
            pgtrigger.Protect(name="revision_stays", operation=pgtrigger.Delete | pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.content.get('title', '')} · {self.number}"


class Review(models.Model):
    """What a reviewer decided about a revision, and why; never changed."""

    class Verdict(models.TextChoices):
        PASSED = "passed", _("passed")
        RETURNED = "returned", _("returned")

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="reviews")
    stage = models.CharField(max_length=16, choices=PieceState)
    verdict = models.CharField(max_length=10, choices=Verdict)
    note = ProseField(_("note"), max_length=2000, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_name = LineField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("editorial review")
        verbose_name_plural = _("editorial reviews")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "by"], name="review_by_three_people"),
        ]
        triggers = [
            pgtrigger.Protect(name="review_stays", operation=pgtrigger.Delete | pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.revision} · {self.get_stage_display()}"


class Writer(models.Model):
    """Who wrote on the text since it last came out: they do not review it."""

    piece = models.ForeignKey(Piece, on_delete=models.CASCADE, related_name="writers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("writer")
        verbose_name_plural = _("writers")
        constraints = [models.UniqueConstraint(fields=["piece", "user"], name="writer_once")]

    def __str__(self) -> str:
        return f"{self.piece} · {self.user}"
