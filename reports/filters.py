"""What a list of notices may be narrowed by; every state of the list is in its address."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from platform_site.text.fields import LineFormField

from .models import Asks, BusinessLine, Notice, NoticeQuerySet
from .workflow import NoticeState


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
