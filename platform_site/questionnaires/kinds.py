"""The kinds of questions: what a question of each has beside its wording, and what speaks against it.

Questions are looked at as the document of a version has them (see :mod:`.structure`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from platform_site.problems import FieldProblem

from .conditions import NO, YES
from .models import Question

Document = dict[str, Any]
#: "new" is the page on which one is added.
CODE = re.compile(r"(?!new\Z)[a-z][a-z0-9_]{0,59}")
MOST_OPTIONS = 60
MOST_CHARACTERS, MOST_DECIMALS, MOST_CHANGE = 5000, 4, 10_000
MOST_COLUMNS, MOST_ROWS, MOST_CELLS = 12, 200, 1500
_LARGEST = Decimal(10) ** 16
#: The units of money, Chinese and English.
MONEY_UNITS = {"元": "CNY", "万元": "CNY 10,000"}
BOUNDS = ("minimum", "maximum", "doubt_below", "doubt_above")
#: What a question of each kind has beside its wording, with what stands there where it is not used.
DEFAULTS: dict[str, Any] = {
    "indicator": None,
    "unit_zh": "",
    "unit_en": "",
    "decimals": 0,
    "minimum": None,
    "maximum": None,
    "doubt_below": None,
    "doubt_above": None,
    "doubt_change": None,
    "max_length": MOST_CHARACTERS,
    "doubt_shorter": 0,
    "options": [],
    "columns": [],
    "rows": [],
    "min_rows": 0,
    "max_rows": 0,
}
_OF_NUMBERS = frozenset({"indicator", "unit_zh", "unit_en", "decimals", *BOUNDS, "doubt_change"})
OF_KIND: dict[str, frozenset[str]] = {
    Question.Kind.TEXT: frozenset({"max_length", "doubt_shorter"}),
    Question.Kind.NUMBER: _OF_NUMBERS,
    Question.Kind.MONEY: _OF_NUMBERS,
    Question.Kind.CHOICE: frozenset({"options"}),
    Question.Kind.CHOICES: frozenset({"options"}),
    Question.Kind.DATE: frozenset(),
    Question.Kind.YES_NO: frozenset(),
    Question.Kind.TABLE: frozenset({"columns", "rows", "min_rows", "max_rows"}),
    Question.Kind.FILE: frozenset(),
}
#: What the column of a table has, with what stands there where nothing is said.
COLUMN_DEFAULTS: dict[str, Any] = {
    "code": "",
    "kind": "",
    "name_zh": "",
    "name_en": "",
    "required": False,
    "unit_zh": "",
    "unit_en": "",
    "decimals": 0,
    "minimum": None,
    "maximum": None,
    "options": [],
    "indicator": None,
}
_COLUMN_OF_NUMBERS = frozenset(
    {"unit_zh", "unit_en", "decimals", "minimum", "maximum", "indicator"}
)
OF_COLUMN: dict[str, frozenset[str]] = {
    Question.Kind.TEXT: frozenset(),
    Question.Kind.NUMBER: _COLUMN_OF_NUMBERS,
    Question.Kind.MONEY: _COLUMN_OF_NUMBERS,
    Question.Kind.CHOICE: frozenset({"options"}),
    Question.Kind.DATE: frozenset(),
    Question.Kind.YES_NO: frozenset(),
}
#: A table has no table in it, and no files.
COLUMN_KINDS = [choice for choice in Question.Kind.choices if choice[0] in OF_COLUMN]
_OF_ANY_COLUMN = frozenset({"code", "kind", "name_zh", "name_en", "required"})


def meaning(kind: str, unit: str) -> tuple[str, str]:
    """What answers are compared by: money is a number whose unit is one of money."""
    return (str(Question.Kind.NUMBER) if kind in Question.NUMBERS else kind, unit)


def whole_column(given: Document) -> Document:
    """With every field; bounds as decimals, however they were kept."""
    column = COLUMN_DEFAULTS | given
    return column | {
        name: None if column[name] is None else Decimal(str(column[name]))
        for name in ("minimum", "maximum")
    }


def numbers_of(question: Document) -> dict[str, Document]:
    """The numbers that rules can name, each with its unit and bounds: the question, or a table's totals."""
    if question["kind"] in Question.NUMBERS:
        return {question["code"]: question}
    if question["kind"] != Question.Kind.TABLE:
        return {}
    return {
        f"{question['code']}.{column['code']}": column
        | {
            "name_zh": f"{question['name_zh']} · {column['name_zh']}",
            "minimum": _least_total(column),
            "maximum": _most_total(column, question),
        }
        for column in question["columns"]
        if column["kind"] in Question.NUMBERS
    }


