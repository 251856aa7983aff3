"""Figures, the accepted numbers, and what an indicator is to reach."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.federations.models import Federation, Scoped

from .answers import Sheet
from .indicators import Indicator


class FigureQuerySet(models.QuerySet["Figure"]):
    #: Whoever reads reports reads the figures of those that were accepted.
    READERS = (
        Role.NATIONAL_OFFICER,
        Role.NATIONAL_LEADER,
        Role.PROVINCIAL_LEADER,
        Role.DEPARTMENT_HEAD,
        Role.LIAISON_OFFICER,
        Role.AUDITOR,
    )

    def visible_to(self, user: Any) -> Self:
        """The own federation's and its subtree's; for the centre those of the first tier alone.

        What a federation gathered from below is in its own figure already: the centre never reads both.
        """
        if not (user.is_authenticated and user.is_active):
            return self.none()
        inside = user.scope.q(*self.READERS)
        if inside is None:
            return self.none()
        if user.scope.national(*self.READERS):
            return self.first_tier()
        return self.filter(inside)

    def first_tier(self) -> Self:
        """In the words of the partial index ``figure_national``, which the planner then walks."""
        return self.filter(federation=F("first_tier"))


class Figure(Scoped):
    """One accepted number, the only source of totals, charts and counters.

    ``period_start`` to ``period_end`` are the days that it is for; without an end nothing is known but
    the day on which it was asked for.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="figures")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    period_start = models.DateField()
    period_end = models.DateField(null=True)
    number = models.DecimalField(max_digits=20, decimal_places=4)

    objects = FigureQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        constraints = [
            models.UniqueConstraint(fields=["sheet", "indicator"], name="figure_once"),
            models.CheckConstraint(
                condition=Q(period_end=None) | Q(period_end__gte=F("period_start")),
                name="figure_period_in_order",
            ),
        ]
        indexes = [
            # The national tables read nothing but this: it does not grow with what lies below.
            models.Index(
                fields=["indicator", "period_start", "federation"],
                include=["period_end", "number", "id"],
                condition=Q(federation=F("first_tier")),
                name="figure_national",
            ),
            models.Index(
                fields=["federation", "indicator", "period_start"],
                include=["period_end", "number", "id"],
                name="figure_of_federation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.number}"


class IndicatorTargetQuerySet(models.QuerySet["IndicatorTarget"]):
    def visible_to(self, user: Any) -> Self:
        """The country's for every reader of figures; those of federations as their figures are."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        inside = user.scope.q(*FigureQuerySet.READERS)
        if inside is None:
            return self.none()
        if not inside:  # the centre; an empty condition is lost in an alternative
            return self.all()
        above = Q(federation_id__in=user.scope.lineage(*FigureQuerySet.READERS))
        return self.filter(inside | above | Q(federation__level=Federation.Level.NATIONAL))


class IndicatorTarget(Scoped):
    """What an indicator is to reach in a year: in the whole country (at the national federation) or at
    one federation of the first tier."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="targets")
    year = models.PositiveSmallIntegerField()
    number = models.DecimalField(max_digits=20, decimal_places=4)
    version = models.PositiveIntegerField(default=1)

    objects = IndicatorTargetQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("target of an indicator")
        verbose_name_plural = _("targets of indicators")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "year", "federation"], name="indicator_target_once"
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="indicator_target_is_something"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}: {self.federation}"
