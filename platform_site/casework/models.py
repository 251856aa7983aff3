"""The working-day calendar and the one table of duties behind every to-do list."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platform_site.federations.models import Federation
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.text.fields import LineField, ProseField

from . import deadlines


class CalendarDay(models.Model):
    """A day the State Council's plan names: off, or worked to make up (data, never constants)."""

    date = models.DateField(_("date"), primary_key=True)
    is_workday = models.BooleanField(_("working day"))
    name = LineField(_("name"), max_length=40)
    source = LineField(_("source"), max_length=120)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class DutyQuerySet(models.QuerySet["Duty"]):
    def open(self) -> DutyQuerySet:
        return self.filter(done_at=None)

    def visible_to(self, user) -> DutyQuerySet:
        """Duties that are this user's: by name, or by a permission held at the duty's federation."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        mine = Q(user=user)
        for federation_id, permissions in user.scope.permissions_by_federation().items():
            mine |= Q(user=None, federation_id=federation_id, permission__in=permissions)
        return self.filter(mine).exclude(barred=user)


class Duty(models.Model):
    """Something somebody has to do about a record, by a day or by none.

    ``permission`` at ``federation`` says whose it is, or ``user`` names one person; ``barred`` is the
    person who may not do it (nobody approves or reviews their own work). The title is a copy, so that
    a to-do list is one query.
    """

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.UUIDField()
    subject = GenericForeignKey("subject_type", "subject_id")
    rule_code = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    federation = models.ForeignKey(Federation, on_delete=models.PROTECT, related_name="+")
    permission = models.CharField(max_length=80)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    barred = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: What the record belongs to (the notice of a report): reminders are ruled for it as a whole.
    matter_id = models.UUIDField(null=True)
    started_on = models.DateField()
    due_on = models.DateField(null=True)
    #: When the present due date was set: no reminder is owed for days before it.
    dated_on = models.DateField(null=True)
    #: The last day on which a reminder can still help (the lock of what is asked).
    remind_until = models.DateField(null=True)
    amount = models.IntegerField(null=True)
    unit = models.CharField(max_length=10, blank=True)
    provisional = models.BooleanField(default=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "rule_code", "federation"],
                condition=Q(done_at=None),
                name="duty_open_once",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, outcome="") | Q(done_at__isnull=False) & ~Q(outcome=""),
                name="duty_ends_with_an_outcome",
            ),
        ]
        indexes = [
            models.Index(
                fields=["federation", "permission", "due_on"],
                condition=Q(done_at=None),
                name="duty_todo",
            ),
            models.Index(fields=["done_by", "-done_at"], name="duty_done"),
            models.Index(fields=["opened_by", "-opened_at"], name="duty_started"),
            models.Index(fields=["due_on"], condition=Q(done_at=None), name="duty_due"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return self.rule.url(self.subject_id)

    @property
    def rule(self) -> deadlines.Rule:
        return deadlines.rule(self.rule_code)

    def is_late(self, today: dt.date) -> bool:
        return self.due_on is not None and self.done_at is None and self.due_on < today


class Rung(models.IntegerChoices):
    """How far up a reminder goes: each rung is reached when nobody below it is in post."""

    OFFICER = 0, _("Whoever does it (liaison officer)")
    HEAD = 1, _("Department head")
    LEADER = 2, _("Leader in charge")


class Channel(models.TextChoices):
    PORTAL = "portal", _("Portal")
    EMAIL = "email", _("E-mail")
    CHAT = "chat", _("Chat robot")


class Ladder(models.Model):
    """The rules of reminding for one matter; the one without a matter holds for all others."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    matter_id = models.UUIDField(null=True, unique=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("ladder of reminders")
        verbose_name_plural = _("ladders of reminders")
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(matter_id=None), name="ladder_one_default"
            ),
        ]

    def __str__(self) -> str:
        return str(self.matter_id or _("all matters"))


class ReminderRule(models.Model):
    """One rule: so many working days before, on or after the due date, to whom, over which channels.

    A rule that has sent something is never changed: it is ended, and another takes its place, so that
    the ledger always shows what was said.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ladder = models.ForeignKey(Ladder, on_delete=models.CASCADE, related_name="rules")
    duty_rule = models.CharField(max_length=60)
    #: Working days from the due date: negative before it, 0 on it, positive after it.
    days = models.SmallIntegerField(_("working days"))
    #: From then on again after so many working days, until it is done or locked.
    every = models.PositiveSmallIntegerField(_("repeated every (working days)"), null=True)
    rung = models.PositiveSmallIntegerField(_("to whom"), choices=Rung)
    channels = ArrayField(
        models.CharField(max_length=10, choices=Channel), verbose_name=_("channels")
    )
    text_zh = ProseField(_("text"), max_length=500)
    text_en = ProseField(_("text in English"), max_length=800, blank=True)
    #: A person's settings do not switch it off.
    compulsory = models.BooleanField(_("cannot be switched off"), default=False)
    since = models.DateField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("rule of reminding")
        verbose_name_plural = _("rules of reminding")
        ordering = ["duty_rule", "days", "rung"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every=None) | Q(every__gte=1, days__gte=0),
                name="reminder_rule_repeats_after_the_date",
            ),
            models.CheckConstraint(
                condition=Q(channels__len__gte=1), name="reminder_rule_has_a_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty_rule} {self.days:+d}"


class Nudge(models.Model):
    """催办: one act of an officer that reminds everybody who is late, with a sentence of their own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    matter_id = models.UUIDField()
    sentence = ProseField(_("sentence"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = LineField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("nudge")
        verbose_name_plural = _("nudges")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["matter_id", "-at"], name="nudge_of_matter")]

    def __str__(self) -> str:
        return f"{self.by_name} {self.at:%Y-%m-%d %H:%M}"


