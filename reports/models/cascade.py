"""The cascade: a notice passed down to the federations below, and figures taken over from what they filed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.audit.history import track_fields
from platform_site.federations.models import Federation, Scoped
from platform_site.obligations.models import Obligation, ObligationQuerySet
from platform_site.questionnaires.models import FormVersion, Question
from platform_site.text.fields import LineField, ProseField

from .reports import Report

User = settings.AUTH_USER_MODEL

#: The kinds of question that can be added when a notice is passed down; the whole range is built by the centre.
OWN_QUESTION_KINDS = [
    (kind.value, kind.label)
    for kind in (
        Question.Kind.NUMBER,
        Question.Kind.TEXT,
        Question.Kind.CHOICE,
        Question.Kind.YES_NO,
    )
]


class PassDownQuerySet(models.QuerySet["PassDown"]):
    def visible_to(self, user: Any) -> PassDownQuerySet:
        """Who passed it down and the federations above it but for the centre; whoever it was passed down to,
        and those below them. The auditor reads all."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        scope = user.scope
        readers = ObligationQuerySet.READERS
        if scope.holds(Role.AUDITOR):
            return self.all()
        inside = scope.q(*readers)
        if inside is None or scope.national(*readers):
            return self.none()
        asked = Obligation.objects.filter(
            parent=OuterRef("obligation"), federation__in=scope.lineage(*readers)
        )
        return self.filter(inside | Q(Exists(asked)))

    def with_context(self) -> PassDownQuerySet:
        return self.select_related(
            "federation",
            "form_version__form",
            "obligation__federation",
            "obligation__parent__federation",
            "obligation__round__request__federation",
            "obligation__round__request__notice__form_version__form",
        )


@track_fields()
class PassDown(Scoped):
    """下发: a federation asks those directly below for what it owes itself, with terms of its own.

    What each of them owes is an ``Obligation`` whose parent is this one's. The three dates are those that
    the next one it is passed down to gets; ``form_version`` is the notice's form with questions of one's own
    behind it, null where there are none.
    """

    obligation = models.OneToOneField(
        Obligation, primary_key=True, on_delete=models.PROTECT, related_name="pass_down"
    )
    due_on = models.DateField(_("due date"), null=True)
    on_time_until = models.DateField(null=True)
    locks_on = models.DateField(null=True)
    instructions = ProseField(_("instructions"), max_length=4000, blank=True)
    form_version = models.ForeignKey(
        FormVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_name = LineField(max_length=150)
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = PassDownQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("notice passed down")
        verbose_name_plural = _("notices passed down")
        indexes = [
            models.Index(fields=["-at", "-obligation"], name="pass_down_newest"),
            models.Index(fields=["first_tier", "-at", "-obligation"], name="pass_down_first_tier"),
            models.Index(fields=["prefecture", "-at", "-obligation"], name="pass_down_prefecture"),
        ]

    def __str__(self) -> str:
        return str(self.obligation.round.request.title)

    def get_absolute_url(self) -> str:
        return reverse("passed-down", args=[self.pk])


class TakenFigure(models.Model):
    """One figure of a report that was taken over from below, as it was added up at that moment.

    ``sources``: a line for each report that went into it: ``{"federation", "zh", "en", "report", "version",
    "receipt", "number"}``; the numbers are decimal strings. Taken over anew, the row is written anew; each
    submitted version keeps its own (``content["sources"]``).
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="taken_figures")
    question = models.SlugField(max_length=60)
    rule = models.CharField(max_length=8)
    number = models.DecimalField(max_digits=20, decimal_places=4)
    asked = models.PositiveIntegerField()
    sources = models.JSONField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_name = LineField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("figure taken over")
        verbose_name_plural = _("figures taken over")
        ordering = ["report", "question"]
        constraints = [
            models.UniqueConstraint(fields=["report", "question"], name="taken_figure_once")
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.number}"


class GatheredFigure(models.Model):
    """A number of one federation below that whoever passed the notice down wrote in for it, from what it sent.

    It counts in what the lower tier adds up to until that federation hands in a report of its own. ``version``
    is that of the gathering report which last changed it.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="gathered_figures")
    federation = models.ForeignKey(Federation, on_delete=models.PROTECT, related_name="+")
    question = models.SlugField(max_length=60)
    number = models.DecimalField(max_digits=20, decimal_places=4)
    version = models.PositiveIntegerField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_name = LineField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("figure gathered")
        verbose_name_plural = _("figures gathered")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "federation", "question"], name="gathered_figure_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.federation} {self.question}: {self.number}"
