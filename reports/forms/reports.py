"""Shapes of input of the pages of reports. A section's form is built from its questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from platform_site.casework.workdays import EARLIEST, LATEST
from platform_site.questionnaires.checks import explain
from platform_site.questionnaires.models import Answer, Indicator, Question
from platform_site.questionnaires.values import fingerprint, plain, typed_in
from platform_site.text.fields import LineFormField, ProseFormField
from platform_site.web.forms import ChosenFileField
from platform_site.web.widgets import DayInput

from .widgets import ChoicesInput, FilesInput, NumberInput, TableInput, is_day

#: Up to so many options are radio buttons, more are a list.
RADIOS = 7


class AnswerField(forms.Field):
    """Takes whatever was typed: the service reads it, and says what is wrong with it."""

    def __init__(
        self, question: Question, value: str, former: Decimal | None, owner: str = ""
    ) -> None:
        self.question = question
        help_text = [question.help] if question.help else []
        if question.kind == Question.Kind.TEXT:
            help_text.append(
                ngettext(
                    "At most %(count)s character.",
                    "At most %(count)s characters.",
                    question.max_length,
                )
                % {"count": question.max_length}
            )
        if former is not None:
            help_text.append(
                _("Last accepted: %(number)s %(unit)s (cumulative).")
                % {"number": plain(former), "unit": question.unit}
            )
        super().__init__(
            label=str(question),
            required=question.required,
            help_text=" ".join(help_text),
            widget=_widget(question, value, owner),
        )

    def clean(self, value: Any) -> Any:
        return value


def _widget(question: Question, value: str, owner: str) -> forms.Widget:
    match question.kind:
        case Question.Kind.TEXT:
            rows = 3 if question.max_length <= 300 else 8 if question.max_length <= 2000 else 12
            look = "prose" if rows == 3 else "prose prose--long"
            attrs = {"rows": rows, "data-limit": question.max_length, "class": look}
            return forms.Textarea(attrs=attrs)
        case Question.Kind.NUMBER:
            return NumberInput(question.unit)
        case Question.Kind.MONEY:
            return NumberInput(question.unit, decimals=question.decimals)
        case Question.Kind.CHOICES:
            return ChoicesInput(question)
        case Question.Kind.TABLE:
            return TableInput(question)
        case Question.Kind.FILE:
            return FilesInput(question, owner)
        case Question.Kind.DATE:
            bounds = {"min": EARLIEST.isoformat(), "max": LATEST.isoformat()}
            # A day picker shows nothing but a day: what cannot be read is shown as text.
            return DayInput(bounds) if is_day(value) else forms.TextInput()
        case Question.Kind.YES_NO:
            options = [("yes", _("Yes")), ("no", _("No")), ("", _("Not answered"))]
            return forms.RadioSelect(choices=options)
    options = [*question.choices(), ("", _("Not answered"))]
    if value not in dict(options):
        options.append((value, value[:80]))
    if len(options) > RADIOS + 1:
        return forms.Select(choices=[options[-1], *options[:-1]])
    return forms.RadioSelect(choices=options)


class SectionForm(forms.Form):
    """The questions of one section, with what stands in the sheet or what was just typed.

    Always bound, since a value that cannot be read is shown with its message on the first look too.
    Fields are called ``answer-<code>``. ``owner`` names the record that uploaded files hang on.
    """

    use_required_attribute = False

    def __init__(
        self,
        questions: Iterable[Question],
        answers: Mapping[str, Answer],
        former: Mapping[str, Decimal],
        typed: Mapping[str, str] | None = None,
        owner: str = "",
    ) -> None:
        self.questions = list(questions)
        self.stored = {each.code: typed_in(each, answers.get(each.code)) for each in self.questions}
        values = {**self.stored, **(typed or {})}
        super().__init__(
            {f"answer-{code}": value for code, value in values.items()}, prefix="answer"
        )
        for question in self.questions:
            value = values[question.code]
            before = None
            if question.indicator and question.indicator.measure == Indicator.Measure.CUMULATIVE:
                before = former.get(question.indicator.code)
            self.fields[question.code] = AnswerField(question, value, before, owner)
        self.full_clean()
        for question in self.questions:
            answer = answers.get(question.code)
            if answer and answer.typed and values[question.code] == answer.typed:
                self.add_error(question.code, explain(question, answer.typed)[1])

    def fingerprints(self) -> dict[str, str]:
        """Of what stands in the sheet, to tell an untouched field from a changed one."""
        return {code: fingerprint(value) for code, value in self.stored.items()}

    def refuse(self, code: str, message: str) -> None:
        """Put a message of the service beside its field (a second one says the same)."""
        if code in self.fields and message not in self.errors.get(code, []):
            self.add_error(code, message)


class WorkbookForm(forms.Form):
    file = ChosenFileField(label=gettext_lazy("Filled-in workbook (.xlsx)"), accept=".xlsx")


class VersionForm(forms.Form):
    """A step that needs nothing but the version that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


