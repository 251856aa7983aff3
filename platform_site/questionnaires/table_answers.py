"""Answers to table questions: reading their cells, adding up their columns, putting them in words.

A table travels as JSON text, since it is one answer: free rows as a list of objects, fixed rows as an object
by row code. What was typed has the same shape, with text in the cells.
"""

from __future__ import annotations

import difflib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .models import Column, Question
from .scalars import plain, read_scalar, scalar_as_typed, show_scalar

#: By row: the place of a free row, counted from nought, or the code of a fixed one.
RowKey: TypeAlias = int | str
Cells: TypeAlias = dict[str, Any]
#: As a table is kept: see :class:`.models.Answer`.
Table: TypeAlias = list[Cells] | dict[str, Cells]

#: Characters of a table as JSON text.
LONGEST = 200_000


@dataclass(frozen=True)
class CellProblem:
    """What is wrong with one cell; ``row`` counts as it was given, blank rows too."""

    row: RowKey
    column: str
    code: str
    message: str


class TableError(ValidationError):
    """A table that cannot be kept: ``cells`` says where; each message names its place in words."""

    def __init__(self, question: Question, cells: list[CellProblem]) -> None:
        self.cells = cells
        super().__init__(
            [ValidationError(placed(question, each), code=each.code) for each in cells]
        )


def row_words(question: Question, row: RowKey) -> str:
    if isinstance(row, str):
        return dict(question.table_rows()).get(row, row)
    return _("Line %(number)s") % {"number": row + 1}


def placed(question: Question, problem: CellProblem) -> str:
    """The message with the place of its cell."""
    column = {each.code: str(each) for each in question.table_columns()}.get(problem.column)
    return _("%(row)s, “%(column)s”: %(message)s") % {
        "row": row_words(question, problem.row),
        "column": column or problem.column,
        "message": problem.message,
    }


def _unreadable() -> ValidationError:
    return ValidationError(_("The table cannot be read; load the page again."), code="not_a_table")


def given_rows(question: Question, raw: Any) -> list[tuple[RowKey, Cells]]:
    """The rows of JSON, or of JSON text, each with its key; ValidationError where it is no such table."""
    if isinstance(raw, str):
        if len(raw) > LONGEST:
            raise ValidationError(_("The table is too long. Shorten it."), code="too_long")
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            raise _unreadable() from None
    if raw is None:
        return []
    rows: list[tuple[RowKey, Any]]
    if question.rows and isinstance(raw, dict):
        rows = list(raw.items())
    elif not question.rows and isinstance(raw, list):
        rows = list(enumerate(raw))
    else:
        raise _unreadable()
    if not all(isinstance(cells, dict) for _key, cells in rows):
        raise _unreadable()
    return rows


def read_table(question: Question, raw: Any) -> Table | None:
    """The table that ``raw`` stands for, without blank cells and rows; :class:`TableError` by cell."""
    rows = given_rows(question, raw)
    columns = {each.code: each for each in question.table_columns()}
    known = {code for code, _label in question.table_rows()}
    problems: list[CellProblem] = []
    found: list[tuple[RowKey, Cells]] = []
    for key, cells in rows:
        if question.rows and key not in known:
            problems.append(CellProblem(key, "", "unknown_row", _("The table has no such row.")))
            continue
        read: Cells = {}
        for code in cells:
            if code not in columns:
                message = _("The table has no such column.")
                problems.append(CellProblem(key, code, "unknown_column", message))
        for code, column in columns.items():
            try:
                value = read_scalar(column, cells.get(code))
            except ValidationError as error:
                reason = error.error_list[0].code or "invalid"
                problems.append(CellProblem(key, code, reason, " ".join(error.messages)))
            else:
                if value is not None:
                    read[code] = value
        if read:
            found.append((key, read))
    if problems:
        raise TableError(question, problems)
    if not question.rows and len(found) > question.max_rows:
        raise ValidationError(
            _("The table has at most %(most)s rows; these are %(many)s."),
            code="too_many_rows",
            params={"most": question.max_rows, "many": len(found)},
        )
    if not found:
        return None
    if not question.rows:
        return [cells for _key, cells in found]
    by_code = {str(key): cells for key, cells in found}
    return {code: by_code[code] for code, _label in question.table_rows() if code in by_code}


