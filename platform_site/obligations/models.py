"""What is asked of whom by when: once for notices, consultations, censuses and tasks."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.audit.history import track_fields
from platform_site.federations.models import Federation, Holding, Scoped
from platform_site.text.fields import LineField, ProseField

from . import kinds, periods
from .schedules import DateRule, DueUnit, Plan
from .workflow import RUNNING, TO_DO, ActionState


class Request(models.Model):
    """Something a federation asks of others. ``federation`` is the one that asks."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40, editable=False)
    federation = models.ForeignKey(
        Federation, on_delete=models.PROTECT, related_name="+", verbose_name=_("issued by")
    )
    title = LineField(_("title"), max_length=150)

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return kinds.kind(self.kind).url(self.pk)


class RoundQuerySet(models.QuerySet["Round"]):
    def opened(self) -> RoundQuerySet:
        return self.filter(opened_at__isnull=False)

    def newest_of(self, requests: Iterable[Any]) -> RoundQuerySet:
        """Of each request, by id, the round that was opened last."""
        return (
            self.opened()
            .filter(request__in=list(requests))
            .order_by("request_id", "-opened_at", "-due_on", "-period", "-id")
            .distinct("request_id")
        )

    def newest_first(self) -> RoundQuerySet:
        """Those that were opened, the newest first, before those that are only planned."""
        return self.order_by(F("opened_at").desc(nulls_last=True), "-due_on", "-period", "-id")


class Round(models.Model):
    """One time of asking: three dates apart (due, on time until, locked from the day after).

    ``period`` is a code of :mod:`.periods`, empty where the request asks once. ``due_on`` is empty for
    history that has no clock. A round that is not opened yet is a plan: that of a draft, or one whose
    dates were moved by hand ahead of its opening, with the reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="rounds")
    period = models.CharField(max_length=20, blank=True)
    opens_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(_("due date"), null=True, blank=True)
    on_time_until = models.DateField(null=True, blank=True)
    locks_on = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True)
    moved_reason = ProseField(_("reason"), max_length=1000, blank=True, default="", db_default="")

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = [
            models.UniqueConstraint(fields=["request", "period"], name="round_period_once"),
            models.CheckConstraint(
                condition=Q(due_on=None)
                | Q(on_time_until__gte=F("due_on"), locks_on=None)
                | Q(on_time_until__gte=F("due_on"), locks_on__gte=F("on_time_until")),
                name="round_dates_in_order",
            ),
        ]
        # The national view: the newest rounds of all that is asked.
        indexes = [models.Index(fields=["-opened_at", "-id"], name="round_newest")]

    def __str__(self) -> str:
        return periods.titled(self.request.title, self.period)

    @property
    def period_label(self) -> str:
        return periods.label_of(self.period)


class Schedule(models.Model):
    """How a recurring request asks: how often, from which period to which, and the rule of its dates.

    ``next_period`` is the one whose round opens next; empty where none follows by itself. A request
    without a schedule asks once.
    """

    request = models.OneToOneField(
        Request, primary_key=True, on_delete=models.CASCADE, related_name="schedule"
    )
    frequency = models.CharField(_("frequency"), max_length=12, choices=periods.Frequency)
    first_period = models.CharField(_("first period"), max_length=20, blank=True)
    last_period = models.CharField(_("last period"), max_length=20, blank=True)
    next_period = models.CharField(max_length=20, blank=True)
    opens_after = models.PositiveSmallIntegerField(default=1)
    due_after = models.PositiveSmallIntegerField(default=10)
    due_unit = models.CharField(max_length=8, choices=DueUnit, default=DueUnit.WORKING)
    on_time_after = models.PositiveSmallIntegerField(default=0)
    locks_after = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        constraints = [
            models.CheckConstraint(
                condition=~Q(frequency=periods.Frequency.ONCE), name="schedule_recurs"
            )
        ]

    def __str__(self) -> str:
        return f"{self.request} · {self.get_frequency_display()}"

    @property
    def rule(self) -> DateRule:
        return DateRule(
            opens_after=self.opens_after,
            due_after=self.due_after,
            due_unit=self.due_unit,
            on_time_after=self.on_time_after,
            locks_after=self.locks_after,
        )

    @property
    def plan(self) -> Plan:
        return Plan(self.frequency, self.first_period, self.last_period, self.rule)


class Addressee(models.Model):
    """A recipient of a request that is not issued yet."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="addressees")
    federation = models.ForeignKey(Federation, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "federation"], name="addressee_once")
        ]

    def __str__(self) -> str:
        return f"{self.request} → {self.federation}"


