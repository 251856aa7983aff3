"""The working-day calendar and the one table of duties behind every to-do list."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platform_site.federations.models import Federation
from platform_site.text.fields import LineField

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
    started_on = models.DateField()
    due_on = models.DateField(null=True)
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
