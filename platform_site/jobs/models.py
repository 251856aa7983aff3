"""Long work: what was asked for, how far it is, and what came of it. The row is the truth."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from platform_site.attachments.models import Attachment
from platform_site.text.fields import LineField, ProseField

from . import kinds


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> JobQuerySet:
        """A job, its log and its file are those of the person who asked for it, and of nobody else."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        return self.filter(by_id=user.pk)

    def unfinished(self) -> JobQuerySet:
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])


class Job(models.Model):
    """One piece of long work. It ends done, failed with a reason, or cancelled.

    A worker claims the row and commits before it begins; ``lease_until`` is renewed while it works. A
    claim whose lease has run out belongs to a worker that died: the sweep lets the job begin again,
    three times at the most. Whoever does not hold the claim any more cannot end the job.

    All instants are the database's. ``version`` counts what people do, not how far the work is.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting its turn")
        RUNNING = "running", _("Running")
        DONE = "done", _("Finished")
        FAILED = "failed", _("Not finished")
        CANCELLED = "cancelled", _("Cancelled")

    STATE_TONES = {State.QUEUED: "grey", State.RUNNING: "blue"}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=40)
    title = LineField(_("title"), max_length=300)
    # What to do, as plain data: it may hold what somebody typed, so only the initiator's job reads it.
    parameters = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="jobs",
        verbose_name=_("asked for by"),
    )
    language = models.CharField(max_length=16)
    #: The scope that a token needs besides, to be shown what came of it; blank: none.
    read_scope = models.CharField(max_length=60, blank=True, default="")
    #: The offices ("role@federation") by which it was made: without them its result is not shown.
    seats = ArrayField(models.CharField(max_length=60), default=list)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("in all"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claim = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    #: When a worker was last told that this job waits.
    rung_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(_("cancellation asked for"), null=True, blank=True)
    result = models.OneToOneField(
        Attachment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    #: The file was there and has been deleted, its time being over.
    result_swept_at = models.DateTimeField(null=True, blank=True)
    result_url = models.CharField(max_length=500, blank=True)
    summary = ProseField(_("result"), max_length=1000, blank=True)
    failed_reason = ProseField(_("what went wrong"), max_length=1000, blank=True)
    queued_at = models.DateTimeField(_("asked for"), db_default=Now())
    started_at = models.DateTimeField(_("begun"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-queued_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", claim__isnull=False, lease_until__isnull=False)
                | (~Q(state="running") & Q(claim__isnull=True, lease_until__isnull=True)),
                name="job_claim_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], ended_at__isnull=True)
                | Q(state__in=["done", "failed", "cancelled"], ended_at__isnull=False),
                name="job_ends_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(failed_reason=""), name="job_failed_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(result__isnull=True) | Q(state="done"), name="job_result_of_done"
            ),
        ]
        indexes = [
            models.Index(fields=["by", "-queued_at", "-id"], name="job_of_person"),
            models.Index(fields=["queued_at"], condition=Q(state="queued"), name="job_waiting"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_running"),
            models.Index(
                fields=["ended_at"], condition=Q(result__isnull=False), name="job_with_result"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("job-detail", args=[self.pk])

    @property
    def kind_label(self) -> str:
        known = kinds.find(self.kind)
        return str(known.label) if known else self.kind

    @property
    def is_over(self) -> bool:
        return self.state not in (self.State.QUEUED, self.State.RUNNING)

    @property
    def may_cancel(self) -> bool:
        return not self.is_over and self.cancel_asked_at is None


class JobLine(models.Model):
    """One line of a job's log."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="lines")
    at = models.DateTimeField(_("when"), db_default=Now())
    text = ProseField(_("text"), max_length=500)

    class Meta:
        verbose_name = _("line of a job's log")
        verbose_name_plural = _("log of a job")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text
