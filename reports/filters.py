"""What a list of notices may be narrowed by; every state of the list is in its address."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from platform_site.casework.queries import today
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation, ObligationQuerySet
from platform_site.text.fields import LineFormField
from platform_site.web.widgets import DayInput

from .models import (
    Asks,
    BusinessLine,
    Circular,
    Notice,
    NoticeQuerySet,
    Report,
    ReportQuerySet,
    SupervisionKind,
    SupervisionQuerySet,
    SupervisionRecord,
)
from .queries.ledger import LedgerStep, at_step, in_year
from .workflow import CircularState, NoticeState, ReportState, SupervisionState


class _LineFilter(filters.CharFilter):
    """A search word cleaned by the house's rule for a line of text."""

    field_class = LineFormField


class NoticeFilter(filters.FilterSet):
    search = _LineFilter(
        label=_("Title"),
        method="filter_search",
        max_length=150,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    state = filters.ChoiceFilter(
        label=_("State"), choices=NoticeState.choices, empty_label=_("All states")
    )
    business_line = filters.ChoiceFilter(
        label=_("Business line"), choices=BusinessLine.choices, empty_label=_("All lines")
    )
    asks = filters.ChoiceFilter(
        label=_("What is asked for"), choices=Asks.choices, empty_label=_("Anything")
    )

    class Meta:
        model = Notice
        fields = ("search", "state", "business_line", "asks")

    def filter_search(self, queryset: NoticeQuerySet, name: str, value: Any) -> NoticeQuerySet:
        return queryset.filter(request__title__icontains=value)


class ReportFilter(filters.FilterSet):
    """The list of reports; ``federation`` is offered to whoever sees more than one first-tier unit."""

    search = _LineFilter(
        label=_("Title of the notice or federation"),
        method="filter_search",
        max_length=150,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    state = filters.ChoiceFilter(
        label=_("State"), choices=ReportState.choices, empty_label=_("All states")
    )
    kind = filters.ChoiceFilter(
        label=_("Kind"),
        choices=[choice for choice in Asks.choices if choice[0] != Asks.NOTHING],
        empty_label=_("All kinds"),
    )
    federation = filters.ModelChoiceFilter(
        label=_("Federation"),
        field_name="first_tier",
        queryset=Federation.objects.none(),
        to_field_name="code",
        empty_label=_("All federations"),
    )

    class Meta:
        model = Report
        fields = ("search", "state", "kind", "federation")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user.scope.national(*ReportQuerySet.READERS):
            self.filters["federation"].field.queryset = (
                Federation.objects.visible_to(user).first_tier().order_by("position")
            )
        else:
            del self.filters["federation"]

    def filter_search(self, queryset: ReportQuerySet, name: str, value: Any) -> ReportQuerySet:
        return queryset.matching(value)


def years() -> list[tuple[str, str]]:
    """From this year back to the first notices that are known."""
    return [(str(year), str(year)) for year in range(today().year, 2015, -1)]


class LedgerFilter(filters.FilterSet):
    """The notice ledger; ``federation`` is offered to whoever sees more than one first-tier unit."""

    notice = filters.UUIDFilter(field_name="round__request", widget=forms.HiddenInput)
    search = _LineFilter(
        label=_("Title of the notice"),
        field_name="round__request__title",
        lookup_expr="icontains",
        max_length=150,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    year = filters.ChoiceFilter(
        label=_("Year"), choices=years, empty_label=_("All years"), method="filter_year"
    )
    business_line = filters.ChoiceFilter(
        label=_("Business line"),
        field_name="round__request__notice__business_line",
        choices=BusinessLine.choices,
        empty_label=_("All lines"),
    )
    federation = filters.ModelChoiceFilter(
        label=_("Federation"),
        queryset=Federation.objects.none(),
        to_field_name="code",
        empty_label=_("All federations"),
    )
    step = filters.ChoiceFilter(
        label=_("State"),
        choices=LedgerStep.choices,
        empty_label=_("All states"),
        method="filter_step",
    )

    class Meta:
        model = Obligation
        fields = ("notice", "search", "year", "business_line", "federation", "step")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user.scope.national(*ObligationQuerySet.READERS):
            self.filters["federation"].field.queryset = (
                Federation.objects.visible_to(user).first_tier().order_by("position")
            )
        else:
            del self.filters["federation"]

    def filter_year(self, lines: Any, name: str, value: str) -> Any:
        return in_year(lines, int(value))

    def filter_step(self, lines: Any, name: str, value: str) -> Any:
        return at_step(lines, value)


class CircularFilter(filters.FilterSet):
    """The list of circulars."""

    search = _LineFilter(
        label=_("Title"),
        field_name="title",
        lookup_expr="icontains",
        max_length=150,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    state = filters.ChoiceFilter(
        label=_("State"), choices=CircularState.choices, empty_label=_("All states")
    )

    class Meta:
        model = Circular
        fields = ("search", "state")


class SupervisionFilter(filters.FilterSet):
    """The supervision log; federation and state are offered to whoever sees more than their own."""

    federation = filters.ModelChoiceFilter(
        label=_("Federation"),
        queryset=Federation.objects.none(),
        to_field_name="code",
        empty_label=_("All federations"),
    )
    kind = filters.ChoiceFilter(
        label=_("Kind"), choices=SupervisionKind.choices, empty_label=_("All kinds")
    )
    state = filters.ChoiceFilter(
        label=_("State"), choices=SupervisionState.choices, empty_label=_("All states")
    )
    since = filters.DateFilter(
        label=_("On or after"), field_name="on", lookup_expr="gte", widget=DayInput
    )

    class Meta:
        model = SupervisionRecord
        fields = ("federation", "kind", "state", "since")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user.scope.national(*SupervisionQuerySet.CENTRE):
            self.filters["federation"].field.queryset = (
                Federation.objects.visible_to(user).first_tier().order_by("position")
            )
        else:
            del self.filters["federation"]
            del self.filters["state"]
