"""通报: what the centre tells all federations about who filed on time, late or not at all."""

from __future__ import annotations

import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.documents.models import NumberSeries
from platform_site.documents.numbers import Number, number_text
from platform_site.federations.models import Federation
from platform_site.obligations.models import Round
from platform_site.text.fields import LineField, ProseField

from ..workflow import CircularState

User = settings.AUTH_USER_MODEL

TEXT_LENGTH, REMARK_LENGTH = 10_000, 500
#: It has a number and was read: nothing of it changes any more.
OUT = (CircularState.ISSUED, CircularState.WITHDRAWN)


class CircularList(models.TextChoices):
    """What a circular can list. The first five are the groups of ``queries.punctuality``."""

    ON_TIME = "on_time", _("On time")
    LATE = "late", _("Late")
    SILENT = "silent", _("Not filed and late")
    RUNNING = "running", _("Time still runs")
    WAIVED = "waived", _("Waived")
    QUALITY = "quality", _("Quality of the reports")
    TABLE = "table", _("Table of all, attached")


class CircularQuerySet(models.QuerySet["Circular"]):
    DRAFTERS = (Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER)
    #: Who reads what was sent to the own federation.
    ADDRESSED = (Role.PROVINCIAL_LEADER, Role.DEPARTMENT_HEAD, Role.LIAISON_OFFICER)

    def visible_to(self, user: Any) -> CircularQuerySet:
        """The body that issues it and the auditor all; a federation what was issued to it.

        What was withdrawn stays visible to whoever had it, with the reason.
        """
        if not (user.is_authenticated and user.is_active):
            return self.none()
        scope = user.scope
        if scope.national(Role.AUDITOR):
            return self.all()
        seen = Q(federation__in=scope.at(*self.DRAFTERS))
        if addressed := scope.at(*self.ADDRESSED):
            sent = Circular.recipients.through._base_manager.filter(federation__in=addressed)
            seen |= Q(state__in=OUT, pk__in=sent.values("circular"))
        return self.filter(seen)

    def with_context(self) -> CircularQuerySet:
        return self.select_related("federation", "number_series", "drafted_by")


class Circular(models.Model):
    """One circular about one or several rounds, as of a day.

    Its lists are never kept while it is a draft: they are read from the obligations. Approval freezes
    them as ``content`` (the shape is that of ``queries.circulars.circular_content``), sending back
    throws them away, issue adds number and day; from then on the database refuses every change of what
    it says.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    federation = models.ForeignKey(
        Federation, on_delete=models.PROTECT, related_name="+", verbose_name=_("issued by")
    )
    title = LineField(_("title"), max_length=150)
    #: Its lists are those of the end of this day; of today, those of the moment of approval.
    as_of = models.DateField(_("as of"))
    before = ProseField(_("text before the lists"), max_length=TEXT_LENGTH, blank=True)
    after = ProseField(_("text after the lists"), max_length=TEXT_LENGTH, blank=True)
    lists = ArrayField(models.CharField(max_length=10, choices=CircularList), default=list)
    rounds = models.ManyToManyField(Round, through="CircularSubject", related_name="+")
    recipients = models.ManyToManyField(Federation, related_name="+")
    number_series = models.ForeignKey(
        NumberSeries, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    number_word = LineField(_("document word"), max_length=20, null=True)
    number_year = models.PositiveSmallIntegerField(_("year"), null=True)
    number_no = models.PositiveIntegerField(_("serial"), null=True)
    state = models.CharField(max_length=10, choices=CircularState, default=CircularState.DRAFT)
    content = models.JSONField(null=True)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = ProseField(_("reason"), max_length=2000, blank=True)
    version = models.PositiveIntegerField(default=1)

    STATE_TONES = {
        CircularState.APPROVED: "blue",
        CircularState.ISSUED: "green",
        CircularState.WITHDRAWN: "red",
    }

    objects = CircularQuerySet.as_manager()

    class Meta:
        verbose_name = _("circular")
        verbose_name_plural = _("circulars")
        constraints = [
            models.UniqueConstraint(
                fields=["number_word", "number_year", "number_no"], name="circular_number_once"
            ),
            models.CheckConstraint(
                condition=Q(number_word=None, number_year=None, number_no=None)
                | Q(number_word__isnull=False, number_year__isnull=False, number_no__isnull=False),
                name="circular_number_whole",
            ),
            models.CheckConstraint(
                condition=Q(state=CircularState.DRAFT)
                | Q(content__isnull=False, approved_by__isnull=False),
                name="circular_approved_whole",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("drafted_by")),
                name="circular_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[CircularState.DRAFT, CircularState.APPROVED])
                | Q(issued_at__isnull=False),
                name="circular_issued_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["-issued_at", "-id"], name="circular_newest")]
        triggers = [
            pgtrigger.Protect(
                name="circular_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=["issued", "withdrawn"]),
            ),
            pgtrigger.Protect(
                name="circular_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["issued", "withdrawn"])
                & (
                    pgtrigger.Q(old__content__df=pgtrigger.F("new__content"))
                    | pgtrigger.Q(old__title__df=pgtrigger.F("new__title"))
                    | pgtrigger.Q(old__as_of__df=pgtrigger.F("new__as_of"))
                    | pgtrigger.Q(old__number_word__df=pgtrigger.F("new__number_word"))
                    | pgtrigger.Q(old__number_year__df=pgtrigger.F("new__number_year"))
                    | pgtrigger.Q(old__number_no__df=pgtrigger.F("new__number_no"))
                    | pgtrigger.Q(old__issued_at__df=pgtrigger.F("new__issued_at"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("circular-detail", args=[self.pk])

    @property
    def number(self) -> str:
        """发文字号, or nothing before it is issued."""
        return number_text(self.number_word, self.number_year, self.number_no)

    @property
    def document_number(self) -> Number | None:
        return Number.of(self.number_word, self.number_year, self.number_no)


class CircularSubject(models.Model):
    """A round that a circular is about, in the order of its sections."""

    circular = models.ForeignKey(Circular, on_delete=models.CASCADE, related_name="subjects")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["circular", "round"], name="circular_round_once")
        ]

    def __str__(self) -> str:
        return f"{self.circular}: {self.round}"


class CircularLine(models.Model):
    """What an officer says about one federation: a remark on its reports, or why it is not named.

    Where it stands is no part of this: that follows from its obligations alone.
    """

    circular = models.ForeignKey(Circular, on_delete=models.CASCADE, related_name="lines")
    federation = models.ForeignKey(Federation, on_delete=models.PROTECT, related_name="+")
    remark = LineField(_("remark"), max_length=REMARK_LENGTH, blank=True)
    #: Not empty: the federation appears in no list, and whoever approves reads why.
    left_out = LineField(_("why it is left out"), max_length=REMARK_LENGTH, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circular", "federation"], name="circular_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.circular}: {self.federation}"
