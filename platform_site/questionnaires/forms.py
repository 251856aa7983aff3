"""Shapes of input of the builder's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from platform_site.text.clean import clean_line
from platform_site.text.fields import LineFormField, ProseFormField

from . import purposes
from .conditions import NO, YES
from .models import Indicator, Question, Rule
from .structure import DEFAULTS, MONEY_EN, MONEY_ZH, MOST_CHARACTERS, OF_KIND, Document
from .values import plain

MONEY = "money"
CODE_HELP = _(
    "A small letter, then small letters, digits and _. It stays the same across versions."
)
#: Kinds as they are offered: money is a number in the one unit of money.
KINDS = [*Question.Kind.choices[:2], (MONEY, _("money (万元)")), *Question.Kind.choices[2:]]


def kind_label(question: Document) -> str:
    """The kind of a question of a document, in words."""
    money = question["kind"] == Question.Kind.NUMBER and question["unit_zh"] == MONEY_ZH
    return str(dict(KINDS)[MONEY if money else question["kind"]])


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
        stored = Question.Kind.NUMBER if kind == MONEY else kind
        for name, field in _fields_of(stored, kind).items():
            self.fields[name] = field
        # The condition comes last: it is read as “…, asked only if …”.
        self.fields["shown_if"] = self.fields.pop("shown_if")
        self.fields["section"].choices = [
            (section["code"], section["name_zh"]) for section in document["sections"]
        ]
        self.fields["shown_if"].choices = [("", _now("always")), *_conditions(document, at)]

    def values(self) -> dict[str, Any]:
        """The question as the document has it."""
        given = dict(self.cleaned_data)
        stored = Question.Kind.NUMBER if self.kind == MONEY else Question.Kind(self.kind)
        on, _equals, answer = given.pop("shown_if").partition("=")
        values = DEFAULTS | {name: given[name] for name in OF_KIND[stored] if name in given}
        values |= {
            name: given[name]
            for name in ("code", "name_zh", "name_en", "help_zh", "help_en", "required")
        }
        if self.kind == MONEY:
            values |= {"unit_zh": MONEY_ZH, "unit_en": MONEY_EN}
        if "indicator" in values:
            values["indicator"] = values["indicator"] or None
        return values | {
            "kind": str(stored),
            "shown_if_question": on,
            "shown_if_answer": answer,
        }


def as_typed(question: Document) -> dict[str, Any]:
    """A question of the document as the fields of its form hold it."""
    on = question["shown_if_question"]
    return question | {
        "options": _options_text(question["options"]),
        "shown_if": f"{on}={question['shown_if_answer']}" if on else "",
    }


def _fields_of(kind: str, chosen: str) -> dict[str, forms.Field]:
    match kind:
        case Question.Kind.TEXT:
            return {
                "max_length": forms.IntegerField(
                    label=_("At most so many characters"), initial=MOST_CHARACTERS, min_value=1
                ),
                "doubt_shorter": _Whole(
                    label=_("Ask for an explanation below so many characters"), initial=0
                ),
            }
        case Question.Kind.NUMBER:
            units: dict[str, forms.Field] = {}
            if chosen != MONEY:
                units = {
                    "unit_zh": LineFormField(
                        label=_("Unit in Chinese"), max_length=20, required=False
                    ),
                    "unit_en": LineFormField(
                        label=_("Unit in English"), max_length=30, required=False
                    ),
                }
            return {
                "indicator": forms.ChoiceField(
                    label=_("Indicator"),
                    required=False,
                    choices=_indicators,
                    help_text=_("The figure that accepted answers become; with the same unit."),
                ),
                **units,
                "decimals": _Whole(
                    label=_("Decimal places"), initial=2 if chosen == MONEY else 0, max_value=4
                ),
                "minimum": _Bound(label=_("Refuse below")),
                "maximum": _Bound(label=_("Refuse above")),
                "doubt_below": _Bound(label=_("Ask for an explanation below")),
                "doubt_above": _Bound(label=_("Ask for an explanation above")),
                "doubt_change": forms.IntegerField(
                    label=_("Ask for an explanation of a change against the last period above (%)"),
                    required=False,
                    help_text=_("Needs an indicator."),
                ),
            }
        case Question.Kind.CHOICE:
            return {
                "options": OptionsField(
                    label=_("Options"),
                    help_text=_("One a line: code | Chinese | English."),
                    error_messages={"required": _("Write at least two options.")},
                )
            }
    return {}


class _Whole(forms.IntegerField):
    """A whole number from 0 on; left empty it is 0."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, min_value=0, **kwargs)

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return 0 if found is None else found


class _Bound(forms.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_digits=20, decimal_places=4, **kwargs)
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return plain(value)


class OptionsField(ProseFormField):
    """``code | 中文 | English`` on a line each, as a list of options."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=10_000, widget=forms.Textarea(attrs={"rows": 6}), **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        options = []
        for line in text.replace("｜", "|").splitlines():
            if not line.strip():
                continue
            parts = [part.strip() for part in line.split("|")]
            if len(parts) not in (2, 3):
                raise forms.ValidationError(
                    _("Write each option as code | Chinese | English, on a line of its own."),
                    code="unreadable",
                )
            option = {"code": parts[0], "zh": clean_line(parts[1], max_length=200)}
            if len(parts) == 3 and parts[2]:
                option["en"] = clean_line(parts[2], max_length=200)
            options.append(option)
        return options


def _options_text(options: list[dict[str, str]]) -> str:
    return "\n".join(
        " | ".join(filter(None, (each["code"], each["zh"], each.get("en", "")))) for each in options
    )


def _indicators() -> list[tuple[str, str]]:
    rows = Indicator.objects.order_by("code")
    return [("", _now("none")), *((row.code, f"{row} ({row.unit}) · {row.code}") for row in rows)]


def _conditions(document: Document, at: tuple[int, int] | None) -> list[tuple[str, Any]]:
    """Answers of the questions before this one (before the end, for one that is added), by question."""
    found: list[tuple[str, Any]] = []
    for place, section in enumerate(document["sections"]):
        for order, question in enumerate(section["questions"]):
            if at is not None and (place, order) >= at:
                return found
            if question["kind"] == Question.Kind.YES_NO:
                answers = [(YES, _now("Yes")), (NO, _now("No"))]
            elif question["kind"] == Question.Kind.CHOICE:
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
        help_text=_("Codes of number questions with + and -, such as a + b - 5."),
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