def cell_problems(question: Question, typed: str) -> dict[tuple[RowKey, str], str]:
    """What is wrong with each cell of a table as it was typed."""
    try:
        read_table(question, typed)
    except TableError as error:
        return {(each.row, each.column): each.message for each in error.cells}
    except ValidationError:
        pass
    return {}


def rows_of(table: Table | None) -> list[tuple[RowKey, Cells]]:
    """The rows of a kept table, each with its key."""
    if isinstance(table, dict):
        return list(table.items())
    return list(enumerate(table or []))


def table_as_typed(question: Question, table: Table | None) -> str:
    """A kept table as its field holds it."""
    columns = question.table_columns()
    return typed_text(
        question,
        (
            (key, {each.code: scalar_as_typed(each, cells.get(each.code)) for each in columns})
            for key, cells in rows_of(table)
        ),
    )


def typed_text(question: Question, rows: Iterable[tuple[RowKey, Mapping[str, str]]]) -> str:
    """Typed cells as one text, blank cells and rows left out: alike for alike tables. "" for none."""
    order = [each["code"] for each in question.columns]
    tidy = [
        (key, kept)
        for key, cells in rows
        if (kept := {code: cells[code] for code in order if cells.get(code, "").strip()})
    ]
    if not tidy:
        return ""
    if question.rows:
        places = {code: place for place, (code, _label) in enumerate(question.table_rows())}
        tidy.sort(key=lambda row: places.get(str(row[0]), len(places)))
        return _dumped(dict(tidy))
    return _dumped([kept for _key, kept in tidy])


def _dumped(table: Any) -> str:
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"))


def kept_as_typed(question: Question, raw: str) -> str | None:
    """What can be kept of a table as it was typed, where it cannot be read: its cells, as text."""
    try:
        rows = given_rows(question, raw)
    except ValidationError:
        return None
    if len(rows) > 2 * max(question.max_rows, len(question.rows)):
        return None
    text = typed_text(
        question,
        [
            (key, {code: value for code, value in cells.items() if isinstance(value, str)})
            for key, cells in rows
        ],
    )
    return text if len(text) <= LONGEST else None


# --- Totals -----------------------------------------------------------------------------------------
def totals(columns: Iterable[Any], table: Table | None) -> dict[str, Decimal]:
    """The sum of each number column that has anything in it: blank is not zero.

    ``columns``: of the question, or as :func:`queries.content` keeps them.
    """
    found: dict[str, Decimal] = {}
    for column in columns:
        code, kind = _code_and_kind(column)
        if kind not in Question.NUMBERS:
            continue
        given = [Decimal(str(cells[code])) for _key, cells in rows_of(table) if code in cells]
        if given:
            found[code] = sum(given, Decimal(0))
    return found


def _code_and_kind(column: Any) -> tuple[str, str]:
    if isinstance(column, Column):
        return column.code, column.kind
    return column["code"], column["kind"]


# --- In words ---------------------------------------------------------------------------------------
def _worded(named: Mapping[str, Any], word: str = "") -> str:
    chinese = (get_language() or "zh-hans").startswith("zh")
    zh, en = (f"{word}_zh", f"{word}_en") if word else ("zh", "en")
    return str(named.get(zh, "") if chinese or not named.get(en) else named[en])


def heading(column: Mapping[str, Any]) -> str:
    """A column with its unit, of kept content."""
    unit = _worded(column, "unit")
    return f"{_worded(column)} ({unit})" if unit else _worded(column)


