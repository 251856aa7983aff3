"""What stands in the lines and tables of a report's workbook, and what its cells mean when they come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from platform_site.lists.form_sheets import Grid, GridLine, Line
from platform_site.obligations.periods import label_of
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.conditions import asked
from platform_site.questionnaires.models import Answer, Column, Question
from platform_site.questionnaires.table_answers import Cells, RowKey, given_rows, row_words
from platform_site.questionnaires.values import fingerprint, in_words, pieces, plain, typed_in

from ..models import Report
from .last import LastValue, last_values

#: Characters of the last period's answer that stand beside the cell.
_LAST_LENGTH = 200
_YES = {"yes": "yes", "true": "yes", "是": "yes", "no": "no", "false": "no", "否": "no"}


def workbook_lines(
    report: Report, *, typed: Mapping[str, str], marks: Mapping[str, str]
) -> list[Line]:
    """The lines of the report's workbook as it stands; ``typed`` stands in the cells instead, by code, and
    ``marks`` beside them."""
    questions = sheets.questions_of(report.sheet.form_version)
    answers = sheets.answers_of(report.sheet)
    figured = any(question.indicator for question in questions)
    former = sheets.former_figures(report.sheet) if figured else {}
    last = last_values(report, questions)
    here = asked(questions, {code: answer.value for code, answer in answers.items()})
    by_code = {question.code: question for question in questions}
    names = table_names(questions)
    lines: list[Line] = []
    section = None
    for question in questions:
        if question.section != section:
            section = question.section
            lines.append(Line("section", str(section)))
        required = question.required and question.code in here
        label = f"{question} *" if required else str(question)
        condition = _condition(question, by_code)
        mark = marks.get(question.code, "")
        if elsewhere := _elsewhere(question, names):
            words = f"{condition} {question.help}".strip()
            lines.append(Line("elsewhere", label, value=elsewhere, help=words, mark=mark))
            continue
        stands = typed_in(question, answers.get(question.code))
        before = former.get(question.indicator.code) if question.indicator else None
        lines.append(
            Line(
                "number" if question.is_number else question.kind,
                label,
                code=question.code,
                value=in_words(question, typed.get(question.code, stands)),
                was=fingerprint(stands),
                unit=question.unit,
                former=_before(last.get(question.code), before),
                help=f"{condition} {_help(question)}".strip(),
                options=_options(question),
                decimals=question.decimals,
                minimum=question.minimum,
                maximum=question.maximum,
                max_length=question.max_length if question.kind == Question.Kind.TEXT else 0,
                is_money=question.kind == Question.Kind.MONEY,
                mark=mark,
            )
        )
    return lines


def _before(last: LastValue | None, figure: Any) -> str:
    """What stood there the last time: the answer of the last period, cut to what can be read in a cell."""
    if last is not None:
        shown = last.shown if len(last.shown) <= _LAST_LENGTH else f"{last.shown[:_LAST_LENGTH]}…"
        return f"{shown} ({label_of(last.period)})" if last.period else shown
    return "" if figure is None else plain(figure)


def _condition(question: Question, by_code: Mapping[str, Question]) -> str:
    on = by_code.get(question.shown_if_question)
    if on is None:
        return ""
    return _("Only if “%(question)s” is answered “%(answer)s”.") % {
        "question": on,
        "answer": in_words(on, question.shown_if_answer),
    }


def _elsewhere(question: Question, names: Mapping[str, str]) -> str:
    """Where a question without a cell is answered; "" for the others."""
    if question.kind == Question.Kind.TABLE:
        return _("On the sheet “%(sheet)s”") % {"sheet": names[question.code]}
    if question.kind == Question.Kind.FILE:
        return _("Add the files on the page; a workbook holds none.")
    return ""


def _help(question: Question) -> str:
    if question.kind != Question.Kind.CHOICES:
        return question.help
    labels = _("; ").join(label for _code, label in question.choices())
    words = _("One or more of: %(options)s") % {"options": labels}
    return f"{question.help} {words}".strip()


def _options(question: Question | Column) -> tuple[str, ...]:
    if question.kind == Question.Kind.YES_NO:
        return (_("Yes"), _("No"))
    if question.kind == Question.Kind.CHOICE:
        return tuple(label for _code, label in question.choices())
    return ()


# --- Tables -----------------------------------------------------------------------------------------
def table_names(questions: list[Question]) -> dict[str, str]:
    """The sheet of each table question, by code."""
    tables = [each for each in questions if each.kind == Question.Kind.TABLE]
    return {
        each.code: _("Table %(number)s") % {"number": number}
        for number, each in enumerate(tables, start=1)
    }


def workbook_grids(
    report: Report, *, typed: Mapping[str, str], marks: Mapping[str, str]
) -> list[Grid]:
    """The tables of the report's workbook; ``marks`` by “question/row/column”."""
    questions = sheets.questions_of(report.sheet.form_version)
    names = table_names(questions)
    if not names:
        return []
    answers = sheets.answers_of(report.sheet)
    return [
        _grid(question, names[question.code], answers.get(question.code), typed, marks)
        for question in questions
        if question.code in names
    ]


