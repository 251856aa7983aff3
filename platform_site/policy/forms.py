"""Forms of policy documents: writing one, and the search of the public list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from platform_site.editorial.forms import PieceForm
from platform_site.federations.lines import BusinessLine
from platform_site.text.fields import LineFormField, ProseFormField
from platform_site.web.widgets import DayInput

from .models import NUMBER_LENGTH, Level, PolicyDocument, PolicyKind, PolicyRelation, Validity
from .services import DATES, FACTS, MOST_RELATIONS


def _day(label: Any, **options: Any) -> forms.DateField:
    errors = {"invalid": _("Give a date such as 2026-11-22.")}
    return forms.DateField(
        label=label, widget=DayInput, required=False, error_messages=errors, **options
    )


class PolicyForm(PieceForm):
    """A policy document: its text and what its head says."""

    number = LineFormField(
        label=_("Document number"),
        max_length=NUMBER_LENGTH,
        required=False,
        help_text=_("For example 总工发〔2016〕32号; any brackets will do."),
    )
    index_number = LineFormField(label=_("Index number"), max_length=40, required=False)
    kind = forms.ChoiceField(label=_("Kind of document"), choices=PolicyKind)
    level = forms.ChoiceField(label=pgettext_lazy("policy document", "Level"), choices=Level)
    line = forms.ChoiceField(label=_("Business line"), choices=BusinessLine)
    issuers = ProseFormField(
        label=_("Issuing bodies"),
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line; the first one leads."),
        error_messages={"required": _("Name the body that issued it.")},
    )
    made_on = _day(_("Made on"))
    issued_on = _day(_("Printed and issued on"))
    month_only = forms.BooleanField(
        label=_("Only the month is known"),
        required=False,
        help_text=_("Give the first of the month; pages show year and month."),
    )
    effective_from = _day(_("In force from"))
    effective_to = _day(_("In force until"), help_text=_("Left empty: without end."))
    abridged = forms.BooleanField(
        label=_("The text here is a summary; the original holds"), required=False
    )
    validity_set = forms.ChoiceField(
        label=_("Validity, set by hand"),
        required=False,
        choices=[("", _("from dates and relations")), *Validity.choices],
    )
    validity_reason = LineFormField(label=_("Reason for it"), max_length=200, required=False)

    @property
    def facts(self) -> dict[str, Any]:
        given = {name: self.cleaned_data[name] for name in FACTS}
        return given | {"issuers": self.cleaned_data["issuers"].splitlines()}

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        for name in DATES:
            given.setdefault(name, None)
        return given


class _DocumentField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number} {obj.title}".strip()


class RelationForm(forms.Form):
    """How the document bears on a published one; a line without a document is no relation."""

    kind = forms.ChoiceField(label=_("Relation"), choices=PolicyRelation.Kind, required=False)
    target = _DocumentField(
        label=pgettext_lazy("policy document", "Document"),
        queryset=PolicyDocument.objects.none(),
        required=False,
        empty_label=_("none"),
        error_messages={"invalid_choice": _("Choose a published document.")},
    )
    note = LineFormField(label=_("Which articles"), max_length=200, required=False)

    def __init__(self, *args: Any, reader: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        documents = PolicyDocument.objects.visible_to(reader).order_by("-dated")
        self.fields["target"].queryset = documents  # type: ignore[attr-defined]


RelationFormSet = formset_factory(
    RelationForm, extra=3, max_num=MOST_RELATIONS, validate_max=True, absolute_max=MOST_RELATIONS
)


class PolicyQueryForm(forms.Form):
    """The search of the public list."""

    search = LineFormField(label=_("Title or number"), max_length=100, required=False)
    kind = forms.ChoiceField(
        label=_("Kind of document"),
        required=False,
        choices=[("", _("All kinds")), *PolicyKind.choices],
    )
    level = forms.ChoiceField(
        label=pgettext_lazy("policy document", "Level"),
        required=False,
        choices=[("", _("All levels")), *Level.choices],
    )
    line = forms.ChoiceField(
        label=_("Business line"),
        required=False,
        choices=[("", _("All lines")), *BusinessLine.choices],
    )
    validity = forms.ChoiceField(
        label=_("Validity"), required=False, choices=[("", _("All")), *Validity.choices]
    )
    year = forms.IntegerField(label=_("Year"), required=False, min_value=1949, max_value=2199)
