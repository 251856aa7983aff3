"""What federations file in answer: pilot plans, progress reports, information; versions, comments."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.attachments.models import Attachment
from platform_site.audit.history import track_fields
from platform_site.federations.models import Federation, Holding, Scoped
from platform_site.obligations.models import Obligation
from platform_site.obligations.periods import titled
from platform_site.questionnaires.models import Sheet
from platform_site.text.fields import LineField, ProseField

from ..workflow import ReportState
from .notices import Asks, Notice

User = settings.AUTH_USER_MODEL


class ReportQuerySet(models.QuerySet["Report"]):
    FILERS = (Role.PROVINCIAL_LEADER, Role.DEPARTMENT_HEAD, Role.LIAISON_OFFICER)
    READERS = (*FILERS, Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER, Role.AUDITOR)

    def visible_to(self, user: Any) -> ReportQuerySet:
        """The own federation from the first keystroke, everyone else from the first submission.

        Everyone else: the federations above, the centre (not what a province passed down), the
        auditor, and a named, unexpired grant.
        """
        if not (user.is_authenticated and user.is_active):
            return self.none()
        scope = user.scope
        seen = Q(federation__in=scope.at(*self.FILERS)) | Q(
            pk__in=scope.granted(self.model, "view_report")
        )
        inside = scope.q(*self.READERS)
        if inside is not None:
            if scope.national(Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER):
                inside &= Q(obligation__parent=None)
            seen |= inside & Q(submitted_at__isnull=False)
        return self.filter(seen)

    def matching(self, words: str) -> ReportQuerySet:
        """Those whose notice's title or whose federation's name holds these words."""
        return self.filter(
            Q(obligation__round__request__title__icontains=words)
            | Q(federation__name_zh__icontains=words)
            | Q(federation__name_en__icontains=words)
        )

    def with_context(self) -> ReportQuerySet:
        return self.select_related(
            "federation",
            "obligation__parent__federation",
            "obligation__round__request__federation",
            "obligation__round__request__notice",
        )


# Answers have their history in the submitted versions; names of persons stay out of it.
@track_fields(
    personal=["signed_off_name", "signed_off_title"],
    exclude=["explanation", "nothing_reason", "brought_forward"],
)
class Report(Scoped):
    """What one federation files for one obligation: a pilot plan, a progress report, information.

    "Late" is never a state: it is computed. ``supersedes`` chains a supplement to an earlier plan.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    obligation = models.OneToOneField(Obligation, on_delete=models.PROTECT, related_name="report")
    sheet = models.OneToOneField(Sheet, on_delete=models.PROTECT, related_name="report")
    kind = models.CharField(max_length=12, choices=Asks)
    supersedes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.DRAFT)
    nothing_to_report = models.BooleanField(_("nothing to report"), default=False)
    nothing_reason = ProseField(_("why there is nothing to report"), max_length=1000, blank=True)
    explanation = ProseField(_("explanation"), max_length=2000, blank=True)
    #: Codes of the answers that were taken from the last period and that nobody has looked at since.
    brought_forward = models.JSONField(
        default=list, db_default=models.Value([], output_field=models.JSONField())
    )
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_off_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    signed_off_holding = models.ForeignKey(
        Holding, null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_off_name = LineField(_("signed off by"), max_length=40, blank=True)
    signed_off_title = LineField(_("post"), max_length=60, blank=True)
    signed_off_on = models.DateField(_("signed off on"), null=True)
    signed_off_scan = models.ForeignKey(
        Attachment, null=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    looked_at_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    STATE_TONES = {
        ReportState.SUBMITTED: "blue",
        ReportState.RETURNED: "red",
        ReportState.ACCEPTED: "green",
    }

    objects = ReportQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ReportState.DRAFT) | Q(submitted_at__isnull=False),
                name="report_submitted_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Asks.NOTHING), name="report_of_something_asked"
            ),
        ]
        indexes = [
            models.Index(fields=["-submitted_at", "-id"], name="report_newest"),
            models.Index(fields=["first_tier", "-submitted_at", "-id"], name="report_first_tier"),
            models.Index(fields=["prefecture", "-submitted_at", "-id"], name="report_prefecture"),
            models.Index(fields=["federation", "-submitted_at", "-id"], name="report_federation"),
        ]

    def __str__(self) -> str:
        return f"{self.federation} · {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("report-detail", args=[self.pk])

    @property
    def notice(self) -> Notice:
        return self.obligation.round.request.notice

    @property
    def period(self) -> str:
        """The code of the period it is for (:mod:`platform_site.obligations.periods`), or nothing."""
        return self.obligation.round.period

    @property
    def title(self) -> str:
        """The notice's title with the period."""
        return titled(self.notice.title, self.period)

    @property
    def asking_federation_id(self) -> int:
        return self.obligation.asking_federation_id

    @property
    def asking_federation(self) -> Federation:
        """Who asked for it and decides on it: the centre, or in a cascade the federation above."""
        return self.obligation.asking_federation

    def people_involved(self) -> set[uuid.UUID]:
        """Who prepared, submitted or signed it off: they never decide on it."""
        people = {
            self.started_by_id,
            self.prepared_by_id,
            self.submitted_by_id,
            self.signed_off_by_id,
        }
        people |= set(self.sheet.answers.values_list("changed_by", flat=True))
        people |= set(self.versions.values_list("submitted_by", flat=True))
        return people - {None}

    def has_been_looked_at(self) -> bool:
        """A reviewer has acted (a comment) on the version that lies before them."""
        return self.looked_at_at is not None

    @property
    def is_signed_off(self) -> bool:
        return self.signed_off_on is not None


class ReportVersion(models.Model):
    """A submitted version, kept whole: wordings, units, values, attachments with checksums."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    nothing_to_report = models.BooleanField(default=False)
    nothing_reason = ProseField(max_length=1000, blank=True)
    explanation = ProseField(max_length=2000, blank=True)
    #: The doubts that the explanation overrode, as they were worded.
    doubts = models.JSONField(default=list)
    prepared_by_name = LineField(max_length=150)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_by_name = LineField(max_length=150)
    signed_off_name = LineField(max_length=40, blank=True)
    signed_off_title = LineField(max_length=60, blank=True)
    signed_off_on = models.DateField(null=True)
    submitted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("submitted version")
        verbose_name_plural = _("submitted versions")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="report_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.report} v{self.number}"

    @property
    def receipt_number(self) -> str:
        return receipt_number_of(self.submitted_at, self.report_id, self.number)


def receipt_number_of(submitted_at: dt.datetime, report_id: uuid.UUID, number: int) -> str:
    """回执号: year, first eight characters of the report's id, version."""
    return f"{timezone.localtime(submitted_at).year}-{str(report_id)[:8].upper()}-{number}"


class Comment(models.Model):
    """A reviewer's word on one answer of one submitted version; the filer owes it one reply."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report_version = models.ForeignKey(
        ReportVersion, on_delete=models.PROTECT, related_name="comments"
    )
    question = models.SlugField(max_length=60)
    text = ProseField(_("comment"), max_length=2000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_name = LineField(max_length=150)
    at = models.DateTimeField()
    reply = ProseField(_("reply"), max_length=2000, blank=True)
    replied_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    replied_by_name = LineField(max_length=150, blank=True)
    replied_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reply="", replied_at=None)
                | (~Q(reply="") & Q(replied_at__isnull=False)),
                name="comment_reply_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.text[:40]}"
