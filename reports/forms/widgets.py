"""How answers are given on a page, kind by kind, where Django's own inputs are not enough.

A table and a list of files are one answer each. Their JSON text stands in a hidden field, which the page's
script keeps up to date for autosave; without the script the cells and ticks themselves are sent (see
``views.reports.posted``).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from platform_site.attachments import filetypes, store
from platform_site.casework.workdays import EARLIEST, LATEST
from platform_site.questionnaires.models import Column, Question
from platform_site.questionnaires.scalars import grouped, plain
from platform_site.questionnaires.table_answers import (
    RowKey,
    cell_problems,
    given_rows,
    read_table,
    row_words,
    totals,
)
from platform_site.questionnaires.values import files_in

#: Blank rows offered where rows are free; the script asks for more, saving gives more.
BLANK_ROWS = 3


def is_day(value: str) -> bool:
    """Whether a day picker can show it."""
    if not value:
        return True
    try:
        return EARLIEST <= dt.date.fromisoformat(value) <= LATEST and len(value) == 10
    except ValueError:
        return False


class NumberInput(forms.TextInput):
    """Digits with the unit beside. ``type=text``, so that what was typed stays, readable or not.

    With ``decimals`` (of money) the number is shown once more below, with thousands apart.
    """

    template_name = "reports/report_number_input.html"

    def __init__(self, unit: str, *, decimals: int | None = None) -> None:
        super().__init__(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "number"})
        self.unit, self.decimals = unit, decimals

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {
            "unit": self.unit,
            "decimals": self.decimals,
            "in_full": _in_full(str(value or ""), self.decimals),
        }
        return context


def _in_full(typed: str, decimals: int | None) -> str:
    bare = typed.removeprefix("-").replace(".", "", 1)
    return grouped(typed, decimals) if decimals is not None and bare.isdecimal() else ""


class ChoicesInput(forms.CheckboxSelectMultiple):
    """Several ticks; their codes travel with a comma between them."""

    def __init__(self, question: Question) -> None:
        # data-many: autosave sends a list, however few there are.
        super().__init__(choices=question.choices(), attrs={"data-many": ""})

    def format_value(self, value: Any) -> list[str]:
        return [each for each in str(value or "").split(",") if each]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name, "")


class TableInput(forms.Widget):
    """The cells of a table question, each with its message, and the totals of its columns."""

    template_name = "reports/answer_table.html"
    use_fieldset = True

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        question, typed = self.question, str(value or "")
        try:
            given = given_rows(question, typed or None)
        except ValidationError:
            given = []
        columns = question.table_columns()
        problems = cell_problems(question, typed) if typed else {}
        try:
            sums = totals(columns, read_table(question, typed or None))
        except ValidationError:
            sums = {}
        keys: list[RowKey]
        if question.rows:
            keys = [code for code, _label in question.table_rows()]
        else:
            most = max(question.max_rows, len(given))
            keys = list(range(min(most, max(question.min_rows, len(given) + BLANK_ROWS))))
        by_key = dict(given)
        context["table"] = {
            "code": question.code,
            "label": str(question),
            "free": not question.rows,
            "most": question.max_rows,
            "least": question.min_rows,
            "columns": [
                {
                    "code": column.code,
                    "label": str(column),
                    "unit": column.unit,
                    "required": column.required,
                    "is_number": column.is_number,
                    "decimals": column.decimals if column.kind == Question.Kind.MONEY else 0,
                    "total": grouped(plain(sums[column.code]), _decimals(column))
                    if column.code in sums
                    else "",
                }
                for column in columns
            ],
            "rows": [self._row(key, columns, by_key.get(key, {}), problems) for key in keys],
            "blank": self._row("__row__", columns, {}, {}),
            "has_totals": any(column.is_number for column in columns),
        }
        return context

    def _row(
        self,
        key: RowKey,
        columns: list[Column],
        cells: dict[str, Any],
        problems: dict[tuple[RowKey, str], str],
    ) -> dict[str, Any]:
        label = "" if key == "__row__" else row_words(self.question, key)
        return {
            "key": key,
            "label": label,
            "cells": [
                _cell(column, str(cells.get(column.code, "")), problems.get((key, column.code), ""))
                for column in columns
            ],
        }


def _decimals(column: Column) -> int | None:
    return column.decimals if column.kind == Question.Kind.MONEY else None


def _cell(column: Column, value: str, error: str) -> dict[str, Any]:
    options: list[tuple[str, str]] = []
    if column.kind == Question.Kind.CHOICE:
        options = column.choices()
    elif column.kind == Question.Kind.YES_NO:
        options = [("yes", _("Yes")), ("no", _("No"))]
    if options and value and value not in dict(options):
        options.append((value, value[:80]))
    return {
        "column": column.code,
        "label": f"{column} ({column.unit})" if column.unit else str(column),
        "value": value,
        "error": error,
        "options": options,
        "is_choice": bool(options),
        "is_number": column.is_number,
        # A day picker shows nothing but a day: what cannot be read is shown as text.
        "is_day": column.kind == Question.Kind.DATE and is_day(value),
        "earliest": EARLIEST.isoformat(),
        "latest": LATEST.isoformat(),
    }


class FilesInput(forms.Widget):
    """The files of an answer, and a field for more. Without ``owner`` (in a preview) nothing is sent."""

    template_name = "reports/answer_files.html"
    use_fieldset = True

    def __init__(self, question: Question, owner: str) -> None:
        super().__init__()
        self.question, self.owner = question, owner

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["asked"] = {
            "code": self.question.code,
            "label": str(self.question),
            "files": files_in(str(value or "")),
            "owner": self.owner,
            "accept": filetypes.accept_attribute(),
            "accepted": ", ".join(filetypes.accepted()),
            "max_bytes": store.max_bytes(),
        }
        return context
