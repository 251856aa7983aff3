"""What the lists of action points may be narrowed by."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db import models
from django.utils.translation import gettext_lazy as _

from platform_site.api.filters import ChoicesFilter, ObjectFilter, YesOrNoFilter
from platform_site.casework.queries import today
from platform_site.federations.models import Federation

from .models import ActionPoint, ActionPointQuerySet
from .workflow import ActionState


class Whose(models.TextChoices):
    MINE = "mine", _("Mine to do")
    OPEN = "open", _("Not over yet")
    OVERDUE = "overdue", _("Overdue")


def of_whose(points: ActionPointQuerySet, which: str, user: Any) -> ActionPointQuerySet:
    if which == Whose.MINE:
        return points.running().mine(user)
    if which == Whose.OPEN:
        return points.running()
    return points.overdue(today()) if which == Whose.OVERDUE else points


class ActionPointFilter(filters.FilterSet):
    """The list page; ``federation`` is offered to whoever sees more than one first-tier unit."""

    show = filters.ChoiceFilter(
        label=_("Show"), choices=Whose.choices, method="filter_show", empty_label=_("All I see")
    )
    state = filters.ChoiceFilter(
        label=_("State"), choices=ActionState.choices, empty_label=_("All states")
    )
    federation = filters.ModelChoiceFilter(
        label=_("Federation"),
        field_name="concerns",
        queryset=Federation.objects.none(),
        to_field_name="code",
        empty_label=_("All federations"),
    )

    class Meta:
        model = ActionPoint
        fields = ("show", "state", "federation")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if user.scope.national(*ActionPointQuerySet.READERS):
            self.filters["federation"].field.queryset = (
                Federation.objects.visible_to(user).first_tier().order_by("position")
            )
        else:
            del self.filters["federation"]

    def filter_show(
        self, queryset: ActionPointQuerySet, name: str, value: str
    ) -> ActionPointQuerySet:
        return of_whose(queryset, value, self.user)


class ActionPointApiFilter(ObjectFilter):
    state = filters.ChoiceFilter(choices=ActionState.choices)
    state__in = ChoicesFilter(field_name="state", choices=ActionState.choices)
    federation = filters.CharFilter(field_name="federation__code", max_length=16)
    concerns = filters.CharFilter(field_name="concerns__code", max_length=16)
    source = filters.UUIDFilter(field_name="source_id")
    due_on__gte = filters.DateFilter(field_name="due_on", lookup_expr="gte")
    due_on__lte = filters.DateFilter(field_name="due_on", lookup_expr="lte")
    overdue = YesOrNoFilter(method="filter_overdue")
    mine = YesOrNoFilter(method="filter_mine")
    search = filters.CharFilter(field_name="task", lookup_expr="icontains", max_length=150)

    def filter_overdue(
        self, queryset: ActionPointQuerySet, name: str, value: bool
    ) -> ActionPointQuerySet:
        late = queryset.overdue(today())
        return late if value else queryset.exclude(pk__in=late.values("pk"))

    def filter_mine(
        self, queryset: ActionPointQuerySet, name: str, value: bool
    ) -> ActionPointQuerySet:
        own = queryset.mine(self.request.user)
        return own if value else queryset.exclude(pk__in=own.values("pk"))
