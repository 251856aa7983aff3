"""A report as a workbook: what goes into its lines, and what one that came back would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from platform_site.lists.form_sheets import Filled, FilledGrid, form_workbook
from platform_site.problems import Invalid
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.conditions import asked
from platform_site.questionnaires.models import Answer, Question
from platform_site.questionnaires.table_answers import TableError, typed_text
from platform_site.questionnaires.values import Value, fingerprint, in_words, read, typed_in

from ..models import Report
from .workbook_lines import as_sent, workbook_grids, workbook_lines

#: No form comes near these; what is larger is another workbook.
MOST_ROWS, MOST_COLUMNS = 1_000, 40
_SALT = "reports.workbook"
#: Kinds that have no cell on the first sheet.
NO_CELL = (Question.Kind.TABLE, Question.Kind.FILE)


@dataclass(frozen=True)
class Change:
    """One answer that the workbook would change: ``raw`` as a field of the page would send it.

    ``taken_by`` and ``taken_at`` name who else changed it since the workbook was written.
    """

    code: str
    label: str
    section: str
    place: str
    raw: str
    before: str
    after: str
    taken_by: str = ""
    taken_at: dt.datetime | None = None
    #: Whether the question is asked at all, given the other answers as they would be.
    is_asked: bool = True


@dataclass(frozen=True)
class CellProblem:
    """``code`` of the question, ``cell`` of a table “row/column” as well."""

    code: str
    label: str
    place: str
    typed: str
    problem: str
    reason: str
    cell: str = ""

    @property
    def key(self) -> str:
        """Names the cell among the marks of a workbook."""
        return f"{self.code}/{self.cell}" if self.cell else self.code


@dataclass(frozen=True)
class WorkbookPreview:
    """What taking a workbook in would do; ``revision`` is that of the report when it was written."""

    revision: int
    changes: tuple[Change, ...]
    problems: tuple[CellProblem, ...]
    is_older: bool
    #: What came in the questions with problems, by code.
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @property
    def collisions(self) -> list[Change]:
        return [change for change in self.changes if change.taken_by]

    @property
    def may_apply(self) -> bool:
        return bool(self.changes) and not self.problems and not self.collisions


def workbook_stamp(report: Report) -> str:
    """Names report and revision, so that nobody's workbook is taken for another's."""
    return signing.dumps({"report": str(report.pk), "revision": report.version}, salt=_SALT)


def workbook_of(
    report: Report,
    *,
    typed: Mapping[str, str] | None = None,
    marks: Mapping[str, str] | None = None,
) -> tuple[str, bytes]:
    """Name and content of the report's workbook, to be filled in offline.

    ``typed`` stands in the cells instead of the answers, by code; ``marks`` beside them, by
    :attr:`CellProblem.key`.
    """
    content = form_workbook(
        title=f"{report.title} · {report.federation}",
        lead=_(
            "Fill in the yellow cells only; * is required. Then save the file and send it on the page it came"
            " from."
        ),
        headings={
            "label": _("Question"),
            "value": _("Answer"),
            "unit": _("Unit"),
            "former": _("Last reported"),
            "help": _("Help"),
            "note": _("To be mended"),
        },
        lines=workbook_lines(report, typed=typed or {}, marks=marks or {}),
        grids=workbook_grids(report, typed=typed or {}, marks=marks or {}),
        stamp=workbook_stamp(report),
    )
    return f"{report.federation}-{report.sheet.form_version.form}.xlsx", content


def read_workbook_of(report: Report, filled: Filled | None) -> WorkbookPreview:
    """What the workbook would change in the report; :class:`Invalid` where it is none of this report."""
    if filled is None:
        raise _rebuilt()
    try:
        stamp = signing.loads(filled.stamp, salt=_SALT)
    except signing.BadSignature:
        raise _rebuilt() from None
    if stamp["report"] != str(report.pk):
        raise Invalid(
            "workbook_of_another",
            _(
                "This workbook belongs to another report. Take the one of this report and fill it in."
            ),
        )
    questions = {each.code: each for each in sheets.questions_of(report.sheet.form_version)}
    _check_build(filled, questions)
    answers = sheets.answers_of(report.sheet)
    look = _Look(questions, answers, stamp["revision"])
    for cell in filled.cells:
        question = questions[cell.code]
        look.at(question, cell.place, cell.was, as_sent(question, cell.value))
    for grid in filled.grids:
        look.at_grid(questions[grid.code], grid)
    return WorkbookPreview(
        stamp["revision"],
        tuple(look.changes_with_what_is_asked()),
        tuple(look.problems),
        report.version != stamp["revision"],
        look.typed,
    )


def _check_build(filled: Filled, questions: Mapping[str, Question]) -> None:
    """Every question in its place, once; every table with its columns and its fixed rows."""
    tables = {code for code, each in questions.items() if each.kind == Question.Kind.TABLE}
    with_cell = sorted(code for code, each in questions.items() if each.kind not in NO_CELL)
    grids = filled.grids
    if sorted(each.code for each in filled.cells) != with_cell:
        raise _rebuilt()
    if sorted(each.code for each in grids) != sorted(tables):
        raise _rebuilt()
    for grid in grids:
        question = questions[grid.code]
        known = {code for code, _label in question.table_rows()} or {""}
        rows = [code for _row, code, _cells in grid.lines]
        if list(grid.columns) != [each["code"] for each in question.columns] or set(rows) - known:
            raise _rebuilt()
        if question.rows and len(set(rows)) < len(rows):
            raise _rebuilt()


class _Look:
    """What a workbook would change, and what of it cannot be read."""

    def __init__(
        self, questions: Mapping[str, Question], answers: Mapping[str, Answer], revision: int
    ) -> None:
        self.questions, self.answers, self.revision = questions, answers, revision
        self.changes: list[Change] = []
        self.problems: list[CellProblem] = []
        #: What came in each question whose cell, or cells, cannot be read.
        self.typed: dict[str, str] = {}
        self.values: dict[str, Any] = {code: answer.value for code, answer in answers.items()}

    def at(self, question: Question, place: str, was: str, raw: str) -> None:
        if fingerprint(raw) == was:
            return
        try:
            value = read(question, raw)
        except ValidationError as error:
            self._problem(question, place, raw, error)
            return
        self._change(question, place, raw, value)

    def at_grid(self, question: Question, grid: FilledGrid) -> None:
        columns = question.table_columns()
        rows = [
            (row, code, dict(zip(grid.columns, map(as_sent, columns, cells), strict=True)))
            for row, code, cells in grid.lines
        ]
        rows = [each for each in rows if any(value.strip() for value in each[2].values())]
        keyed = [(code or place, cells) for place, (_row, code, cells) in enumerate(rows)]
        raw = typed_text(question, keyed)
        if fingerprint(raw) == grid.was:
            return
        try:
            value = read(question, raw)
        except TableError as error:
            at = {key: row for (key, _cells), (row, _code, _raw) in zip(keyed, rows, strict=True)}
            typed = dict(keyed)
            for each in error.cells:
                self.problems.append(
                    CellProblem(
                        question.code,
                        str(question),
                        grid.place(at[each.row], each.column),
                        typed[each.row].get(each.column, ""),
                        each.message,
                        each.code,
                        f"{each.row}/{each.column}",
                    )
                )
            self.typed[question.code] = raw
            return
        except ValidationError as error:
            self._problem(question, grid.sheet, raw, error)
            return
        self._change(question, grid.sheet, raw, value)

    def _problem(self, question: Question, place: str, raw: str, error: ValidationError) -> None:
        reason = error.error_list[0].code or "invalid"
        message = " ".join(error.messages)
        self.typed[question.code] = raw
        self.problems.append(CellProblem(question.code, str(question), place, raw, message, reason))

    def _change(self, question: Question, place: str, raw: str, value: Value) -> None:
        answer = self.answers.get(question.code)
        if not _differs(value, answer):
            return
        self.values[question.code] = value
        taken = answer if answer and answer.version > self.revision else None
        self.changes.append(
            Change(
                question.code,
                str(question),
                str(question.section),
                place,
                raw,
                in_words(question, typed_in(question, answer)),
                in_words(question, raw),
                taken.changed_by.name if taken else "",
                taken.changed_at if taken else None,
            )
        )

    def changes_with_what_is_asked(self) -> list[Change]:
        here = asked(self.questions.values(), self.values)
        return [replace(each, is_asked=each.code in here) for each in self.changes]


def _differs(value: Value, answer: Answer | None) -> bool:
    return value is not None if answer is None else (answer.value, answer.typed) != (value, "")


def _rebuilt() -> Invalid:
    return Invalid(
        "workbook_rebuilt",
        _(
            "This is no workbook of this report, or its rows and columns were changed. Take a fresh one and"
            " copy your answers into it."
        ),
    )
