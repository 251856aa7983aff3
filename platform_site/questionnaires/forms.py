"""Shapes of input of the builder's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from platform_site.text.fields import LineFormField

from . import purposes
from .column_forms import ColumnLines
from .conditions import NO, YES
from .fields import BoundField, OptionsField, WholeField, indicator_choices, options_text
from .kinds import DEFAULTS, MONEY_UNITS, MOST_CHARACTERS, MOST_ROWS, OF_KIND, Document
from .models import Indicator, Question, Rule

CODE_HELP = _(
    "A small letter, then small letters, digits and _. It stays the same across versions."
)


class _Versioned(forms.Form):
    use_required_attribute = False
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


class VersionForm(_Versioned):
    """A step that needs nothing but the version that the person saw."""


class MoveForm(_Versioned):
    way = forms.ChoiceField(choices=[("up", "up"), ("down", "down")])


class _Named(forms.Form):
    name_zh = LineFormField(
        label=_("Chinese name"),
        max_length=80,
        error_messages={"required": _("Give the Chinese name.")},
    )
    name_en = LineFormField(label=_("English name"), max_length=120, required=False)


class FormForm(_Named):
    """A new form."""

    use_required_attribute = False
    field_order = ("code", "name_zh", "name_en", "purpose")
    code = LineFormField(
        label=_("Code"),
        max_length=60,
        help_text=CODE_HELP,
        error_messages={"required": _("Give a code.")},
    )
    purpose = forms.ChoiceField(
        label=_("Filled in as"),
        help_text=_("Notices that ask for this offer the form."),
        choices=purposes.choices,
    )


class FormNamesForm(_Named, _Versioned):
    """What a form is called; its code and purpose stay."""


class SectionForm(_Named, _Versioned):
    field_order = ("code", "name_zh", "name_en", "help_zh", "help_en")
    code = LineFormField(
        label=_("Code"),
        max_length=60,
        help_text=CODE_HELP,
        error_messages={"required": _("Give a code.")},
    )
    help_zh = LineFormField(label=_("Help in Chinese"), max_length=300, required=False)
    help_en = LineFormField(label=_("Help in English"), max_length=400, required=False)


class QuestionForm(_Versioned):
    """One question. Which fields there are depends on its kind, which is chosen before."""

    section = forms.ChoiceField(label=_("Section"))
    code = LineFormField(
        label=_("Code"),
        max_length=60,
        help_text=CODE_HELP,
        error_messages={"required": _("Give a code.")},
    )
    name_zh = LineFormField(
        label=_("Wording in Chinese"),
        max_length=120,
        error_messages={"required": _("Give the Chinese wording.")},
    )
    name_en = LineFormField(label=_("Wording in English"), max_length=160, required=False)
    help_zh = LineFormField(label=_("Help in Chinese"), max_length=300, required=False)
    help_en = LineFormField(label=_("Help in English"), max_length=400, required=False)
    required = forms.BooleanField(label=_("Must be answered"), required=False)
    shown_if = forms.ChoiceField(
        label=_("Asked only if"),
        required=False,
        help_text=_("An earlier choice or yes-no question, and its answer."),
    )

    def __init__(self, *args: Any, kind: str, document: Document, at: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        for name, field in _fields_of(kind).items():
            self.fields[name] = field
        # The condition comes last: it is read as “…, asked only if …”.
        self.fields["shown_if"] = self.fields.pop("shown_if")
        self.fields["section"].choices = [
            (section["code"], section["name_zh"]) for section in document["sections"]
        ]
        self.fields["shown_if"].choices = [("", gettext("always")), *_conditions(document, at)]
        self.columns: ColumnLines | None = None
        if kind == Question.Kind.TABLE:
            self.columns = ColumnLines(self)

    def own_fields(self) -> list[Any]:
        """The visible fields but those of the columns of a table, which have their own place."""
        inside = self.columns.names() if self.columns else set()
        return [self[name] for name in self.fields if name not in inside and name != "version"]

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        if self.columns:
            self.columns.clean()
        return fields

    def field_of(self, pointer: str) -> str:
        """The field that a pointer inside the question (``columns/0/code``, ``kind``) leads to."""
        name, _slash, rest = pointer.partition("/")
        if self.columns and name == "columns" and rest:
            return self.columns.field_of(rest)
        return {"shown_if_question": "shown_if", "shown_if_answer": "shown_if"}.get(name, name)

    def values(self) -> dict[str, Any]:
        """The question as the document has it."""
        given = dict(self.cleaned_data)
        on, _equals, answer = given.pop("shown_if").partition("=")
        values = DEFAULTS | {name: given[name] for name in OF_KIND[self.kind] if name in given}
        values |= {
            name: given[name]
            for name in ("code", "name_zh", "name_en", "help_zh", "help_en", "required")
        }
        if self.kind == Question.Kind.MONEY:
            values["unit_en"] = MONEY_UNITS[values["unit_zh"]]
        if self.columns:
            values["columns"] = self.columns.values()
        values["indicator"] = values["indicator"] or None
        return values | {"kind": self.kind, "shown_if_question": on, "shown_if_answer": answer}


def as_typed(question: Document) -> dict[str, Any]:
    """A question of the document as the fields of its form hold it."""
    on = question["shown_if_question"]
    return question | {
        "options": options_text(question["options"]),
        "rows": options_text(question["rows"]),
        "shown_if": f"{on}={question['shown_if_answer']}" if on else "",
    }


def _fields_of(kind: str) -> dict[str, forms.Field]:
    match kind:
        case Question.Kind.TEXT:
            return {
                "max_length": forms.IntegerField(
                    label=_("At most so many characters"), initial=MOST_CHARACTERS, min_value=1
                ),
                "doubt_shorter": WholeField(
                    label=_("Ask for an explanation below so many characters"), initial=0
                ),
            }
        case Question.Kind.NUMBER | Question.Kind.MONEY:
            return _fields_of_numbers(kind)
        case Question.Kind.CHOICE | Question.Kind.CHOICES:
            return {
                "options": OptionsField(
                    label=_("Options"),
                    help_text=_("One a line: code | Chinese | English."),
                    error_messages={"required": _("Write at least two options.")},
                )
            }
        case Question.Kind.TABLE:
            return {
                "rows": OptionsField(
                    label=_("Fixed rows"),
                    required=False,
                    help_text=_(
                        "One a line: code | Chinese | English. Left empty, the filler adds rows."
                    ),
                ),
                "min_rows": WholeField(label=_("At least so many rows"), max_value=MOST_ROWS),
                "max_rows": WholeField(
                    label=_("At most so many rows"),
                    max_value=MOST_ROWS,
                    help_text=_("Both only where rows are not fixed; %(most)s at most.")
                    % {"most": MOST_ROWS},
                ),
            }
    return {}


def _fields_of_numbers(kind: str) -> dict[str, forms.Field]:
    units: dict[str, forms.Field]
    if kind == Question.Kind.MONEY:
        units = {
            "unit_zh": forms.ChoiceField(
                label=_("Unit"), choices=[(unit, unit) for unit in MONEY_UNITS], initial="万元"
            )
        }
    else:
        units = {
            "unit_zh": LineFormField(label=_("Unit in Chinese"), max_length=20, required=False),
            "unit_en": LineFormField(label=_("Unit in English"), max_length=30, required=False),
        }
    return {
        "indicator": forms.ChoiceField(
            label=_("Indicator"),
            required=False,
            choices=indicator_choices,
            help_text=_("The figure that accepted answers become; with the same unit."),
        ),
        **units,
        "decimals": WholeField(
            label=_("Decimal places"),
            initial=2 if kind == Question.Kind.MONEY else 0,
            max_value=4,
        ),
        "minimum": BoundField(label=_("Refuse below")),
        "maximum": BoundField(label=_("Refuse above")),
        "doubt_below": BoundField(label=_("Ask for an explanation below")),
        "doubt_above": BoundField(label=_("Ask for an explanation above")),
        "doubt_change": forms.IntegerField(
            label=_("Ask for an explanation of a change against the last period above (%)"),
            required=False,
            help_text=_("Needs an indicator."),
        ),
    }


def _conditions(document: Document, at: tuple[int, int] | None) -> list[tuple[str, Any]]:
    """Answers of the questions before this one (before the end, for one that is added), by question."""
    found: list[tuple[str, Any]] = []
    for place, section in enumerate(document["sections"]):
        for order, question in enumerate(section["questions"]):
            if at is not None and (place, order) >= at:
                return found
            if question["kind"] == Question.Kind.YES_NO:
                answers = [(YES, gettext("Yes")), (NO, gettext("No"))]
            elif question["kind"] in (Question.Kind.CHOICE, Question.Kind.CHOICES):
                answers = [(option["code"], option["zh"]) for option in question["options"]]
            else:
                continue
            choices = [
                (f"{question['code']}={code}", f"{question['name_zh']}：{label}")
                for code, label in answers
            ]
            found.append((question["name_zh"], choices))
    return found


class RuleForm(_Versioned):
    """What numbers must do together."""

    left = LineFormField(
        label=_("Left side"),
        max_length=500,
        help_text=_(
            "Codes of number questions with + and -, such as a + b - 5; the total of a table as"
            " table.column."
        ),
        error_messages={"required": _("Write a number, or a sum of questions.")},
    )
    comparison = forms.ChoiceField(label=_("Comparison"), choices=Rule.Comparison.choices)
    right = LineFormField(
        label=_("Right side"),
        max_length=500,
        help_text=_("As on the left, or a number."),
        error_messages={"required": _("Write a number, or a sum of questions.")},
    )
    level = forms.ChoiceField(
        label=_("Where it does not hold"),
        widget=forms.RadioSelect,
        initial=Rule.Level.HARD,
        choices=[
            (Rule.Level.HARD, _("the report cannot be submitted")),
            (Rule.Level.SOFT, _("an explanation is asked for")),
        ],
    )
    message_zh = LineFormField(
        label=_("Message in Chinese"),
        max_length=200,
        help_text=_("It stands beside the first question of the rule; say what to do."),
        error_messages={
            "required": _("Say in Chinese what is wrong where the rule does not hold.")
        },
    )
    message_en = LineFormField(label=_("Message in English"), max_length=300, required=False)


class _IndicatorFields(forms.Form):
    use_required_attribute = False
    name_zh = LineFormField(
        label=_("Chinese name"),
        max_length=80,
        error_messages={"required": _("Give the Chinese name.")},
    )
    name_en = LineFormField(
        label=_("English name"),
        max_length=120,
        error_messages={"required": _("Give the English name.")},
    )
    unit_zh = LineFormField(
        label=_("Unit in Chinese"),
        max_length=20,
        help_text=_("Persons (人) and attendances (人次) are two units, never added together."),
        error_messages={"required": _("Give the unit in Chinese.")},
    )
    unit_en = LineFormField(
        label=_("Unit in English"),
        max_length=30,
        error_messages={"required": _("Give the unit in English.")},
    )
    measure = forms.ChoiceField(
        label=_("Measured"),
        choices=Indicator.Measure.choices,
        help_text=_("A cumulative figure may not fall without an explanation."),
    )
    adds_up = forms.ChoiceField(
        label=_("Federations' figures combine as"), choices=Indicator.AddsUp.choices
    )


class IndicatorForm(_IndicatorFields):
    field_order = ("code",)
    code = LineFormField(
        label=_("Code"),
        max_length=60,
        help_text=_("A small letter, then small letters, digits and _."),
        error_messages={"required": _("Give a code.")},
    )


class IndicatorChangeForm(_IndicatorFields, _Versioned):
    """With ``in_use`` what the accepted figures mean is shown and cannot be changed."""

    def __init__(self, *args: Any, in_use: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if in_use:
            for name in ("measure", "adds_up"):
                self.fields[name].disabled = True
                self.fields[name].help_text = _("Accepted figures use it, so it stays.")


class FilterForm(forms.Form):
    """Narrows the catalogue."""

    q = LineFormField(label=_("Name or code"), max_length=80, required=False)
    measure = forms.ChoiceField(
        label=_("Measured"),
        required=False,
        choices=[("", _("all")), *Indicator.Measure.choices],
    )