class NothingForm(VersionForm):
    """Something to report, or nothing and why: an answer, different from silence."""

    nothing_to_report = forms.TypedChoiceField(
        label=gettext_lazy("What is reported"),
        choices=[
            ("no", gettext_lazy("There is something to report")),
            ("yes", gettext_lazy("There is nothing to report")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    nothing_reason = ProseFormField(
        label=gettext_lazy("Why there is nothing to report"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-limit": 1000}),
    )

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        silent = fields.get("nothing_to_report") and not fields.get("nothing_reason")
        if silent and "nothing_reason" not in self.errors:
            self.add_error("nothing_reason", _("Say why there is nothing to report."))
        return fields


class SubmitForm(VersionForm):
    explanation = ProseFormField(
        label=gettext_lazy("Explanation"),
        help_text=gettext_lazy(
            "The reviewer reads it first. Say why the doubtful answers are right."
        ),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "data-limit": 2000}),
    )


class SignOffForm(VersionForm):
    """Entered by the preparer from the signed paper; a leader's own account needs none of it."""

    use_required_attribute = False

    name = LineFormField(label=gettext_lazy("Leader who signed off"), max_length=40)
    title = LineFormField(label=gettext_lazy("Post"), max_length=60, required=False)
    on = forms.DateField(label=gettext_lazy("Signed off on"), widget=DayInput())
    scan = forms.FileField(
        label=gettext_lazy("Scan of the signed paper"),
        required=False,
        max_length=None,
        allow_empty_file=True,  # the store refuses it, in words
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and "on" in self.errors:
            self.fields["on"].widget.input_type = "text"  # so that what was typed is shown


class CommentForm(forms.Form):
    """``id`` comes with the form, so that a replay meets the same comment."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    question = forms.SlugField(max_length=60, widget=forms.HiddenInput)
    text = ProseFormField(
        label=gettext_lazy("Comment"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "data-limit": 2000}),
    )


class CommentTextForm(VersionForm):
    """Rewording a comment, or replying to one."""

    text = ProseFormField(
        label=gettext_lazy("Comment"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "data-limit": 2000}),
    )


#: What reviewers write again and again; chosen ones come before what is typed.
PHRASES = (
    gettext_lazy("Answer the comments pinned to the answers, one by one."),
    gettext_lazy("Goals are too general: say what will have changed by when."),
    gettext_lazy("Name for each task the measure, the time limit and the unit responsible."),
    gettext_lazy("Figures do not agree with the text; check them."),
    gettext_lazy("Attach the signed paper."),
)


class DecisionForm(VersionForm):
    """The note of a decision; ``next`` asks for the next report to review."""

    note = ProseFormField(
        label=gettext_lazy("Note"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-limit": 2000}),
    )
    next = forms.BooleanField(required=False, widget=forms.HiddenInput)


class ReturnForm(DecisionForm):
    phrases = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Frequent reasons"),
        choices=list(enumerate(PHRASES)),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("Reason for the return")
        self.fields["note"].help_text = _("It goes into the message; say what to change.")
        self.order_fields(["phrases", "note"])

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        chosen = [str(PHRASES[index]) for index in fields.pop("phrases", None) or []]
        typed = fields.get("note", "")
        if "note" in self.errors:
            return fields
        fields["note"] = "\n".join([*chosen, *([typed] if typed else [])])
        if not fields["note"]:
            self.add_error("note", _("Say why, so that the other side knows what to do."))
        return fields


class RecallForm(VersionForm):
    note = ProseFormField(
        label=gettext_lazy("Note"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-limit": 1000}),
    )
