"""National notices and what federations file in answer: pilot plans, progress reports, information."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.attachments.models import Attachment
from platform_site.audit.history import track_fields
from platform_site.documents.models import NumberSeries
from platform_site.documents.numbers import Number
from platform_site.federations.models import Federation, Holding, Scoped
from platform_site.obligations.models import Obligation, Request, Round
from platform_site.questionnaires.models import Form, FormVersion, Sheet
from platform_site.text.fields import LineField, ProseField

from .workflow import NoticeState, ReportState

User = settings.AUTH_USER_MODEL


class Asks(models.TextChoices):
    """What a notice asks for."""

    PILOT_PLAN = "pilot_plan", _("pilot plan")
    PROGRESS = "progress", _("progress report")
    INFORMATION = "information", _("information")
    NOTHING = "nothing", _("signing for only")


class BusinessLine(models.TextChoices):
    """The five lines of business and the platform (“5+1”)."""

    SOCIAL_ORGANISATIONS = "social_organisations", _("labour-relations social organisations")
    OVERSEAS_NGOS = "overseas_ngos", _("overseas NGOs")
    NEW_STRATA = "new_strata", _("new social strata")
    THINK_TANKS = "think_tanks", _("labour-relations think tanks")
    INTERNATIONAL = "international", _("international NGO activities")
    PLATFORM = "platform", _("the platform")


class NoticeQuerySet(models.QuerySet["Notice"]):
    DRAFTERS = (Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER)
    #: Roles to which an issued notice is addressed through their federation, or one above it.
    ADDRESSED = (
        Role.PROVINCIAL_LEADER,
        Role.DEPARTMENT_HEAD,
        Role.LIAISON_OFFICER,
        Role.CASEWORK_OFFICER,
        Role.EDITOR,
    )

    def visible_to(self, user: Any) -> NoticeQuerySet:
        """Before issue, the drafting federation alone; then whoever is, or lies below, a recipient.

        National staff and the auditor see all that was issued; administrators see none.
        """
        if not (user.is_authenticated and user.is_active):
            return self.none()
        scope = user.scope
        issued = ~Q(state__in=[NoticeState.DRAFT, NoticeState.APPROVED])
        seen = Q(pk__in=scope.granted(self.model, "view_notice"))
        if drafting := scope.at(*self.DRAFTERS):
            seen |= Q(request__federation__in=drafting)
        if scope.national(*self.DRAFTERS, *self.ADDRESSED, Role.AUDITOR):
            return self.filter(seen | issued)
        addressed = scope.lineage(*self.ADDRESSED)
        if addressed:
            owed = Obligation.objects.filter(
                round__request=OuterRef("pk"), federation__in=addressed
            )
            seen |= issued & Q(Exists(owed))
        return self.filter(seen)

    def with_request(self) -> NoticeQuerySet:
        return self.select_related("request__federation", "form_version__form", "number_series")

    def with_due_date(self) -> NoticeQuerySet:
        """Each row with the three dates of its one round."""
        round = Round.objects.filter(request=OuterRef("pk"))
        return self.annotate(
            due_on=Subquery(round.values("due_on")[:1]),
            on_time_until=Subquery(round.values("on_time_until")[:1]),
            locks_on=Subquery(round.values("locks_on")[:1]),
        )


@track_fields()
class Notice(models.Model):
    """通知: what the centre asks of federations, with its due date and form.

    A document number is three columns, null or unique together. History may lack number, day and due
    date: then it shows its month ("2016年9月") and its obligations have no clock.
    """

    request = models.OneToOneField(
        Request, primary_key=True, on_delete=models.CASCADE, related_name="notice"
    )
    text = ProseField(_("text"), max_length=20000)
    business_line = models.CharField(_("business line"), max_length=24, choices=BusinessLine)
    asks = models.CharField(_("what is asked for"), max_length=12, choices=Asks)
    form_version = models.ForeignKey(
        FormVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    contact_name = LineField(_("contact"), max_length=40, blank=True)
    contact_phone = LineField(_("contact phone"), max_length=40, blank=True)
    number_word = LineField(_("document word"), max_length=20, null=True, blank=True)
    number_year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    number_no = models.PositiveIntegerField(_("serial"), null=True, blank=True)
    #: The series from which the number is taken at issue; null: typed by hand, or none.
    number_series = models.ForeignKey(
        NumberSeries, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    #: History of which only year and month are known.
    month_year = models.PositiveSmallIntegerField(null=True, blank=True)
    month = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.DRAFT)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    STATE_TONES = {
        NoticeState.APPROVED: "blue",
        NoticeState.ISSUED: "green",
        NoticeState.WITHDRAWN: "red",
    }

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(
                fields=["number_word", "number_year", "number_no"], name="notice_number_once"
            ),
            models.CheckConstraint(
                condition=Q(number_word=None, number_year=None, number_no=None)
                | Q(number_word__isnull=False, number_year__isnull=False, number_no__isnull=False),
                name="notice_number_whole",
            ),
            models.CheckConstraint(
                condition=Q(asks=Asks.NOTHING) | Q(form_version__isnull=False),
                name="notice_asks_with_a_form",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[NoticeState.DRAFT, NoticeState.APPROVED])
                | Q(issued_at__isnull=False),
                name="notice_issued_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["-issued_at", "-request"], name="notice_newest")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("notice-detail", args=[self.pk])

    @property
    def title(self) -> str:
        return self.request.title

    @property
    def federation(self) -> Federation:
        return self.request.federation

    @property
    def federation_id(self) -> int:
        return self.request.federation_id

    @property
    def form(self) -> Form | None:
        return self.form_version.form if self.form_version else None

    @property
    def round(self) -> Round:
        """The one round of a one-off notice."""
        return self.request.rounds.all()[0]

    @property
    def number(self) -> str:
        """发文字号 with its hexagonal brackets (GB/T 9704-2012), or nothing."""
        return str(self.document_number or "")

    @property
    def document_number(self) -> Number | None:
        if self.number_word is None:
            return None
        return Number(self.number_word, self.number_year, self.number_no)

    @property
    def dated(self) -> str:
        """The day of issue in words, or only year and month where no more is known."""
        if self.month_year:
            return date_format(dt.date(self.month_year, self.month or 1, 1), "YEAR_MONTH_FORMAT")
        return date_format(self.issued_at, "DATE_FORMAT") if self.issued_at else ""


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

    def with_context(self) -> ReportQuerySet:
        return self.select_related(
            "federation",
            "obligation__round__request__federation",
            "obligation__round__request__notice",
        )


# Answers have their history in the submitted versions; names of persons stay out of it.
@track_fields(
    personal=["signed_off_name", "signed_off_title"], exclude=["explanation", "nothing_reason"]
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
    def asking_federation_id(self) -> int:
        return self.obligation.round.request.federation_id

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
        """回执号: year, first eight characters of the report's id, version."""
        return f"{self.submitted_at.year}-{str(self.report_id)[:8].upper()}-{self.number}"


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
