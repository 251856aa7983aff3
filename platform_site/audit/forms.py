"""The query form above the trail."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from platform_site.text.fields import LineFormField

from . import actions
from .models import Entry
from .queries import Filters

#: Outside of these the trail holds nothing, and the arithmetic of a day more would overflow.
DAYS = [
    MinValueValidator(datetime.date(1949, 10, 1)),
    MaxValueValidator(datetime.date(2199, 1, 1)),
]


class FilterForm(forms.Form):
    person = LineFormField(label=_("Who"), max_length=64, required=False)
    action = forms.ChoiceField(label=_("Action"), required=False)
    subject = LineFormField(
        label=_("Object"),
        max_length=100,
        required=False,
        help_text=_("Part of its name, its id, or the code of a federation."),
    )
    result = forms.ChoiceField(
        label=_("Result"),
        choices=[("", _("All")), *Entry.Result.choices],
        required=False,
    )
    since = forms.DateField(
        label=_("From"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=_("To"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", _("All")), *actions.choices()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first."))
        return cleaned

    def filters(self) -> Filters:
        """Whatever of the form is readable: a wrong date narrows nothing, and says so itself."""
        return Filters(**getattr(self, "cleaned_data", {}))
