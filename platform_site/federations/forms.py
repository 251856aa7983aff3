"""Shapes of input: a person in a post, and the search of the directory."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platform_site.text.fields import LineFormField

from .models import Federation, Holding


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class AppointForm(forms.Form):
    post = forms.ChoiceField(label=_("Post"), choices=Holding.Post.choices)
    name = LineFormField(label=_("Full name"), max_length=64)
    title = LineFormField(
        label=_("Post title"),
        max_length=64,
        required=False,
        help_text=_("For example: vice-chair and member of the leading Party members' group."),
    )
    department = LineFormField(
        label=_("Department"),
        max_length=64,
        required=False,
        help_text=_("As the federation itself calls it."),
    )
    phone = LineFormField(
        label=_("Telephone"),
        max_length=32,
        required=False,
        help_text=_("Shown in full to the own federation and the national officers only."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    since = forms.DateField(
        label=_("In the post since"), widget=DayInput(), initial=timezone.localdate
    )


class EndForm(forms.Form):
    until = forms.DateField(
        label=_("No longer in the post from"), widget=DayInput(), initial=timezone.localdate
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class FederationFilterForm(forms.Form):
    q = LineFormField(
        label=_("Code, name or pinyin"),
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    level = forms.TypedChoiceField(
        label=_("Level"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", _("All levels")), *Federation.Level.choices],
    )
