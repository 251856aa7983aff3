"""Forms of the paper bridge."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..models import ReportVersion


class VersionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        request = obj.report.obligation.round.request
        day: dt.date = timezone.localdate(obj.submitted_at)
        return f"{request.title} · v{obj.number} · {day.isoformat()} · {obj.receipt_number}"


class ChooseForm(forms.Form):
    """Which report a scan belongs to, where its code could not tell."""

    attachment = forms.UUIDField(widget=forms.HiddenInput)
    version = VersionField(
        label=_("Report it belongs to"),
        queryset=ReportVersion.objects.none(),
        empty_label=_("Choose the report"),
        error_messages={
            "required": _("Choose the report."),
            "invalid_choice": _("Choose one of the list."),
        },
    )

    def __init__(self, *args: Any, versions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = versions  # type: ignore[attr-defined]
