"""汇总: what the accepted reports of a notice add up to, worked on by the centre and frozen as editions."""

from __future__ import annotations

import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.documents.numbers import Number
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation, Round
from platform_site.text.fields import LineField, ProseField

from .notices import Notice
from .reports import ReportVersion

User = settings.AUTH_USER_MODEL

#: Answers that a paragraph may be drawn from, and what it then holds: an answer has 5,000 characters.
MOST_QUESTIONS = 10
REASON_LENGTH = 200
REMARK_LENGTH, PART_LENGTH = 10_000, MOST_QUESTIONS * 5_000 + MOST_QUESTIONS


class SummaryQuerySet(models.QuerySet["Summary"]):
    READERS = (Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER)

    def visible_to(self, user: Any) -> SummaryQuerySet:
        """Whoever sums up: the national staff, and the auditor. It names every federation, so no other."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        if user.scope.national(Role.AUDITOR):
            return self.all()
        return self.filter(notice__request__federation__in=user.scope.at(*self.READERS))

    def with_notice(self) -> SummaryQuerySet:
        return self.select_related(
            "notice__request__federation", "notice__form_version", "round", "changed_by"
        )

    def with_last_edition(self) -> SummaryQuerySet:
        """Each row with the number and the time of its newest edition."""
        newest = SummaryEdition.objects.filter(summary=OuterRef("pk")).order_by("-number")
        return self.annotate(
            last_edition=Subquery(newest.values("number")[:1]),
            last_frozen_at=Subquery(newest.values("frozen_at")[:1]),
        )


class Summary(models.Model):
    """The one working copy of the summary of one round of a notice: a remark, and a paragraph for each federation.

    Its figures are never kept here: they are read from the accepted reports until an edition freezes
    them. ``questions`` are the codes whose answers a paragraph is drawn from.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="summaries")
    round = models.OneToOneField(Round, on_delete=models.PROTECT, related_name="summary")
    title = LineField(_("title"), max_length=150)
    remark = ProseField(_("remark"), max_length=REMARK_LENGTH, blank=True)
    questions = ArrayField(models.SlugField(max_length=60), default=list)
    #: Tables and charts between the paragraphs (see ``queries.exhibits.Exhibit``).
    exhibits = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = SummaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("summary")
        verbose_name_plural = _("summaries")
        indexes = [models.Index(fields=["-changed_at", "-id"], name="summary_newest")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("summary-detail", args=[self.pk])

    @property
    def federation(self) -> Federation:
        return self.notice.federation

    @property
    def federation_id(self) -> int:
        return self.notice.federation_id


class SummaryPart(models.Model):
    """The paragraph of one federation, beside the version of its report that it was drawn from.

    Accepted reports go in unless somebody leaves one out, by name and with the reason.
    """

    summary = models.ForeignKey(Summary, on_delete=models.CASCADE, related_name="parts")
    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(ReportVersion, on_delete=models.PROTECT, related_name="+")
    text = ProseField(_("paragraph"), max_length=PART_LENGTH, blank=True)
    #: The place that somebody gave it; those of one place stand in the official order.
    position = models.PositiveSmallIntegerField(default=0, db_default=0)
    #: Not empty: the report counts nowhere in the summary, which names it with this reason.
    left_out = LineField(
        _("why it is left out"), max_length=REASON_LENGTH, blank=True, default="", db_default=""
    )
    #: None while it stands as it was drawn.
    edited_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("paragraph of a summary")
        verbose_name_plural = _("paragraphs of a summary")
        constraints = [
            models.UniqueConstraint(fields=["summary", "obligation"], name="summary_part_once"),
            models.CheckConstraint(
                condition=Q(edited_by=None, edited_at=None)
                | Q(edited_by__isnull=False, edited_at__isnull=False),
                name="summary_part_edited_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.summary}: {self.obligation.federation}"


class SummaryEdition(models.Model):
    """A numbered edition, frozen whole: figures with the report each comes from, paragraphs, lists.

    The database refuses to change or delete one. The shape of ``content`` is that of
    ``queries.summary_content``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    summary = models.ForeignKey(Summary, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    note = LineField(_("what is new"), max_length=200, blank=True)
    number_word = LineField(_("document word"), max_length=20, null=True)
    number_year = models.PositiveSmallIntegerField(_("year"), null=True)
    number_no = models.PositiveIntegerField(_("serial"), null=True)
    frozen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    frozen_by_name = LineField(max_length=64)
    frozen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("edition of a summary")
        verbose_name_plural = _("editions of a summary")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["summary", "number"], name="summary_edition_once"),
            models.UniqueConstraint(
                fields=["number_word", "number_year", "number_no"],
                name="summary_edition_number_once",
            ),
            models.CheckConstraint(
                condition=Q(number_word=None, number_year=None, number_no=None)
                | Q(number_word__isnull=False, number_year__isnull=False, number_no__isnull=False),
                name="summary_edition_number_whole",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="edition_frozen", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.summary} · {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("summary-edition", args=[self.summary_id, self.number])

    @property
    def document_number(self) -> Number | None:
        return Number.of(self.number_word, self.number_year, self.number_no)
