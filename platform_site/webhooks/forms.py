"""Shapes of input on the pages of webhooks."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from platform_site.federations.models import Federation
from platform_site.notifications.models import Delivery
from platform_site.text.fields import LineFormField

from . import kinds
from .models import Webhook
from .outgoing import URL_LENGTH


class WebhookForm(forms.Form):
    id = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = LineFormField(
        max_length=80,
        label=_("Name"),
        help_text=_("What the webhook is for, to recognise it later."),
    )
    url = LineFormField(
        max_length=URL_LENGTH,
        label=_("Address"),
        help_text=_("Where your program listens, for example https://data.example.org/hooks."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Events"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("You are told only of what you may see yourself."),
    )
    federation = LineFormField(
        max_length=16,
        required=False,
        label=_("Federation code"),
        help_text=_("Only what concerns this federation or one below it; blank: all that you see."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = kinds.choices()

    def clean_federation(self) -> Federation | None:
        code = self.cleaned_data["federation"]
        if not code:
            return None
        federation = Federation.objects.current().filter(code=code).first()
        if federation is None:
            raise ValidationError(_("There is no federation with this code."), code="unknown")
        return federation

    @classmethod
    def of(cls, webhook: Webhook) -> dict[str, Any]:
        """What the form shows of a webhook."""
        return {
            "version": webhook.version,
            "name": webhook.name,
            "url": webhook.url,
            "kinds": webhook.kinds,
            "federation": webhook.federation.code if webhook.federation else "",
        }


class VersionForm(forms.Form):
    """A step that needs nothing but the version its person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class RotateForm(VersionForm):
    overlap_hours = forms.TypedChoiceField(
        label=_("The old secret"),
        coerce=int,
        initial=24,
        widget=forms.RadioSelect,
        choices=[
            (24, _("signs beside the new one for 24 hours")),
            (168, _("signs beside the new one for 7 days")),
            (0, _("ends at once: it may have become known")),
        ],
    )


class LogForm(forms.Form):
    state = forms.ChoiceField(
        required=False,
        label=_("State"),
        choices=[("", _("All states")), *Delivery.State.choices],
    )