class NudgeTarget(models.Model):
    """What one nudge came to for one federation."""

    class Outcome(models.TextChoices):
        REMINDED = "reminded", _("reminded")
        NOBODY = "nobody", _("nobody in post")
        DONE = "done", _("done meanwhile")

    nudge = models.ForeignKey(Nudge, on_delete=models.CASCADE, related_name="targets")
    duty = models.ForeignKey(Duty, null=True, on_delete=models.PROTECT, related_name="+")
    federation = models.ForeignKey(Federation, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome)
    people = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["nudge", "federation"], name="nudge_target_once")
        ]

    def __str__(self) -> str:
        return f"{self.federation}: {self.get_outcome_display()}"


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def visible_to(self, user) -> ReminderQuerySet:
        """Both sides see what was sent: the federation it went to, and the one that follows it."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        inside = user.scope.q(prefix="duty__federation__")
        if inside is None:
            return self.none()
        return self.filter(inside)


class Reminder(models.Model):
    """The ledger: one reminder of one duty by one rule to one person over one channel.

    The row is recorded before anything is said, by one statement over all that is due; the unique key
    makes a second look, a second beat and a day without any harmless. ``due_on`` is part of it, so
    that an extended date starts its ladder anew, and ``nth`` counts the times of a repeated rule.
    """

    class State(models.TextChoices):
        RECORDED = "recorded", _("recorded")
        WRITTEN = "written", _("written")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="reminders")
    rule = models.ForeignKey(
        ReminderRule, null=True, on_delete=models.PROTECT, related_name="reminders"
    )
    nudge = models.ForeignKey(Nudge, null=True, on_delete=models.PROTECT, related_name="reminders")
    due_on = models.DateField(null=True)
    nth = models.PositiveSmallIntegerField(default=0)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel)
    #: The day on which the rule wanted it; ``late`` when it was recorded after that day.
    day = models.DateField()
    late = models.BooleanField(default=False)
    #: Whom the rule names, and who was there: higher up when nobody below was in post.
    rung = models.PositiveSmallIntegerField(choices=Rung)
    reached = models.PositiveSmallIntegerField(choices=Rung)
    recorded_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.RECORDED)
    notice = models.ForeignKey(PortalNotice, null=True, on_delete=models.PROTECT, related_name="+")
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "rule", "due_on", "nth", "user", "channel"],
                condition=Q(nudge=None),
                name="reminder_once",
            ),
            models.UniqueConstraint(
                fields=["duty", "nudge", "user", "channel"],
                condition=Q(rule=None),
                name="reminder_nudge_once",
            ),
            models.CheckConstraint(
                condition=Q(rule=None, nudge__isnull=False) | Q(rule__isnull=False, nudge=None),
                name="reminder_by_rule_or_nudge",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "id"], condition=Q(state="recorded"), name="reminder_to_write"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty} → {self.user} ({self.channel})"

    @property
    def outcome(self) -> str:
        """How it ended, in words: sent, failed with the reason, cancelled, or still under way."""
        if self.state == self.State.WRITTEN and self.delivery is not None:
            if self.delivery.state == Delivery.State.FAILED:
                return f"{self.delivery.get_state_display()}: {self.delivery.failed_reason}"
            return str(self.delivery.get_state_display())
        if self.state == self.State.WRITTEN:
            return str(Delivery.State.SENT.label)
        return str(self.get_state_display())


class ReminderPreference(models.Model):
    """What one person has chosen; what is compulsory comes all the same."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="reminder_preference",
    )
    by_mail = models.BooleanField(_("reminders before the due date by e-mail"), default=True)
    chat_address = LineField(_("address of the chat robot"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("reminder settings")
        verbose_name_plural = _("reminder settings")

    def __str__(self) -> str:
        return str(self.user)


class CalendarFeed(models.Model):
    """A secret address under which one person's calendar program reads their due dates.

    The database holds the hash of the secret only; it is shown once and can be revoked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at=None), name="calendar_feed_one_open"
            )
        ]

    def __str__(self) -> str:
        return str(self.user)
