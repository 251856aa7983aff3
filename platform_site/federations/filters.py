"""What the API's lists of federations and of posts may be narrowed by."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters as filters
from django.core.exceptions import ValidationError

from platform_site.text.clean import clean_line

from .models import Federation, FederationQuerySet, Holding, HoldingQuerySet


class FederationFilter(filters.FilterSet):
    level = filters.ChoiceFilter(choices=Federation.Level.choices)
    kind = filters.ChoiceFilter(choices=Federation.Kind.choices)
    parent = filters.CharFilter(
        field_name="parent__code", max_length=16, help_text="code of the federation above"
    )
    search = filters.CharFilter(
        method="filter_search",
        max_length=64,
        help_text="beginning of the code, part of a name, pinyin or its initials",
    )

    class Meta:
        model = Federation
        fields = ("level", "kind", "parent", "search")

    def filter_search(
        self, queryset: FederationQuerySet, name: str, value: Any
    ) -> FederationQuerySet:
        try:
            return queryset.matching(clean_line(value, max_length=64))
        except ValidationError:
            return queryset.none()


class HoldingFilter(filters.FilterSet):
    federation = filters.CharFilter(field_name="federation__code", max_length=16, help_text="code")
    post = filters.ChoiceFilter(choices=Holding.Post.choices)
    on = filters.DateFilter(method="filter_on", help_text="held on that day")

    class Meta:
        model = Holding
        fields = ("federation", "post", "on")

    def filter_on(self, queryset: HoldingQuerySet, name: str, value: dt.date) -> HoldingQuerySet:
        return queryset.on(value)
