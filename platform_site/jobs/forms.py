"""Shapes of input: an export's own id, and the version that a cancellation was decided on."""

from __future__ import annotations

from django import forms


class StartForm(forms.Form):
    id = forms.UUIDField(required=False)


class CancelForm(forms.Form):
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
