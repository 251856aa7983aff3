"""Forms of the cascade: to whom a notice is passed down on which terms, and taking it back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platform_site.casework.workdays import EARLIEST, LATEST
from platform_site.federations.models import Federation
from platform_site.questionnaires.building import MOST_OWN_QUESTIONS
from platform_site.questionnaires.models import Question
from platform_site.text.fields import LineFormField, ProseFormField
from platform_site.web.widgets import DayInput

from ..models.cascade import OWN_QUESTION_KINDS

#: Rows for questions of one's own that a new page offers; empty ones are left out.
OWN_ROWS = 3
_NO_DAY = {"invalid": _("Give a date such as 2026-11-22.")}


class PassDownForm(forms.Form):
    """下发: recipients and dates; and, the first time, what is asked beside the notice."""

    recipients = forms.MultipleChoiceField(
        label=_("Recipients"),
        required=False,
        error_messages={"invalid_choice": _("%(value)s is not among those that can be chosen.")},
    )
    due_on = forms.DateField(
        label=_("Due date"), widget=DayInput, required=False, error_messages=_NO_DAY
    )
    on_time_until = forms.DateField(
        label=_("Counts as on time until"),
        widget=DayInput,
        required=False,
        error_messages=_NO_DAY,
        help_text=_("Left empty: the due date."),
    )
    locks_on = forms.DateField(
        label=_("Closing day"),
        widget=DayInput,
        required=False,
        error_messages=_NO_DAY,
        help_text=_("Left empty: as for your own federation."),
    )
    instructions = ProseFormField(
        label=_("Instructions"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Stands above the notice for those you pass it down to."),
    )

    def __init__(
        self, *args: Any, below: list[Federation], further: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.below = {federation.code: federation for federation in below}
        self.fields["recipients"].choices = [  # type: ignore[attr-defined]
            (code, federation.short_name) for code, federation in self.below.items()
        ]
        if further:
            del self.fields["instructions"]
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)

    def boxes(self) -> list[dict[str, Any]]:
        """The boxes to tick, by the kind of federation."""
        ticked = set(self["recipients"].value() or [])
        groups: dict[str, list[dict[str, Any]]] = {}
        for place, (code, federation) in enumerate(self.below.items()):
            groups.setdefault(str(federation.get_kind_display()), []).append(
                {
                    "code": code,
                    "name": federation.short_name,
                    "id": f"id_recipients_{place}",
                    "ticked": code in ticked,
                }
            )
        return [{"label": label, "choices": choices} for label, choices in groups.items()]

    def _day(self, name: str) -> Any:
        day = self.cleaned_data[name]
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(
                _("Look at the year again: a date between %(first)s and %(last)s is possible."),
                params={"first": EARLIEST.isoformat(), "last": LATEST.isoformat()},
                code="date_out_of_range",
            )
        return day

    def clean_due_on(self) -> Any:
        return self._day("due_on")

    def clean_on_time_until(self) -> Any:
        return self._day("on_time_until")

    def clean_locks_on(self) -> Any:
        return self._day("locks_on")

    def clean_recipients(self) -> list[Federation]:
        return [self.below[code] for code in self.cleaned_data["recipients"]]


class OwnQuestionForm(forms.Form):
    """One question of one's own; a row without a wording is no question."""

    name_zh = LineFormField(label=_("Question"), max_length=120, required=False)
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=OWN_QUESTION_KINDS,
        initial=Question.Kind.NUMBER,
    )
    unit_zh = LineFormField(
        label=_("Unit"), max_length=20, required=False, help_text=_("Of a number only.")
    )
    options = ProseFormField(
        label=_("Options"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Of a choice only, one a line."),
    )
    required = forms.BooleanField(label=_("Must be answered"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("name_zh") and (given.get("unit_zh") or given.get("options")):
            self.add_error("name_zh", _("Write the question, or leave the row empty."))
        return given

    def question(self) -> dict[str, Any]:
        """The question as a form has it; what does not fit its kind is said by whoever builds it."""
        given = self.cleaned_data
        kind = given["kind"] or Question.Kind.NUMBER
        question: dict[str, Any] = {
            "kind": str(kind),
            "name_zh": given["name_zh"],
            "required": given["required"],
            "unit_zh": given["unit_zh"],
        }
        if given["options"] or kind == Question.Kind.CHOICE:
            lines = [line.strip() for line in given["options"].splitlines() if line.strip()]
            question["options"] = [
                {"code": f"option_{place}", "zh": line[:200]} for place, line in enumerate(lines, 1)
            ]
        return question


class _OwnQuestions(forms.BaseFormSet):
    def given(self) -> list[tuple[int, dict[str, Any]]]:
        """The questions that were written, each with the number of its row."""
        return [
            (row, form.question())
            for row, form in enumerate(self.forms)
            if form.cleaned_data.get("name_zh")
        ]


OwnQuestions = forms.formset_factory(
    OwnQuestionForm,
    formset=_OwnQuestions,
    extra=OWN_ROWS,
    max_num=MOST_OWN_QUESTIONS,
    absolute_max=MOST_OWN_QUESTIONS,
)


class TakeBackForm(forms.Form):
    """Taking back what was passed down to one federation, and why."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = ProseFormField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Give the reason.")},
        help_text=_("It is sent to those concerned and kept in the history."),
    )
