"""A step of a workflow as a form; what a person sets about reminders."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from platform_site.text.fields import LineFormField, ProseFormField


class StepForm(forms.Form):
    """A step: the version that was seen, and a note where one is wanted."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = ProseFormField(
        label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, needs_note: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields["note"]
        if needs_note:
            note.required = True
            note.label = _("Reason")
            note.error_messages["required"] = _("Give the reason.")
            note.help_text = _("It is sent to those concerned and kept in the history.")
        else:
            note.help_text = _("Optional; kept in the history.")


class PreferenceForm(forms.Form):
    by_mail = forms.BooleanField(
        label=_("Send me reminders before the due date by e-mail too"),
        required=False,
        help_text=_(
            "Reminders on and after the due date, and those prescribed by law, always come by e-mail;"
            " in the portal you see all of them."
        ),
    )
    chat_address = LineFormField(
        label=_("Address of a group robot"),
        max_length=300,
        required=False,
        help_text=_("For example wecombot://key. Ask your system administrator which are allowed."),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not settings.CHAT_SCHEMES:
            del self.fields["chat_address"]
