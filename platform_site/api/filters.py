"""Filters that lists of the API share: several values at once, as ``id__in=a,b``."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters.fields import BaseCSVField

MAX_VALUES = 200


class _Values(BaseCSVField):
    """At most 200 values, at least one, none of them blank: an empty list must not mean “all”."""

    def clean(self, value: Any) -> Any:
        if value is not None and (not value or "" in value):
            raise forms.ValidationError(_("Name the values, with commas between them."), "required")
        if value is not None and len(value) > MAX_VALUES:
            message = _("At most %(limit)d values at once.") % {"limit": MAX_VALUES}
            raise forms.ValidationError(message, "too_many")
        return super().clean(value)


class UUIDsFilter(filters.BaseInFilter, filters.UUIDFilter):
    base_field_class = _Values


class ChoicesFilter(filters.BaseInFilter, filters.ChoiceFilter):
    base_field_class = _Values


class ObjectFilter(filters.FilterSet):
    """For lists of objects with a UUID."""

    id__in = UUIDsFilter(field_name="pk")
