"""工作交接: what passes with an office when its holder changes."""

from __future__ import annotations

import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from platform_site.accounts.models import RoleAssignment
from platform_site.accounts.roles import Role
from platform_site.federations.models import Scoped
from platform_site.text.fields import LineField, ProseField

from ..workflow import HandoverState

User = settings.AUTH_USER_MODEL

#: Offices whose work is handed over, each at its own federation.
HANDED_OVER = (
    Role.LIAISON_OFFICER,
    Role.DEPARTMENT_HEAD,
    Role.PROVINCIAL_LEADER,
    Role.NATIONAL_OFFICER,
    Role.NATIONAL_LEADER,
)


class HandoverQuerySet(models.QuerySet["Handover"]):
    def visible_to(self, user: Any) -> HandoverQuerySet:
        """Its own federation's officers and the auditor: it is a matter inside the house."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        if user.scope.holds(Role.AUDITOR):
            return self.all()
        return self.filter(federation__in=user.scope.at(*HANDED_OVER))

    def with_context(self) -> HandoverQuerySet:
        return self.select_related("federation", "office__user", "opened_by", "taken_by")


class Handover(Scoped):
    """工作交接单: one office, its holder and whoever takes over, and what is under way.

    Open items belong to the office, not to the person, so they pass by themselves; the sheet shows what
    passes. Its content is drawn from the records until it is handed over, then frozen.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    office = models.ForeignKey(RoleAssignment, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=HandoverState, default=HandoverState.OPEN)
    note = ProseField(pgettext_lazy("statement", "remark"), max_length=2000, blank=True)
    #: None while it is open: then it is what the records say at the moment.
    content = models.JSONField(null=True)
    #: None where the platform opened it because the office had ended.
    opened_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    given_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    given_by_name = LineField(max_length=64, blank=True)
    given_at = models.DateTimeField(null=True)
    #: Why somebody else than the holder handed it over.
    absent_reason = ProseField(_("reason"), max_length=2000, blank=True)
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    taken_by_name = LineField(max_length=64, blank=True)
    taken_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    STATE_TONES = {HandoverState.GIVEN: "blue", HandoverState.TAKEN: "green"}

    objects = HandoverQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("handover sheet")
        verbose_name_plural = _("handover sheets")
        constraints = [
            models.UniqueConstraint(
                fields=["office"],
                condition=Q(state__in=["open", "given"]),
                name="handover_running_once",
            ),
            models.CheckConstraint(
                condition=Q(taken_by=None) | ~Q(taken_by=F("given_by")),
                name="handover_taken_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "cancelled"]) | Q(content__isnull=False),
                name="handover_given_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="handover_newest"),
            models.Index(fields=["federation", "-opened_at", "-id"], name="handover_federation"),
        ]
        triggers = [
            *Scoped.Meta.triggers,
            pgtrigger.Protect(name="handover_stays", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="handover_as_given",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.content IS NOT NULL AND NEW.content IS DISTINCT FROM OLD.content"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.federation} · {self.office.get_role_display()}"

    def get_absolute_url(self) -> str:
        return reverse("handover-detail", args=[self.pk])
