"""督导: what the centre asked, saw and agreed on with a federation, by telephone or on the spot."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.federations.models import Federation, Scoped
from platform_site.text.fields import LineField, ProseField

from ..workflow import PhoneRoundState, SupervisionState
from .reports import ReportQuerySet

User = settings.AUTH_USER_MODEL


class SupervisionKind(models.TextChoices):
    PHONE = "phone", _("Telephone exchange")
    VISIT = "visit", _("Field visit")
    STAY = "stay", _("Stay-in-place research")
    CASE = "case", _("Dissection of a case")


#: A telephone exchange happens unannounced; the others are planned.
PLANNED_KINDS = (SupervisionKind.VISIT, SupervisionKind.STAY, SupervisionKind.CASE)
#: What the federation itself may read: the drafts of the centre's writers are theirs.
TOLD = (SupervisionState.RECORDED, SupervisionState.ACCEPTED)
#: The federation was spoken to.
HAPPENED = (
    *TOLD,
    SupervisionState.HELD,
    SupervisionState.WRITTEN,
    SupervisionState.RETURNED,
)


class SupervisionQuerySet(models.QuerySet["SupervisionRecord"]):
    CENTRE = (Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER, Role.AUDITOR)
    READERS = (*CENTRE, *ReportQuerySet.FILERS)

    def visible_to(self, user: Any) -> SupervisionQuerySet:
        """The centre and the auditor all; a federation, and those above it, what was recorded or
        accepted."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        scope = user.scope
        if scope.national(*self.CENTRE):
            return self.all()
        inside = scope.q(*ReportQuerySet.FILERS)
        return self.none() if inside is None else self.filter(inside, state__in=TOLD)

    def with_context(self) -> SupervisionQuerySet:
        return self.select_related("federation", "planned_by", "written_by", "accepted_by")


class SupervisionRecord(Scoped):
    """督导记录: one exchange with one federation. A visit is planned, held, written up and accepted.

    Who took part is text, names and posts, as far as the work needs it. What was recorded or accepted is
    never changed or deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=SupervisionKind)
    #: The day it is planned for, then the day it was held.
    on = models.DateField(_("date"))
    participants = ProseField(_("who took part"), max_length=1000, blank=True)
    plan = ProseField(_("plan and questions"), max_length=5000, blank=True)
    findings = ProseField(_("findings"), max_length=10_000, blank=True)
    outcome = ProseField(_("outcome"), max_length=5000, blank=True)
    next_contact_on = models.DateField(_("next contact on"), null=True)
    state = models.CharField(
        max_length=10, choices=SupervisionState, default=SupervisionState.PLANNED
    )
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    #: Why the report was returned the last time.
    return_reason = ProseField(_("reason"), max_length=1000, blank=True)
    version = models.PositiveIntegerField(default=1)

    STATE_TONES = {
        SupervisionState.HELD: "blue",
        SupervisionState.WRITTEN: "blue",
        SupervisionState.RECORDED: "green",
    }

    objects = SupervisionQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("supervision record")
        verbose_name_plural = _("supervision records")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="phone", state="recorded")
                | ~Q(kind="phone") & ~Q(state="recorded"),
                name="supervision_phone_recorded_at_once",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None) | ~Q(accepted_by=F("written_by")),
                name="supervision_accepted_by_another",
            ),
            models.CheckConstraint(
                condition=Q(next_contact_on=None) | Q(next_contact_on__gte=F("on")),
                name="supervision_next_contact_after",
            ),
        ]
        indexes = [
            models.Index(fields=["-on", "-id"], name="supervision_newest"),
            models.Index(fields=["first_tier", "-on", "-id"], name="supervision_first_tier"),
            models.Index(fields=["federation", "-on", "-id"], name="supervision_federation"),
        ]
        triggers = [
            *Scoped.Meta.triggers,
            pgtrigger.Protect(
                name="told_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=["accepted", "recorded"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.federation} · {self.on.isoformat()}"

    def get_absolute_url(self) -> str:
        return reverse("supervision-detail", args=[self.pk])


class PhoneRoundQuerySet(models.QuerySet["PhoneRound"]):
    def visible_to(self, user: Any) -> PhoneRoundQuerySet:
        """The centre and the auditor: it shows how every federation stands."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.all() if user.scope.national(*SupervisionQuerySet.CENTRE) else self.none()

    def with_progress(self) -> PhoneRoundQuerySet:
        """Each row with how many federations it calls, and how many were called."""
        return self.annotate(
            total=Count("calls"), called=Count("calls", filter=Q(calls__record__isnull=False))
        )


class PhoneRound(models.Model):
    """集中电话交流: within some days the centre calls these federations, one after the other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = LineField(_("title"), max_length=150)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    state = models.CharField(max_length=8, choices=PhoneRoundState, default=PhoneRoundState.OPEN)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = PhoneRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("phone round")
        verbose_name_plural = _("phone rounds")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="phone_round_days_in_order"
            )
        ]
        indexes = [models.Index(fields=["-starts_on", "-id"], name="phone_round_newest")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("phone-round-detail", args=[self.pk])


class PhoneCall(models.Model):
    """One federation to be called in a round; called, when there is a record of it."""

    round = models.ForeignKey(PhoneRound, on_delete=models.CASCADE, related_name="calls")
    federation = models.ForeignKey(Federation, on_delete=models.PROTECT, related_name="+")
    record = models.OneToOneField(
        SupervisionRecord, null=True, on_delete=models.PROTECT, related_name="call"
    )

    class Meta:
        verbose_name = _("call of a round")
        verbose_name_plural = _("calls of a round")
        constraints = [
            models.UniqueConstraint(fields=["round", "federation"], name="phone_call_once")
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.federation}"


def days_since(on: dt.date | None, today: dt.date) -> int | None:
    """Whole days since that day; None where there never was one."""
    return None if on is None else (today - on).days