def _grid(
    question: Question,
    name: str,
    answer: Answer | None,
    typed: Mapping[str, str],
    marks: Mapping[str, str],
) -> Grid:
    stands = typed_in(question, answer)
    columns = question.table_columns()
    given = dict(_rows(question, typed.get(question.code, stands)))
    keys: list[RowKey]
    if question.rows:
        keys = [code for code, _label in question.table_rows()]
        lead = _("Fill in the yellow cells; rows and columns must stay as they are.")
    else:
        keys = list(range(max(question.max_rows, len(given))))
        lead = _("Fill in the yellow cells, a line for each; at most %(most)s lines.") % {
            "most": question.max_rows
        }
    return Grid(
        question.code,
        name,
        str(question),
        lead,
        fingerprint(stands),
        [_column(column) for column in columns],
        [
            GridLine(
                row_words(question, key),
                key if isinstance(key, str) else "",
                {
                    column.code: _cell_words(column, str(given[key].get(column.code, "")))
                    for column in columns
                }
                if key in given
                else {},
                {
                    column.code: marks[f"{question.code}/{key}/{column.code}"]
                    for column in columns
                    if f"{question.code}/{key}/{column.code}" in marks
                },
            )
            for key in keys
        ],
    )


def _rows(question: Question, typed: str) -> list[tuple[RowKey, Cells]]:
    try:
        return given_rows(question, typed or None)
    except ValidationError:
        return []


def _column(column: Column) -> Line:
    label = f"{column} ({column.unit})" if column.unit else str(column)
    return Line(
        "number" if column.is_number else column.kind,
        f"{label} *" if column.required else label,
        code=column.code,
        options=_options(column),
        decimals=column.decimals,
        minimum=column.minimum,
        maximum=column.maximum,
        max_length=column.max_length if column.kind == Question.Kind.TEXT else 0,
        is_money=column.kind == Question.Kind.MONEY,
    )


def _cell_words(column: Column, typed: str) -> str:
    if column.kind == Question.Kind.YES_NO:
        return {"yes": _("Yes"), "no": _("No")}.get(typed, typed)
    return dict(column.choices()).get(typed, typed)


# --- Back again -------------------------------------------------------------------------------------
def as_sent(question: Question | Column, value: Any) -> str:
    """What a field of the page would hold for what stands in the cell, in whatever language it was chosen."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else str(value)
    bare = text.strip()
    if question.kind == Question.Kind.YES_NO:
        return _YES.get(bare.lower(), text)
    if question.kind == Question.Kind.CHOICE:
        return _code_of(question, bare) or text
    if question.kind == Question.Kind.CHOICES and bare:
        return ",".join(_code_of(question, each) or each for each in pieces(bare))
    return text


def _code_of(question: Question | Column, word: str) -> str:
    for option in question.options:
        if word and word in {option["code"], option["zh"], option.get("en")}:
            return str(option["code"])
    return ""
