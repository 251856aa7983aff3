"""What a person sets about reminders."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from platform_site.text.fields import LineFormField


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