def _least_total(column: Document) -> Decimal | None:
    """One cell at least has something in it where there is a total at all."""
    least: Decimal | None = column["minimum"]
    return least if least is not None and least >= 0 else None


def _most_total(column: Document, question: Document) -> Decimal | None:
    most: Decimal | None = column["maximum"]
    rows = len(question["rows"]) or question["max_rows"]
    return most * rows if most is not None and most >= 0 else None


def answers_of(question: Document) -> set[str] | None:
    """The answers that a condition can name; None where the question decides nothing."""
    if question["kind"] == Question.Kind.YES_NO:
        return {YES, NO}
    if question["kind"] in (Question.Kind.CHOICE, Question.Kind.CHOICES):
        return {option["code"] for option in question["options"]}
    return None


def named_problems(at: str, thing: Document, seen: set[str]) -> Iterator[FieldProblem]:
    """Of the code and the wording of a section, a question or a column; ``seen``: the codes before it."""
    code = thing["code"]
    if not CODE.fullmatch(code):
        yield FieldProblem(
            f"{at}/code",
            "invalid_code",
            _("Give a code: a small letter, then small letters, digits and _."),
        )
    elif code in seen:
        yield FieldProblem(
            f"{at}/code", "repeated", _("The version has this code already; give another one.")
        )
    seen.add(code)
    if not thing["name_zh"].strip():
        yield FieldProblem(f"{at}/name_zh", "required", _("Give the Chinese wording."))


def kind_problems(at: str, question: Document) -> Iterator[FieldProblem]:
    """Of what a question of a known kind has."""
    match question["kind"]:
        case Question.Kind.TEXT:
            yield from _text(at, question)
        case Question.Kind.NUMBER:
            yield from _number(at, question)
        case Question.Kind.MONEY:
            yield from _money(at, question)
            yield from _number(at, question)
        case Question.Kind.CHOICE | Question.Kind.CHOICES:
            yield from _options(at, question["options"])
        case Question.Kind.TABLE:
            yield from _table(at, question)


def _money(at: str, question: Document) -> Iterator[FieldProblem]:
    if question["unit_zh"] not in MONEY_UNITS:
        yield FieldProblem(f"{at}/unit_zh", "invalid", _("Choose 元 or 万元."))


def _text(at: str, question: Document) -> Iterator[FieldProblem]:
    if not 1 <= question["max_length"] <= MOST_CHARACTERS:
        message = _("Give a number from %(least)s to %(most)s.")
        yield FieldProblem(
            f"{at}/max_length",
            "out_of_range",
            message % {"least": 1, "most": MOST_CHARACTERS},
        )
    elif not 0 <= question["doubt_shorter"] <= question["max_length"]:
        message = _("This cannot be more than the answer may have.")
        yield FieldProblem(f"{at}/doubt_shorter", "out_of_range", message)


def _number(at: str, question: Document) -> Iterator[FieldProblem]:
    if not 0 <= question["decimals"] <= MOST_DECIMALS:
        message = _("Give a number from %(least)s to %(most)s.")
        yield FieldProblem(
            f"{at}/decimals", "out_of_range", message % {"least": 0, "most": MOST_DECIMALS}
        )
    for name in BOUNDS:
        bound = question[name]
        if bound is not None and (abs(bound) >= _LARGEST or bound != round(bound, MOST_DECIMALS)):
            message = _("Give a number with at most 16 digits and 4 decimal places.")
            yield FieldProblem(f"{at}/{name}", "out_of_range", message)
            return
    if _crossed(question["minimum"], question["maximum"]):
        message = _("The largest number is smaller than the smallest one.")
        yield FieldProblem(f"{at}/maximum", "crossed", message)
    elif (
        _crossed(question["doubt_below"], question["doubt_above"])
        or _crossed(question["doubt_below"], question["maximum"])
        or _crossed(question["minimum"], question["doubt_above"])
    ):
        message = _("With these limits every possible number would be doubtful.")
        yield FieldProblem(f"{at}/doubt_above", "crossed", message)
    change = question["doubt_change"]
    if change is not None and not 1 <= change <= MOST_CHANGE:
        message = _("Give a number from %(least)s to %(most)s.")
        yield FieldProblem(
            f"{at}/doubt_change", "out_of_range", message % {"least": 1, "most": MOST_CHANGE}
        )


