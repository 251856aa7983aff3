"""Forms of notices: the draft, the note that goes with a step, signing for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from platform_site.casework.workdays import EARLIEST, LATEST
from platform_site.documents.models import NumberSeries
from platform_site.documents.numbers import WORD_LENGTH, NotANumber, Number
from platform_site.federations.models import Federation
from platform_site.obligations.periods import REGULAR
from platform_site.questionnaires.models import Form
from platform_site.text.fields import LineFormField, ProseFormField
from platform_site.web.widgets import DayInput

from ..models import Asks, BusinessLine
from .rounds import FIELDS, ScheduleFields

NUMBER_HELP = _("Word, year and serial, for example 总工办发〔2026〕12号. May be given later.")


def read_number(typed: str) -> tuple[str, int, int] | None:
    """``总工办发[2026]12`` → (word, year, serial); any usual bracket is taken. None for nothing."""
    try:
        number = Number.read(typed)
    except NotANumber:
        number = None
        readable = False
    else:
        readable = number is None or EARLIEST.year <= number.year <= LATEST.year
    if not readable:
        raise forms.ValidationError(
            _("Write the number as word, year and serial, such as 总工办发〔2026〕12号."),
            code="number_unreadable",
        )
    if number is None:
        return None
    if len(number.word) > WORD_LENGTH:
        raise forms.ValidationError(_("The word of the number is too long."), code="too_long")
    return number.word, number.year, number.no


class RecipientGroups:
    """The first-tier federations in the order and the groups in which they are ticked."""

    GROUPS = (
        (_("Provinces, autonomous regions and municipalities"), Federation.Kind.PROVINCIAL),
        (_("Production and Construction Corps"), Federation.Kind.CORPS),
        (_("National industrial unions"), Federation.Kind.INDUSTRIAL),
        (_("Central Party and State organs"), Federation.Kind.CENTRAL_ORGANS),
    )

    @cached_property
    def federations(self) -> dict[str, Federation]:
        return {federation.code: federation for federation in Federation.objects.first_tier()}

    @property
    def default(self) -> list[str]:
        return [
            code
            for code, federation in self.federations.items()
            if federation.kind in (Federation.Kind.PROVINCIAL, Federation.Kind.CORPS)
        ]

    @property
    def choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        return [
            (
                str(label),
                [
                    (code, federation.short_name)
                    for code, federation in self.federations.items()
                    if federation.kind == kind
                ],
            )
            for label, kind in self.GROUPS
        ]

    def ticked(self, which: str) -> list[str]:
        """What a button of the group ticks: all, the 32 by default, or none."""
        return {"all": list(self.federations), "default": self.default}.get(which, [])

    def boxes(self, field: forms.BoundField) -> list[dict[str, Any]]:
        """The boxes of this field to tick, group by group, for a page."""
        ticked = set(field.value() or [])
        groups, place = [], 0
        for label, members in self.choices:
            choices = []
            for code, name in members:
                # The error summary leads to the first box, by Django's name for it.
                choices.append(
                    {
                        "code": code,
                        "name": name,
                        "id": f"id_{field.html_name}_{place}",
                        "ticked": code in ticked,
                        "default": code in self.default,
                    }
                )
                place += 1
            groups.append({"label": label, "choices": choices})
        return groups


class NoticeForm(ScheduleFields):
    """One form for drafting and changing. ``id`` makes a replay meet the same notice."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = LineFormField(
        label=_("Title"),
        max_length=150,
        error_messages={"required": _("Give the notice a title.")},
    )
    number = LineFormField(
        label=_("Document number"), max_length=60, required=False, help_text=NUMBER_HELP
    )
    number_series = forms.ChoiceField(
        label=_("Or take it at issue from"),
        required=False,
        help_text=_("The next free number is taken when the notice is issued, not before."),
    )
    business_line = forms.ChoiceField(
        label=_("Business line"),
        choices=BusinessLine.choices,
        initial=BusinessLine.SOCIAL_ORGANISATIONS,
    )
    asks = forms.ChoiceField(
        label=_("What is asked for"),
        choices=Asks.choices,
        widget=forms.RadioSelect,
        initial=Asks.PILOT_PLAN,
    )
    form = forms.ChoiceField(
        label=_("Form to fill in"),
        required=False,
        help_text=_("Left empty, the form that fits what is asked for is taken."),
    )
    due_on = forms.DateField(
        label=_("Due date"),
        required=False,
        widget=DayInput,
        error_messages={"invalid": _("Give a date such as 2026-11-22.")},
    )
    on_time_until = forms.DateField(
        label=_("Counts as on time until"),
        required=False,
        widget=DayInput,
        help_text=_("Left empty: the due date."),
        error_messages={"invalid": _("Give a date such as 2026-11-22.")},
    )
    locks_on = forms.DateField(
        label=_("Closing day"),
        required=False,
        widget=DayInput,
        help_text=_("After it nothing can be submitted. Left empty: until the notice is closed."),
        error_messages={"invalid": _("Give a date such as 2026-11-22.")},
    )
    text = ProseFormField(
        label=_("Text of the notice"),
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 16}),
        error_messages={"required": _("Write the text of the notice.")},
        help_text=_(
            "Plain paragraphs, one a line; begin headings with “一、”. "
            "The addressees, the issuer and the day are set around it."
        ),
    )
    recipients = forms.MultipleChoiceField(
        label=_("Recipients"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one recipient.")},
    )
    contact_name = LineFormField(label=_("Contact"), max_length=40, required=False)
    contact_phone = LineFormField(
        label=_("Contact phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )

    def __init__(self, *args: Any, preview_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = RecipientGroups()
        self.offer_periods(
            *(str(self.initial.get(name) or "") for name in ("first_period", "last_period"))
        )
        self.fields["recipients"].choices = self.groups.choices
        self.series = {
            each.word: each
            for each in NumberSeries.objects.active().filter(
                federation=Federation.objects.national()
            )
        }
        self.fields["number_series"].choices = [
            ("", _("Nothing: I type the number, or it has none")),
            *[
                (word, f"{word}（{each.label}）" if each.label else word)
                for word, each in self.series.items()
            ],
        ]
        self.forms_by_code = {
            form.code: form for form in Form.objects.published().filter(purpose__in=Asks.values)
        }
        labels = dict(Asks.choices)
        by_purpose: dict[str, list[tuple[str, str]]] = {}
        for form in self.forms_by_code.values():
            by_purpose.setdefault(form.purpose, []).append((form.code, str(form)))
        self.fields["form"].choices = [
            ("", _("The one that fits")),
            *[
                (labels[purpose], by_purpose[purpose])
                for purpose in Asks.values
                if purpose in by_purpose
            ],
        ]
        if preview_url:
            self.fields["due_on"].widget.attrs |= {
                "hx-get": preview_url,
                "hx-trigger": "change, input changed delay:300ms",
                "hx-target": "#due-preview",
            }

    def recipient_groups(self) -> list[dict[str, Any]]:
        """The boxes to tick, group by group, for the page."""
        return self.groups.boxes(self["recipients"])

    def clean_number(self) -> tuple[str, int, int] | None:
        return read_number(self.cleaned_data["number"])

    def clean_number_series(self) -> NumberSeries | None:
        return self.series.get(self.cleaned_data["number_series"])

    def clean_due_on(self) -> Any:
        return self._in_range("due_on")

    def clean_on_time_until(self) -> Any:
        return self._in_range("on_time_until")

    def clean_locks_on(self) -> Any:
        return self._in_range("locks_on")

    def _in_range(self, name: str) -> Any:
        due_on = self.cleaned_data[name]
        if due_on is not None and not EARLIEST <= due_on <= LATEST:
            raise forms.ValidationError(
                _("Look at the year again: a date between %(first)s and %(last)s is possible."),
                params={"first": EARLIEST.isoformat(), "last": LATEST.isoformat()},
                code="date_out_of_range",
            )
        return due_on

    def clean_recipients(self) -> list[Federation]:
        ticked = set(self.cleaned_data["recipients"])
        return [each for code, each in self.groups.federations.items() if code in ticked]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        # The dates of periods follow from their rule; else the day stands in the form.
        if given.get("frequency") not in REGULAR and not given.get("due_on", ...):
            self.add_error("due_on", _now("Give the due date."))
        asks = given.get("asks")
        if asks is None or "form" not in given:
            return given
        chosen = self.forms_by_code.get(given["form"])
        fitting = [form for form in self.forms_by_code.values() if form.purpose == asks]
        if asks == Asks.NOTHING:
            chosen = None
        elif chosen is None and len(fitting) == 1:
            chosen = fitting[0]
        elif chosen is not None and chosen.purpose != asks:
            self.add_error(
                "form",
                _now(
                    "This form does not fit what is asked for; choose another, or leave it empty."
                ),
            )
        given["form"] = chosen
        return given

    def service_fields(self) -> dict[str, Any]:
        """What the services take, without the marks of the form itself."""
        given = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("id", "version", *FIELDS)
        }
        return {**given, "schedule": self.plan()}


class SignForForm(forms.Form):
    """签收: who is in charge, and which department does the work."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    leader_name = LineFormField(
        label=_("Leader in charge"),
        max_length=40,
        error_messages={"required": _("Give the name of the leader in charge.")},
    )
    leader_title = LineFormField(
        label=_("Post of the leader"),
        max_length=60,
        required=False,
        help_text=_("For example: vice-chair and member of the leading Party members' group."),
    )
    department = LineFormField(
        label=_("Responsible department"),
        max_length=80,
        error_messages={"required": _("Give the responsible department.")},
    )


class ExtendForm(forms.Form):
    """延期: the new dates of one federation, and why."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    due_on = forms.DateField(
        label=_("New due date"),
        widget=DayInput,
        error_messages={
            "required": _("Give the new due date."),
            "invalid": _("Give a date such as 2026-11-22."),
        },
    )
    reason = ProseFormField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Give the reason.")},
        help_text=_("It is sent to those concerned and kept in the history."),
    )

    def clean_due_on(self) -> Any:
        due_on = self.cleaned_data["due_on"]
        if not EARLIEST <= due_on <= LATEST:
            raise forms.ValidationError(
                _("Look at the year again: a date between %(first)s and %(last)s is possible."),
                params={"first": EARLIEST.isoformat(), "last": LATEST.isoformat()},
                code="date_out_of_range",
            )
        return due_on


class WaiveForm(forms.Form):
    """免报: why this federation need not report."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = ProseFormField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Give the reason.")},
        help_text=_("It is sent to those concerned and kept in the history."),
    )
