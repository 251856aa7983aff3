"""National notices: what the centre asks of federations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.audit.history import track_fields
from platform_site.documents.models import NumberSeries
from platform_site.documents.numbers import Number, number_text
from platform_site.federations.lines import BusinessLine
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation, Request, Round, Schedule
from platform_site.obligations.periods import Frequency
from platform_site.questionnaires.models import Form, FormVersion
from platform_site.text.fields import LineField, ProseField

from ..workflow import NoticeState

User = settings.AUTH_USER_MODEL


class Asks(models.TextChoices):
    """What a notice asks for."""

    PILOT_PLAN = "pilot_plan", _("pilot plan")
    PROGRESS = "progress", _("progress report")
    INFORMATION = "information", _("information")
    NOTHING = "nothing", _("signing for only")


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
        return self.select_related(
            "request__federation", "request__schedule", "form_version__form", "number_series"
        )

    def with_due_date(self) -> NoticeQuerySet:
        """Each row with the period and the three dates of its newest round; of a draft, its first one."""
        round = Round.objects.filter(request=OuterRef("pk")).newest_first()
        return self.annotate(
            period=Subquery(round.values("period")[:1]),
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
    #: What its next round is filled in with; a round that was opened keeps its own (:class:`RoundForm`).
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

    @cached_property
    def rounds(self) -> list[Round]:
        """Its rounds that were opened, the newest first; of a draft, the one it will be issued with."""
        rounds = list(self.request.rounds.newest_first().select_related("summary"))
        return [each for each in rounds if each.opened_at] or rounds[:1]

    @property
    def round(self) -> Round:
        """The newest of its rounds that were opened; of a draft, the one it will be issued with."""
        return self.rounds[0]

    @property
    def schedule(self) -> Schedule | None:
        """How it recurs; None where it asks once."""
        return getattr(self.request, "schedule", None)

    @property
    def frequency(self) -> str:
        return self.schedule.frequency if self.schedule else Frequency.ONCE

    def get_frequency_display(self) -> str:
        return str(Frequency(self.frequency).label)

    @property
    def number(self) -> str:
        """发文字号 with its hexagonal brackets (GB/T 9704-2012), or nothing."""
        return number_text(self.number_word, self.number_year, self.number_no)

    @property
    def document_number(self) -> Number | None:
        return Number.of(self.number_word, self.number_year, self.number_no)

    @property
    def dated(self) -> str:
        """The day of issue in words, or only year and month where no more is known."""
        if self.month_year:
            return date_format(dt.date(self.month_year, self.month or 1, 1), "YEAR_MONTH_FORMAT")
        return date_format(self.issued_at, "DATE_FORMAT") if self.issued_at else ""


class RoundForm(models.Model):
    """Which version of the form a round of a recurring notice is filled in with: kept when it opens."""

    round = models.OneToOneField(
        Round, primary_key=True, on_delete=models.CASCADE, related_name="form_kept"
    )
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("form of a round")
        verbose_name_plural = _("forms of rounds")

    def __str__(self) -> str:
        return f"{self.round}: {self.form_version}"
