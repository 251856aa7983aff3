"""Filters that lists of the API share: several values at once, as ``id__in=a,b``, and values that reach the
database as it can keep them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_filters.fields import BaseCSVField, IsoDateTimeField

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

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"help_text": "", **options})


class ChoicesFilter(filters.BaseInFilter, filters.ChoiceFilter):
    base_field_class = _Values

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"help_text": "", **options})


class ObjectFilter(filters.FilterSet):
    """For lists of objects with a UUID."""

    id__in = UUIDsFilter(field_name="pk")


class _InstantField(IsoDateTimeField):
    def to_python(self, value: object) -> dt.datetime | None:
        # PostgreSQL reads no offset beyond 15:59, which RFC 3339 allows.
        try:
            instant: dt.datetime | None = super().to_python(value)
            return None if instant is None else instant.astimezone(dt.UTC)
        except OverflowError:
            raise ValidationError(_("Enter a valid date and time."), code="invalid") from None


class InstantFilter(filters.IsoDateTimeFilter):
    """An instant (RFC 3339), with whatever offset it comes."""

    field_class = _InstantField


class _YesOrNoField(forms.Field):
    def clean(self, value: object) -> bool | None:
        if value in (None, ""):
            return None
        if value in ("true", "false"):
            return value == "true"
        raise ValidationError(_("Say true or false."), code="invalid")


class YesOrNoFilter(filters.BooleanFilter):
    """``true`` or ``false``; anything else is refused, where BooleanFilter would look away."""

    field_class = _YesOrNoField


class YearFilter(filters.Filter):
    """A year in four digits."""

    field_class = forms.IntegerField

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1900, max_value=9999, **options)
