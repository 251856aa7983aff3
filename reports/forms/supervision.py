"""Forms of supervision: a call, a visit from its plan to its report, a phone round."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platform_site.federations.models import Federation
from platform_site.text.fields import LineFormField, ProseFormField
from platform_site.web.widgets import DayInput

from ..models import SupervisionKind
from ..models.supervision import PLANNED_KINDS
from .notices import RecipientGroups

INVALID_DAY = _("Give a date such as 2026-11-22.")


def _day(label: Any, **options: Any) -> forms.DateField:
    errors = {"required": _("Give the date."), "invalid": INVALID_DAY}
    return forms.DateField(label=label, widget=DayInput, error_messages=errors, **options)


def _participants(**options: Any) -> ProseFormField:
    return ProseFormField(
        label=_("Who took part"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Names and posts, no more than the work needs."),
        **options,
    )


def _prose(label: Any, *, rows: int, length: int, **options: Any) -> ProseFormField:
    widget = forms.Textarea(attrs={"rows": rows})
    return ProseFormField(label=label, max_length=length, widget=widget, **options)


def _federation() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=_("Federation"),
        queryset=Federation.objects.none(),
        to_field_name="code",
        empty_label=_("Choose a federation"),
        error_messages={
            "required": _("Choose a federation."),
            "invalid_choice": _("There is no such federation here; choose one of the list."),
        },
    )


class CallForm(forms.Form):
    """What came of a telephone exchange. ``id`` makes a replay meet the same record."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    on = _day(_("Date"))
    participants = _participants(required=False)
    findings = _prose(_("What was said"), rows=4, length=10_000, required=False)
    outcome = _prose(
        _("Outcome"),
        rows=4,
        length=5000,
        error_messages={"required": _("Write what came of the call.")},
        help_text=_("The federation reads it as soon as it is recorded."),
    )
    next_contact_on = _day(_("Next contact on"), required=False)


class FederationCallForm(CallForm):
    """A call outside a round."""

    federation = _federation()
    field_order = ("id", "federation")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["federation"].queryset = Federation.objects.first_tier()  # type: ignore[attr-defined]


class RoundCallForm(CallForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class PlanForm(forms.Form):
    """The day, who goes, what is asked."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    federation = _federation()
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(each.value, each.label) for each in PLANNED_KINDS],
        initial=SupervisionKind.VISIT,
    )
    on = _day(_("Planned for"))
    participants = _participants(required=False)
    plan = _prose(
        _("Plan and questions"),
        rows=6,
        length=5000,
        error_messages={"required": _("Write what is planned and asked.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participants"].label = _("Who takes part")
        self.fields["federation"].queryset = Federation.objects.first_tier()  # type: ignore[attr-defined]


class EditForm(forms.Form):
    """The record while it is planned or written; nothing is handed in."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    on = _day(_("Date"))
    participants = _participants(required=False)
    plan = _prose(
        _("Plan and questions"),
        rows=6,
        length=5000,
        error_messages={"required": _("Write what is planned and asked.")},
    )
    findings = _prose(_("Findings"), rows=10, length=10_000, required=False)
    outcome = _prose(_("Outcome"), rows=5, length=5000, required=False)


class HoldForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    on = _day(_("Held on"))
    participants = _participants(error_messages={"required": _("Write who took part.")})


class WriteForm(forms.Form):
    """The report of a visit, handed in."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    findings = _prose(
        _("Findings"),
        rows=12,
        length=10_000,
        error_messages={"required": _("Write what was found.")},
    )
    outcome = _prose(
        _("Outcome"),
        rows=6,
        length=5000,
        error_messages={"required": _("Write what came of it.")},
    )
    next_contact_on = _day(_("Next contact on"), required=False)


class RoundForm(forms.Form):
    """A round of calls: its days, and whom to call."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    title = LineFormField(
        label=_("Title"),
        max_length=150,
        error_messages={"required": _("Give the round a title.")},
    )
    starts_on = _day(_("From"))
    ends_on = _day(_("Until"))
    federations = forms.MultipleChoiceField(
        label=_("Federations"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one federation.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = RecipientGroups()
        self.fields["federations"].choices = self.groups.choices  # type: ignore[attr-defined]
        self.initial.setdefault("federations", self.groups.default)

    def clean_federations(self) -> list[Federation]:
        ticked = set(self.cleaned_data["federations"])
        return [each for code, each in self.groups.federations.items() if code in ticked]
