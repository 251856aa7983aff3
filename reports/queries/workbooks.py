"""A report as a workbook: what goes into its lines, and what one that came back would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from platform_site.lists.form_sheets import Filled, Line, form_workbook
from platform_site.obligations.periods import label_of
from platform_site.problems import Invalid
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Answer, Question
from platform_site.questionnaires.values import Value, fingerprint, plain, read, typed_in

from ..models import Report
from .last import LastValue, last_values

#: No form comes near these; what is larger is another workbook.
MOST_ROWS, MOST_COLUMNS = 1_000, 40
#: Characters of the last period's answer that stand beside the cell.
_LAST_LENGTH = 200
_SALT = "reports.workbook"
_YES = {"yes": "yes", "true": "yes", "是": "yes", "no": "no", "false": "no", "否": "no"}


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


@dataclass(frozen=True)
class CellProblem:
    code: str
    label: str
    place: str
    typed: str
    problem: str
    reason: str


@dataclass(frozen=True)
class WorkbookPreview:
    """What taking a workbook in would do; ``revision`` is that of the report when it was written."""

    revision: int
    changes: tuple[Change, ...]
    problems: tuple[CellProblem, ...]
    is_older: bool

    @property
    def collisions(self) -> list[Change]:
        return [change for change in self.changes if change.taken_by]

    @property
    def may_apply(self) -> bool:
        return bool(self.changes) and not self.problems and not self.collisions


def workbook_stamp(report: Report) -> str:
    """Names report and revision, so that nobody's workbook is taken for another's."""
    return signing.dumps({"report": str(report.pk), "revision": report.version}, salt=_SALT)


def workbook_lines(
    report: Report,
    *,
    typed: Mapping[str, str] | None = None,
    marks: Mapping[str, str] | None = None,
) -> list[Line]:
    """The lines of the report's workbook as it stands; ``typed`` stands in the cells instead, by code, and
    ``marks`` beside them."""
    typed, marks = typed or {}, marks or {}
    questions = sheets.questions_of(report.sheet.form_version)
    answers = sheets.answers_of(report.sheet)
    figured = any(question.indicator for question in questions)
    former = sheets.former_figures(report.sheet) if figured else {}
    last = last_values(report, questions)
    lines: list[Line] = []
    section = None
    for question in questions:
        if question.section != section:
            section = question.section
            lines.append(Line("section", str(section)))
        stands = typed_in(question, answers.get(question.code))
        before = former.get(question.indicator.code) if question.indicator else None
        lines.append(
            Line(
                question.kind,
                f"{question} *" if question.required else str(question),
                code=question.code,
                value=_in_words(question, typed.get(question.code, stands)),
                was=fingerprint(stands),
                unit=question.unit,
                former=_before(last.get(question.code), before),
                help=question.help,
                options=_options(question),
                decimals=question.decimals,
                minimum=question.minimum,
                maximum=question.maximum,
                max_length=question.max_length if question.kind == Question.Kind.TEXT else 0,
                mark=marks.get(question.code, ""),
            )
        )
    return lines


def _before(last: LastValue | None, figure: Any) -> str:
    """What stood there the last time: the answer of the last period, cut to what can be read in a cell."""
    if last is not None:
        shown = last.shown if len(last.shown) <= _LAST_LENGTH else f"{last.shown[:_LAST_LENGTH]}…"
        return f"{shown} ({label_of(last.period)})" if last.period else shown
    return "" if figure is None else plain(figure)


def workbook_of(
    report: Report,
    *,
    typed: Mapping[str, str] | None = None,
    marks: Mapping[str, str] | None = None,
) -> tuple[str, bytes]:
    """Name and content of the report's workbook, to be filled in offline."""
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
        lines=workbook_lines(report, typed=typed, marks=marks),
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
    if sorted(cell.code for cell in filled.cells) != sorted(questions):
        raise _rebuilt()
    answers = sheets.answers_of(report.sheet)
    changes, problems = [], []
    for cell in filled.cells:
        question, answer = questions[cell.code], answers.get(cell.code)
        raw = _as_sent(question, cell.value)
        if fingerprint(raw) == cell.was:
            continue
        try:
            value = read(question, raw)
        except ValidationError as error:
            reason = error.error_list[0].code or "invalid"
            message = " ".join(error.messages)
            problems.append(CellProblem(cell.code, str(question), cell.place, raw, message, reason))
            continue
        if not _differs(value, answer):
            continue
        taken = answer if answer and answer.version > stamp["revision"] else None
        changes.append(
            Change(
                cell.code,
                str(question),
                str(question.section),
                cell.place,
                raw,
                _in_words(question, typed_in(question, answer)),
                _in_words(question, raw),
                taken.changed_by.name if taken else "",
                taken.changed_at if taken else None,
            )
        )
    return WorkbookPreview(
        stamp["revision"], tuple(changes), tuple(problems), report.version != stamp["revision"]
    )


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


# --- Words of the cells ------------------------------------------------------------------------------
def _options(question: Question) -> tuple[str, ...]:
    if question.kind == Question.Kind.YES_NO:
        return (_("Yes"), _("No"))
    return tuple(label for _code, label in question.choices())


def _in_words(question: Question, typed: str) -> str:
    """What the cell shows for what a field of the page holds."""
    if question.kind == Question.Kind.YES_NO:
        return {"yes": _("Yes"), "no": _("No")}.get(typed, typed)
    return dict(question.choices()).get(typed, typed)


def _as_sent(question: Question, value: Any) -> str:
    """What a field of the page would hold for what stands in the cell, in whatever language it was chosen."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else str(value)
    bare = text.strip()
    if question.kind == Question.Kind.YES_NO:
        return _YES.get(bare.lower(), text)
    if question.kind == Question.Kind.CHOICE:
        for option in question.options:
            if bare and bare in {option["code"], option["zh"], option.get("en")}:
                return str(option["code"])
    return text
