"""Filters whose values reach the database as it can keep them."""

from __future__ import annotations

import datetime as dt

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_filters.fields import IsoDateTimeField


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