def table_for_reader(question: Mapping[str, Any], table: Table | None) -> dict[str, Any]:
    """A kept table to be laid out: headings, rows of cells, and totals where a column has one.

    ``question`` as :func:`queries.content` keeps it. Fixed rows are all there, blank or not.
    """
    columns, fixed = question["columns"], question["rows"]
    given = dict(rows_of(table))
    labels: list[tuple[RowKey, str]]
    if fixed:
        labels = [(row["code"], _worded(row)) for row in fixed]
    else:
        labels = [(key, str(int(key) + 1)) for key in given]
    sums = totals(columns, table)
    return {
        "columns": [
            {"label": heading(each), "is_number": each["kind"] in Question.NUMBERS}
            for each in columns
        ],
        "fixed": bool(fixed),
        "rows": [
            {
                "label": label,
                "cells": [
                    {
                        "text": show_scalar(each, given.get(key, {}).get(each["code"])),
                        "is_number": each["kind"] in Question.NUMBERS,
                        "label": heading(each),
                    }
                    for each in columns
                ],
            }
            for key, label in labels
        ],
        "totals": [
            {
                "text": show_scalar(each, plain(sums[each["code"]]))
                if each["code"] in sums
                else "",
                "label": heading(each),
            }
            for each in columns
        ]
        if sums
        else [],
    }


def compared_tables(
    question: Mapping[str, Any], before: Table | None, now: Table | None
) -> dict[str, Any]:
    """The table as it is now, each cell that changed with what it ``was``; rows that are gone stand among the
    others. Free rows are matched as lines of a text are.
    """
    new, old = table_for_reader(question, now), table_for_reader(question, before)
    pairs: list[tuple[dict[str, Any] | None, dict[str, Any] | None]]
    if new["fixed"]:
        pairs = list(zip(old["rows"], new["rows"], strict=True))
    else:
        pairs = list(_matched(old["rows"], new["rows"]))
    rows = []
    for was, row in pairs:
        shown = row or was
        assert shown is not None  # nosec B101
        former = was["cells"] if was else [{"text": ""} for _cell in shown["cells"]]
        rows.append(
            {
                "label": shown["label"] if row else "–",
                "cells": [
                    cell | {"text": cell["text"] if row else "", "was": then["text"]}
                    for cell, then in zip(shown["cells"], former, strict=True)
                ],
            }
        )
    sums = [
        cell | {"was": then["text"]}
        for cell, then in zip(
            new["totals"] or [each | {"text": ""} for each in old["totals"]],
            old["totals"] or [each | {"text": ""} for each in new["totals"]],
            strict=True,
        )
    ]
    return new | {"compared": True, "rows": rows, "totals": sums}


def _matched(
    old: list[dict[str, Any]], new: list[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any] | None, dict[str, Any] | None]]:
    texts = [[tuple(cell["text"] for cell in row["cells"]) for row in rows] for rows in (old, new)]
    matcher = difflib.SequenceMatcher(None, *texts, autojunk=False)
    for _what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        yield from itertools.zip_longest(old[old_from:old_to], new[new_from:new_to])


def table_in_words(question: Mapping[str, Any], table: Table | None) -> str:
    """A line for each row, for where only text can stand: documents, comparisons, conflicts."""
    return "\n".join(_lines(question, table))


def typed_in_words(question: Question, typed: str) -> str:
    """The same of a table as it was typed, readable or not."""
    try:
        rows = given_rows(question, typed)
    except ValidationError:
        return typed
    columns = question.table_columns()
    lines = []
    for key, cells in rows:
        pieces = [
            f"{column} {_cell_in_words(column, str(cells[column.code]))}"
            for column in columns
            if cells.get(column.code)
        ]
        if pieces:
            lines.append(f"{row_words(question, key)} " + _("; ").join(pieces))
    return "\n".join(lines)


def _cell_in_words(column: Column, typed: str) -> str:
    if column.kind == Question.Kind.YES_NO:
        return {"yes": _("Yes"), "no": _("No")}.get(typed, typed)
    return dict(column.choices()).get(typed, typed)


def _lines(question: Mapping[str, Any], table: Table | None) -> Iterator[str]:
    fixed = {row["code"]: _worded(row) for row in question["rows"]}
    for key, cells in rows_of(table):
        label = fixed.get(str(key)) or f"{int(key) + 1}."
        pieces = [
            f"{heading(each)} {show_scalar(each, cells[each['code']])}"
            for each in question["columns"]
            if each["code"] in cells
        ]
        yield f"{label} " + _("; ").join(pieces)
    for code, number in totals(question["columns"], table).items():
        column = next(each for each in question["columns"] if each["code"] == code)
        yield _("Total of “%(column)s”: %(number)s") % {
            "column": heading(column),
            "number": show_scalar(column, plain(number)),
        }
