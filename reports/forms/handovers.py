"""Forms of handovers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.models import RoleAssignment

from ..queries.handovers import offices_to_hand_over
from .supervision import _prose


class _OfficeField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        until = f" – {obj.until.isoformat()}" if obj.until else ""
        return f"{obj.get_role_display()} · {obj.user.name} · {obj.since.isoformat()}{until}"


class HandoverForm(forms.Form):
    """Which office; ``id`` makes a replay harmless."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    office = _OfficeField(
        label=_("Office"),
        queryset=RoleAssignment.objects.none(),
        empty_label=_("Choose the office"),
        error_messages={
            "required": _("Choose the office."),
            "invalid_choice": _("Choose one of the list."),
        },
    )
    note = _prose(
        _("Note"),
        rows=4,
        length=2000,
        required=False,
        help_text=_("What a successor should know about the work; nothing about persons."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].queryset = offices_to_hand_over(user)  # type: ignore[attr-defined]