class ObligationQuerySet(models.QuerySet["Obligation"]):
    #: Roles that follow what is asked of their federation and of those below it.
    READERS = (
        Role.NATIONAL_OFFICER,
        Role.NATIONAL_LEADER,
        Role.PROVINCIAL_LEADER,
        Role.DEPARTMENT_HEAD,
        Role.LIAISON_OFFICER,
        Role.AUDITOR,
    )

    def visible_to(self, user) -> ObligationQuerySet:
        """The own federation's and its subtree's; for the centre, all that was not passed down.

        Out of scope is out of every list, count and file; casework officers, editors and
        administrators see none.
        """
        if not (user.is_authenticated and user.is_active):
            return self.none()
        scope = user.scope
        inside = scope.q(*self.READERS)
        if inside is None:
            return self.none()
        if scope.national(*self.READERS) and not scope.holds(Role.AUDITOR):
            return self.filter(parent=None)
        return self.filter(inside)

    def counted_for(self, user) -> ObligationQuerySet:
        """What a reader's lists and counts are made of: for the centre and the auditor what was asked of the
        recipients themselves, for everybody else all that they see."""
        seen = self.visible_to(user)
        if user.is_authenticated and user.scope.national(*self.READERS):
            return seen.filter(parent=None)
        return seen

    def unsettled(self) -> ObligationQuerySet:
        return self.filter(settled_at=None, waived_at=None, cancelled_at=None)


