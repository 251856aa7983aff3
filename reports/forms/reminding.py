"""Forms of the rules of reminding of a notice, and of chasing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platform_site.casework.models import Channel, ReminderRule, Rung
from platform_site.casework.services import RuleGiven
from platform_site.text.fields import ProseFormField

from ..queries import LateRow
from ..services.reminding import RULES

#: Empty rows for further rules.
MORE = 2


class RuleForm(forms.Form):
    """One rule of the ladder, a row of the page."""

    duty_rule = forms.ChoiceField(
        label=_("Reminds of"), choices=lambda: [(rule.code, rule.label) for rule in RULES]
    )
    days = forms.IntegerField(
        label=_("Working days from the due date"),
        min_value=-60,
        max_value=60,
        help_text=_("-3: three working days before; 0: on the day; 1: one working day after."),
    )
    every = forms.IntegerField(
        label=_("Repeat every (working days)"), min_value=1, max_value=60, required=False
    )
    rung = forms.TypedChoiceField(label=_("To whom"), choices=Rung.choices, coerce=int)
    channels = forms.MultipleChoiceField(
        label=_("Channels"), choices=Channel.choices, widget=forms.CheckboxSelectMultiple
    )
    text_zh = ProseFormField(
        label=_("Text"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    text_en = ProseFormField(
        label=_("Text for readers of English"),
        max_length=800,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    compulsory = forms.BooleanField(
        label=_("Cannot be switched off by the recipient"), required=False
    )

    def given(self) -> RuleGiven:
        data = self.cleaned_data
        return RuleGiven(
            duty_rule=data["duty_rule"],
            days=data["days"],
            rung=data["rung"],
            channels=tuple(data["channels"]),
            text_zh=data["text_zh"],
            text_en=data["text_en"],
            every=data["every"],
            compulsory=data["compulsory"],
        )


class _RuleRows(forms.BaseFormSet):
    deletion_widget = forms.CheckboxInput

    def add_fields(self, form: Any, index: Any) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove this rule")

    def given(self) -> list[tuple[int, RuleGiven]]:
        """The rules that stay, each with its row."""
        return [
            (row, form.given())
            for row, form in enumerate(self.forms)
            if form.cleaned_data and form not in self.deleted_forms
        ]


RuleRows = forms.formset_factory(
    RuleForm, formset=_RuleRows, extra=MORE, can_delete=True, max_num=40, absolute_max=60
)


def rows_of(rules: list[ReminderRule]) -> list[dict[str, Any]]:
    """Rules as the first values of the rows."""
    return [
        {
            name: getattr(rule, name)
            for name in (
                *("duty_rule", "days", "every", "rung", "channels"),
                *("text_zh", "text_en", "compulsory"),
            )
        }
        for rule in rules
    ]


class ChaseForm(forms.Form):
    """催办: who, how far up, and a sentence of one's own."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    federations = forms.MultipleChoiceField(
        label=_("Late federations"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one federation.")},
    )
    up_to = forms.TypedChoiceField(
        label=_("Who is reminded"),
        coerce=int,
        initial=Rung.OFFICER,
        choices=[
            (Rung.OFFICER, _("the liaison officer")),
            (Rung.HEAD, _("the liaison officer and the department head")),
            (Rung.LEADER, _("these and the leader in charge")),
        ],
        widget=forms.RadioSelect,
    )
    sentence = ProseFormField(
        label=_("Your sentence"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Optional; it stands at the head of the message, under your name."),
    )

    def offer(self, late: Sequence[LateRow]) -> None:
        """Let these be chosen; on a fresh page all of them are."""
        self.fields["federations"].choices = [  # type: ignore[attr-defined]
            (row.federation.code, row.federation.name) for row in late
        ]
        if not self.is_bound:
            self.initial["federations"] = [row.federation.code for row in late]