def _crossed(low: Decimal | None, high: Decimal | None) -> bool:
    return low is not None and high is not None and low > high


def _options(at: str, options: list[dict[str, str]]) -> Iterator[FieldProblem]:
    pointer = f"{at}/options"
    codes = [option["code"] for option in options]
    if len(options) < 2 or len(options) > MOST_OPTIONS:
        message = _("Offer from %(least)s to %(most)s options.")
        yield FieldProblem(pointer, "count", message % {"least": 2, "most": MOST_OPTIONS})
    if any(not CODE.fullmatch(code) for code in codes):
        message = _("Give each option a code: a small letter, then small letters, digits and _.")
        yield FieldProblem(pointer, "invalid_code", message)
    elif len(set(codes)) < len(codes):
        message = _("Two options have the same code.")
        yield FieldProblem(pointer, "repeated", message)
    if any(not option.get("zh", "").strip() for option in options):
        message = _("Give each option its Chinese wording.")
        yield FieldProblem(pointer, "required", message)


# --- Tables -----------------------------------------------------------------------------------------
def _table(at: str, question: Document) -> Iterator[FieldProblem]:
    columns, rows = question["columns"], question["rows"]
    if not 1 <= len(columns) <= MOST_COLUMNS:
        message = _("Give the table from %(least)s to %(most)s columns.")
        yield FieldProblem(f"{at}/columns", "count", message % {"least": 1, "most": MOST_COLUMNS})
    seen: set[str] = set()
    for place, column in enumerate(columns):
        pointer = f"{at}/columns/{place}"
        yield from named_problems(pointer, column, seen)
        yield from _column(pointer, column)
    yield from _rows(at, rows)
    yield from _row_counts(at, question)
    many = len(columns) * max(len(rows), question["max_rows"])
    if many > MOST_CELLS and len(columns) <= MOST_COLUMNS:
        message = _("The table would have more than %(most)s cells: fewer rows or columns, please.")
        yield FieldProblem(f"{at}/max_rows", "too_many_cells", message % {"most": MOST_CELLS})


def _column(at: str, column: Document) -> Iterator[FieldProblem]:
    kind = column["kind"]
    if kind not in OF_COLUMN:
        yield FieldProblem(f"{at}/kind", "invalid", _("Choose the kind of the column."))
        return
    for name, default in COLUMN_DEFAULTS.items():
        if name not in OF_COLUMN[kind] | _OF_ANY_COLUMN and column[name] != default:
            message = _("A column of this kind has none.")
            yield FieldProblem(f"{at}/{name}", "not_for_kind", message)
    if kind == Question.Kind.CHOICE:
        yield from _options(at, column["options"])
    elif kind in Question.NUMBERS:
        if kind == Question.Kind.MONEY:
            yield from _money(at, column)
        bounds = dict.fromkeys(("doubt_below", "doubt_above", "doubt_change"))
        yield from _number(at, column | bounds)


def _rows(at: str, rows: list[dict[str, str]]) -> Iterator[FieldProblem]:
    pointer = f"{at}/rows"
    codes = [row["code"] for row in rows]
    if len(rows) > MOST_ROWS:
        message = _("At most %(most)s are possible here.") % {"most": MOST_ROWS}
        yield FieldProblem(pointer, "too_many", message)
    if any(not CODE.fullmatch(code) for code in codes):
        message = _("Give each row a code: a small letter, then small letters, digits and _.")
        yield FieldProblem(pointer, "invalid_code", message)
    elif len(set(codes)) < len(codes):
        yield FieldProblem(pointer, "repeated", _("Two rows have the same code."))
    if any(not row.get("zh", "").strip() for row in rows):
        message = _("Give each row its Chinese wording.")
        yield FieldProblem(pointer, "required", message)


def _row_counts(at: str, question: Document) -> Iterator[FieldProblem]:
    least, most = question["min_rows"], question["max_rows"]
    if question["rows"]:
        if least or most:
            message = _("A table whose rows are fixed has no smallest or largest number of rows.")
            yield FieldProblem(f"{at}/max_rows", "rows_are_fixed", message)
    elif not 1 <= most <= MOST_ROWS:
        message = _("Give a number from %(least)s to %(most)s.")
        yield FieldProblem(
            f"{at}/max_rows", "out_of_range", message % {"least": 1, "most": MOST_ROWS}
        )
    elif not 0 <= least <= most:
        message = _("The smallest number of rows is more than the largest one.")
        yield FieldProblem(f"{at}/min_rows", "crossed", message)