@track_fields(personal=["leader"])
class Obligation(Scoped):
    """What one federation owes to one round: its dates are copied when it is issued and frozen.

    ``filed_at`` is the first submission and decides on time or late for good; a return clears
    nothing. ``settled_at`` is acceptance, or signing for where nothing is to be filed.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("not signed for")
        SIGNED_FOR = "signed_for", _("signed for")
        FILED = "filed", _("filed")
        SETTLED = "settled", _("settled")
        WAIVED = "waived", _("waived")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="obligations")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    due_on = models.DateField(null=True)
    on_time_until = models.DateField(null=True)
    locks_on = models.DateField(null=True)
    issued_at = models.DateTimeField()
    signed_for_at = models.DateTimeField(null=True)
    signed_for_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    leader = models.ForeignKey(Holding, null=True, on_delete=models.PROTECT, related_name="+")
    department = LineField(_("responsible department"), max_length=80, blank=True)
    filed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    waived_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = ObligationQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("obligation")
        verbose_name_plural = _("obligations")
        constraints = [
            models.UniqueConstraint(fields=["round", "federation"], name="obligation_once"),
            models.CheckConstraint(
                condition=Q(signed_for_at=None) | Q(signed_for_by__isnull=False),
                name="obligation_signed_by_someone",
            ),
        ]
        # One index a level of the tree: a list is the first rows of one of them (performance.md).
        indexes = [
            models.Index(fields=["-issued_at", "-id"], name="obligation_newest"),
            models.Index(
                fields=["-issued_at", "-id"], condition=Q(parent=None), name="obligation_centre"
            ),
            models.Index(fields=["first_tier", "-issued_at", "-id"], name="obligation_first_tier"),
            models.Index(fields=["prefecture", "-issued_at", "-id"], name="obligation_prefecture"),
            models.Index(fields=["federation", "-issued_at", "-id"], name="obligation_federation"),
            # What came in during some weeks, however much there is.
            models.Index(
                fields=["filed_at"], condition=Q(filed_at__isnull=False), name="obligation_filed"
            ),
            # What is not done by its day: the ones to tell of when the day has passed.
            models.Index(
                fields=["on_time_until"],
                condition=Q(filed_at=None, settled_at=None, waived_at=None, cancelled_at=None),
                name="obligation_open_limit",
            ),
            # The national view: what was asked of the recipients themselves, not what they passed down.
            models.Index(
                fields=["round", "federation"], condition=Q(parent=None), name="obligation_asked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.federation} · {self.round}"

    def get_absolute_url(self) -> str:
        """Its page is its owner's: the owner's kind of request answers at this name."""
        return reverse("obligation-detail", args=[self.pk])

    @property
    def state(self) -> State:
        """Where it stands, from its own marks; whether it is late is a question of its own."""
        return state_of(*attrgetter(*MARKS)(self))

    def get_state_display(self) -> str:
        return str(self.State(self.state).label)

    @property
    def asking_federation_id(self) -> int:
        """Whose business it is to remind, extend, waive and decide: see :attr:`asking_federation`."""
        if self.parent is not None:
            return self.parent.federation_id
        return self.round.request.federation_id

    @property
    def asking_federation(self) -> Federation:
        """Who asked it of this federation: the one that passed it down, else the one that issued the request."""
        if self.parent is not None:
            return self.parent.federation
        return self.round.request.federation

    def is_late(self, today: dt.date) -> bool:
        """Never stored; see :func:`is_late`."""
        return is_late(*attrgetter(*LATENESS)(self), today=today)

    def is_locked(self, today: dt.date) -> bool:
        return self.locks_on is not None and today > self.locks_on


Instant = dt.datetime | None

#: What :func:`state_of` and :func:`is_late` ask for, in this order: lists read the columns alone.
MARKS = ("signed_for_at", "filed_at", "settled_at", "waived_at", "cancelled_at")
LATENESS = ("on_time_until", "filed_at", "settled_at", "waived_at", "cancelled_at")


def state_of(
    signed_for_at: Instant,
    filed_at: Instant,
    settled_at: Instant,
    waived_at: Instant,
    cancelled_at: Instant,
) -> Obligation.State:
    """Where an obligation with these marks stands: the last of them decides."""
    state = Obligation.State
    if cancelled_at:
        return state.CANCELLED
    if waived_at:
        return state.WAIVED
    if settled_at:
        return state.SETTLED
    if filed_at:
        return state.FILED
    return state.SIGNED_FOR if signed_for_at else state.WAITING


def is_late(
    on_time_until: dt.date | None,
    filed_at: Instant,
    settled_at: Instant,
    waived_at: Instant,
    cancelled_at: Instant,
    *,
    today: dt.date,
) -> bool:
    """Filed after the on-time limit, or not filed and past it; never where nothing is owed any more."""
    if on_time_until is None or cancelled_at or waived_at:
        return False
    done_at = filed_at or settled_at
    on = timezone.localtime(done_at).date() if done_at else today
    return on > on_time_until


class AllowanceQuerySet(models.QuerySet["Allowance"]):
    def visible_to(self, user) -> AllowanceQuerySet:
        """As visible as the obligation it was granted for."""
        return self.filter(obligation__in=Obligation.objects.visible_to(user))


class Allowance(models.Model):
    """What one federation was granted by name: more time, or no report at all; with the reason.

    A row for each act, so that an extension of an extension leaves both readable.
    """

    class Kind(models.TextChoices):
        EXTENSION = "extension", _("extension")
        WAIVER = "waiver", _("waiver")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="allowances")
    kind = models.CharField(max_length=10, choices=Kind)
    from_due_on = models.DateField(null=True)
    to_due_on = models.DateField(null=True)
    #: The on-time limit that came with the new due date: what counted as late on a past day.
    to_on_time_until = models.DateField(null=True)
    reason = ProseField(_("reason"), max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = LineField(max_length=64)
    at = models.DateTimeField()

    objects = AllowanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="waiver", to_due_on=None)
                | Q(kind="extension", to_due_on__isnull=False),
                name="allowance_extension_has_a_date",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.obligation}"


class ActionPointQuerySet(models.QuerySet["ActionPoint"]):
    READERS = ObligationQuerySet.READERS

    def visible_to(self, user) -> ActionPointQuerySet:
        """The owner's federation, those above it, and the centre; the auditor reads all."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        inside = user.scope.q(*self.READERS)
        return self.none() if inside is None else self.filter(inside)

    def with_context(self) -> ActionPointQuerySet:
        return self.select_related("federation", "concerns", "person", "source_type")

    def of_source(self, source: models.Model) -> ActionPointQuerySet:
        return self.filter(
            source_type=ContentType.objects.get_for_model(source), source_id=source.pk
        )

    def overdue(self, today: dt.date) -> ActionPointQuerySet:
        return self.filter(state__in=TO_DO, due_on__lt=today)

    def running(self) -> ActionPointQuerySet:
        return self.filter(state__in=RUNNING)

    def mine(self, user) -> ActionPointQuerySet:
        """Those of the person by name, and of the federations whose officers they are."""
        places = user.scope.at(Role.LIAISON_OFFICER, Role.DEPARTMENT_HEAD, Role.NATIONAL_OFFICER)
        return self.filter(Q(person=user) | Q(person=None, federation__in=places))


