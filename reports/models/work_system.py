"""四落实: who and what each federation has put behind the work, stated with a date, never overwritten."""

from __future__ import annotations

import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from platform_site.accounts.roles import Role
from platform_site.audit.history import track_fields
from platform_site.federations.models import DateRange, Holding, Scoped
from platform_site.text.fields import LineField, ProseField

from .reports import ReportQuerySet

User = settings.AUTH_USER_MODEL


class WorkSubject(models.TextChoices):
    LEADER = "leader", _("Leader in charge")
    DEPARTMENT = "department", _("Responsible department")
    STAFF = "staff", _("Staff")
    BUDGET = "budget", _("Budget")
    MATERIAL = "material", _("Material and facilities")
    LEADING_GROUP = "leading_group", _("Leadership group")
    REFORM_PLAN = "reform_plan", _("In the union reform plan")


#: The columns of the matrix: what must be there. The other two are facts besides.
WORK_COLUMNS = (
    WorkSubject.LEADER,
    WorkSubject.DEPARTMENT,
    WorkSubject.STAFF,
    WorkSubject.BUDGET,
    WorkSubject.MATERIAL,
)
WORK_FACTS = (WorkSubject.LEADING_GROUP, WorkSubject.REFORM_PLAN)


class DepartmentKind(models.TextChoices):
    """The names differ from place to place; these are what they can be compared by."""

    LIAISON = "liaison", _("social liaison")
    GRASSROOTS = "grassroots", _("grassroots work")
    RIGHTS = "rights", _("protection of rights")
    LEGAL = "legal", _("legal work")
    SOCIAL_WORK = "social_work", _("social work")
    OTHER = "other", _("another department")


class WorkQuerySet(models.QuerySet[Any]):
    """For every table of the work system."""

    CENTRE = (Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER, Role.AUDITOR)
    READERS = (*CENTRE, *ReportQuerySet.FILERS)

    def visible_to(self, user: Any) -> WorkQuerySet:
        """The centre and the auditor all; officers their own federation and those below it."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        if user.scope.national(*self.CENTRE):
            return self.all()
        inside = user.scope.q(*ReportQuerySet.FILERS)
        return self.none() if inside is None else self.filter(inside)


# What people wrote freely stays out of the field history: the rows themselves are the history.
@track_fields(exclude=["text", "note", "reason"])
class WorkStatement(Scoped):
    """What a federation states about one subject, from a day on, until the next statement.

    A new statement ends the one before. One that was wrong is corrected by another row that takes its
    place (``corrects``, with the reason). Nothing else of a row ever changes, and none is deleted.
    Who the leader, the head and the liaison officers are is not repeated here: that is the register of
    posts (``federations.Holding``); ``holding`` says to whose appointment the evidence belongs.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(
        pgettext_lazy("work system", "subject"), max_length=16, choices=WorkSubject
    )
    since = models.DateField(_("since"))
    #: The first day on which it no longer holds; equal to ``since`` where it never did.
    until = models.DateField(_("until"), null=True)
    holding = models.ForeignKey(
        Holding,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("post-holder"),
    )
    #: The department's name, or what material and facilities there are.
    text = ProseField(_("text"), max_length=1000, blank=True)
    department_kind = models.CharField(
        _("kind of department"), max_length=12, choices=DepartmentKind, blank=True
    )
    full_time = models.PositiveIntegerField(_("full-time staff"), null=True)
    part_time = models.PositiveIntegerField(_("part-time staff"), null=True)
    #: 万元.
    amount = models.DecimalField(_("budget"), max_digits=12, decimal_places=2, null=True)
    year = models.PositiveSmallIntegerField(_("budget year"), null=True)
    yes = models.BooleanField(_("yes or no"), null=True)
    document_number = LineField(_("document number"), max_length=80, blank=True)
    note = ProseField(pgettext_lazy("statement", "remark"), max_length=1000, blank=True)
    corrects = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    reason = ProseField(_("reason"), max_length=500, blank=True)
    corrected_at = models.DateTimeField(null=True)
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stated_by_name = LineField(max_length=64)
    stated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = WorkQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("statement of the work system")
        verbose_name_plural = _("statements of the work system")
        constraints = [
            ExclusionConstraint(
                name="work_statement_one_at_a_time",
                expressions=[
                    ("federation", RangeOperators.EQUAL),
                    ("subject", RangeOperators.EQUAL),
                    (DateRange("since", "until", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(corrected_at=None),
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="work_statement_period"
            ),
            models.CheckConstraint(
                condition=Q(corrects=None) | ~Q(reason=""), name="work_statement_correction_reason"
            ),
            models.CheckConstraint(
                condition=Q(subject="leader", holding__isnull=False)
                | Q(subject="staff", full_time__isnull=False, part_time__isnull=False)
                | Q(subject="budget", amount__isnull=False, year__isnull=False)
                | Q(subject__in=["leading_group", "reform_plan"], yes__isnull=False)
                | Q(subject__in=["department", "material"]) & ~Q(text=""),
                name="work_statement_says_something",
            ),
        ]
        indexes = [
            models.Index(fields=["-since", "-id"], name="work_statement_newest"),
            models.Index(fields=["first_tier", "-since", "-id"], name="work_statement_first_tier"),
            models.Index(fields=["prefecture", "-since", "-id"], name="work_statement_prefecture"),
            models.Index(fields=["federation", "subject", "-since"], name="work_statement_subject"),
        ]
        triggers = [
            *Scoped.Meta.triggers,
            pgtrigger.Protect(name="statement_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="statement_as_stated",
                exclude=["until", "corrected_at", "version", "first_tier", "prefecture"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.federation} · {self.get_subject_display()}"

    def get_absolute_url(self) -> str:
        return reverse("work-statement-detail", args=[self.pk])


class WorkConfirmation(Scoped):
    """情况无变化: on that day the federation confirmed all that it had stated."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_name = LineField(max_length=64)
    at = models.DateTimeField()

    objects = WorkQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("confirmation of the work system")
        verbose_name_plural = _("confirmations of the work system")
        indexes = [models.Index(fields=["federation", "-on"], name="work_confirmation_newest")]
        triggers = [
            *Scoped.Meta.triggers,
            pgtrigger.Protect(name="confirmation_stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.federation} {self.on.isoformat()}"


class WorkRequest(Scoped):
    """催填: the centre asks a federation to close its gaps by a day; open until none is left."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    due_on = models.DateField(_("due date"))
    sentence = ProseField(_("sentence"), max_length=300, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_by_name = LineField(max_length=64)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = WorkQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("call to fill in the work system")
        verbose_name_plural = _("calls to fill in the work system")
        constraints = [
            models.UniqueConstraint(
                fields=["federation"], condition=Q(done_at=None), name="work_request_open_once"
            )
        ]
        indexes = [models.Index(fields=["-asked_at", "-id"], name="work_request_newest")]

    def __str__(self) -> str:
        return f"{self.federation} · {self.due_on.isoformat()}"

    def get_absolute_url(self) -> str:
        return reverse("work-request", args=[self.pk])
