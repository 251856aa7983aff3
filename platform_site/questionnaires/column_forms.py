"""The columns of a table question on its page: a group of fields for each, some of them blank."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from platform_site.text.fields import LineFormField

from .fields import BoundField, OptionsField, WholeField, indicator_choices, options_text
from .kinds import COLUMN_DEFAULTS, COLUMN_KINDS, MONEY_UNITS, MOST_COLUMNS, OF_COLUMN, Document
from .models import Question

#: Fields that tell whether a group is used at all, and the rest, which is folded away.
FIRST = ("place", "code", "name_zh", "kind", "required")
MORE = ("name_en", "unit_zh", "unit_en", "decimals", "minimum", "maximum", "indicator", "options")
#: Blank groups that are offered for new columns.
BLANK = 3


def _fields() -> dict[str, forms.Field]:
    return {
        "place": WholeField(label=_("Place"), max_value=99),
        "code": LineFormField(label=_("Code"), max_length=60, required=False),
        "name_zh": LineFormField(label=_("Wording in Chinese"), max_length=120, required=False),
        "kind": forms.ChoiceField(
            label=_("Kind of the column"), choices=COLUMN_KINDS, required=False
        ),
        "required": forms.BooleanField(label=_("Must be answered"), required=False),
        "name_en": LineFormField(label=_("Wording in English"), max_length=160, required=False),
        "unit_zh": LineFormField(
            label=_("Unit in Chinese"),
            max_length=20,
            required=False,
            help_text=_("Of money 元 or 万元."),
        ),
        "unit_en": LineFormField(label=_("Unit in English"), max_length=30, required=False),
        "decimals": WholeField(label=_("Decimal places"), max_value=4),
        "minimum": BoundField(label=_("Refuse below")),
        "maximum": BoundField(label=_("Refuse above")),
        "indicator": forms.ChoiceField(
            label=_("Indicator of the total"), required=False, choices=indicator_choices
        ),
        "options": OptionsField(
            label=_("Options"),
            rows=4,
            required=False,
            help_text=_("Of a choice, one a line: code | Chinese | English."),
        ),
    }


class ColumnLines:
    """The groups within a :class:`forms.QuestionForm`; their fields are called ``column_0_code``."""

    def __init__(self, form: forms.Form) -> None:
        self.form = form
        stored: list[Document] = form.initial.get("columns") or []
        self.many = min(MOST_COLUMNS, len(stored) + BLANK)
        if form.is_bound:
            self.many = next(
                (
                    number
                    for number in range(MOST_COLUMNS)
                    if f"column_{number}_code" not in form.data
                ),
                MOST_COLUMNS,
            )
        # Known once the fields were read: the groups that are used, in their order.
        self.used: list[int] = []
        for number in range(self.many):
            given = stored[number] if number < len(stored) else {}
            values = {"place": number + 1, "kind": COLUMN_KINDS[0][0]} | given
            values["options"] = options_text(given.get("options", []))
            for name, field in _fields().items():
                form.fields[f"column_{number}_{name}"] = field
                form.initial.setdefault(f"column_{number}_{name}", values.get(name))

    def names(self) -> set[str]:
        return {f"column_{number}_{name}" for number in range(self.many) for name in _fields()}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for number in range(self.many):
            fields = {name: self.form[f"column_{number}_{name}"] for name in (*FIRST, *MORE)}
            yield {
                "number": number + 1,
                "name": fields["name_zh"].value() or "",
                "first": [fields[name] for name in FIRST],
                "more": [fields[name] for name in MORE],
                "open": any(fields[name].errors for name in MORE),
            }

    def clean(self) -> None:
        """A group with neither code nor wording is no column."""
        given = self.form.cleaned_data
        self.used = [
            number
            for number in range(self.many)
            if given.get(f"column_{number}_code") or given.get(f"column_{number}_name_zh")
        ]
        self.used.sort(key=lambda number: (given.get(f"column_{number}_place") or 0, number))
        if not self.used and not self.form.errors:
            self.form.add_error("column_0_code", gettext("Give the table at least one column."))

    def values(self) -> list[Document]:
        """The columns as the document has them."""
        return [self._column(number) for number in self.used]

    def _column(self, number: int) -> Document:
        given = {name: self.form.cleaned_data[f"column_{number}_{name}"] for name in _fields()}
        kind = given["kind"]
        column = COLUMN_DEFAULTS | {
            name: given[name]
            for name in (*OF_COLUMN[kind], "code", "kind", "name_zh", "name_en", "required")
        }
        column["indicator"] = column["indicator"] or None
        if kind == Question.Kind.MONEY:
            column["unit_en"] = MONEY_UNITS.get(column["unit_zh"], "")
        return column

    def field_of(self, pointer: str) -> str:
        """``0/code`` as the name of the field that it came from."""
        place, _slash, name = pointer.partition("/")
        number = self.used[int(place)] if int(place) < len(self.used) else 0
        return f"column_{number}_{name.partition('/')[0]}"