class ActionPoint(Scoped):
    """整改事项、跟进事项: something promised or asked for, by a day. ``federation`` has to do it.

    ``concerns`` is the federation it is for, ``person`` one account of the owner where one was named,
    ``asking_federation`` the one that asked and verifies. Overdue is never a state: it is computed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concerns = models.ForeignKey(
        Federation, on_delete=models.PROTECT, related_name="+", verbose_name=_("for")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    asking_federation = models.ForeignKey(Federation, on_delete=models.PROTECT, related_name="+")
    task = ProseField(_("what is to be done"), max_length=1000)
    due_on = models.DateField(_("due date"))
    source_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    source_id = models.UUIDField()
    source = GenericForeignKey("source_type", "source_id")
    state = models.CharField(max_length=10, choices=ActionState, default=ActionState.OPEN)
    evidence = ProseField(_("evidence"), max_length=5000, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reported_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True)
    #: Why it was reopened the last time.
    reopen_reason = ProseField(_("reason"), max_length=1000, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    STATE_TONES = {
        ActionState.REPORTED: "blue",
        ActionState.VERIFIED: "green",
        ActionState.REOPENED: "red",
    }

    objects = ActionPointQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("action point")
        verbose_name_plural = _("action points")
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_by=None) | ~Q(verified_by=F("reported_by")),
                name="action_point_verified_by_another",
            ),
            models.CheckConstraint(
                condition=Q(verified_by=None, verified_at=None)
                | Q(verified_by__isnull=False, verified_at__isnull=False),
                name="action_point_verified_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], name="action_point_due"),
            models.Index(fields=["first_tier", "due_on", "id"], name="action_point_first_tier"),
            models.Index(fields=["prefecture", "due_on", "id"], name="action_point_prefecture"),
            models.Index(fields=["federation", "due_on", "id"], name="action_point_federation"),
            models.Index(fields=["source_type", "source_id"], name="action_point_source"),
        ]
        triggers = [
            *Scoped.Meta.triggers,
            pgtrigger.Protect(
                name="verified_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="verified"),
            ),
        ]

    def __str__(self) -> str:
        return self.task.replace("\n", " ")[:120]

    def get_absolute_url(self) -> str:
        return reverse("action-point-detail", args=[self.pk])

    @property
    def source_name(self) -> str:
        return f"{self.source_type.app_label}.{self.source_type.model}:{self.source_id}"

    def is_overdue(self, today: dt.date) -> bool:
        return self.state in TO_DO and self.due_on < today
