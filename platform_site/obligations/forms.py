"""Forms of action points."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platform_site.federations.models import Federation
from platform_site.text.fields import LineFormField, ProseFormField
from platform_site.web.widgets import DayInput

INVALID_DAY = _("Give a date such as 2026-11-22.")


class ActionPointForm(forms.Form):
    """What is to be done, by whom and until when. ``id`` makes a replay meet the same one."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    task = ProseFormField(
        label=_("What is to be done"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say what is to be done.")},
    )
    federation = forms.ModelChoiceField(
        label=_("Who does it"),
        queryset=Federation.objects.none(),
        to_field_name="code",
        empty_label=None,
    )
    person = LineFormField(
        label=_("User name of one person there"),
        max_length=64,
        required=False,
        help_text=_("Optional: it then stands on the to-do list of this person alone."),
    )
    due_on = forms.DateField(
        label=_("Due date"),
        widget=DayInput,
        error_messages={"required": _("Give the due date."), "invalid": INVALID_DAY},
    )

    def __init__(self, *args: Any, owners: Iterable[Federation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["federation"].queryset = owners  # type: ignore[attr-defined]


class ReportDoneForm(forms.Form):
    """How it was done."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    evidence = ProseFormField(
        label=_("How it was done"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("A text, a file, or both."),
    )


class VerifyForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    note = ProseFormField(
        label=_("Note"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Optional; kept in the history."),
    )


class CancelForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    note = ProseFormField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Give the reason.")},
    )


class ReopenForm(CancelForm):
    """Why it is not done, and a new day where the former one helps nobody."""

    due_on = forms.DateField(
        label=_("New due date"),
        widget=DayInput,
        required=False,
        help_text=_("Optional: without one the former date stays."),
        error_messages={"invalid": INVALID_DAY},
    )
