"""Input widgets that every form may use."""

from __future__ import annotations

from typing import Any

from django import forms


class DayInput(forms.DateInput):
    """The browser's own day picker; without one it is a text field that takes 2026-11-22.

    Always in ISO form, since that is what ``type="date"`` reads, whatever the language.
    """

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        bounds = {"min": "1949-10-01", "max": "2199-12-31", "placeholder": "2026-11-22"}
        super().__init__(attrs={**bounds, **(attrs or {})}, format="%Y-%m-%d")
