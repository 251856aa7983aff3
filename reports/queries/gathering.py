"""The gathering workbook: a block for each federation below that has not filed, a line for each figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from platform_site.federations.models import Federation
from platform_site.lists.form_sheets import Filled, Line, form_workbook
from platform_site.problems import Invalid, StepNotOpen
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Question
from platform_site.questionnaires.values import fingerprint, plain, read

from ..models import GatheredFigure, Report
from .cascade import COUNTED, children_of
from .summaries import is_asked
from .workbooks import CellProblem, Change, WorkbookPreview

#: Every county of the largest prefecture, with the figures of the longest form.
MOST_GATHERED_ROWS = 5_000
_SALT = "reports.gathering"


def to_gather(report: Report, user: Any) -> list[Federation]:
    """Those it was passed down to that have handed in nothing themselves, in the official order."""
    return [
        each.federation
        for each in children_of(report.obligation, user)
        if is_asked(each) and not (hasattr(each, "report") and each.report.state in COUNTED)
    ]


def _figures(report: Report) -> list[Question]:
    return [each for each in sheets.questions_of(report.sheet.form_version) if each.indicator]


def _kept(report: Report) -> dict[str, GatheredFigure]:
    """What was gathered so far, by the code of its line."""
    rows = report.gathered_figures.select_related("federation", "by")
    return {f"{each.federation.code}.{each.question}": each for each in rows}


def gathering_workbook_of(
    report: Report,
    user: Any,
    *,
    typed: Mapping[str, str] | None = None,
    marks: Mapping[str, str] | None = None,
) -> tuple[str, bytes]:
    """Name and content; ``typed`` stands in the cells instead, ``marks`` beside them, by the code of the line."""
    typed, marks = typed or {}, marks or {}
    federations, questions, kept = to_gather(report, user), _figures(report), _kept(report)
    if not federations or not questions:
        raise StepNotOpen(
            "nothing_to_gather",
            _("Everybody you passed it down to has filed, or the form asks for no figure."),
        )
    lines = []
    for federation in federations:
        lines.append(Line("section", federation.name))
        for question in questions:
            code = f"{federation.code}.{question.code}"
            stands = plain(kept[code].number) if code in kept else ""
            lines.append(
                Line(
                    question.kind,
                    str(question),
                    code=code,
                    value=typed.get(code, stands),
                    was=fingerprint(stands),
                    unit=question.unit,
                    help=question.help,
                    decimals=question.decimals,
                    minimum=question.minimum,
                    maximum=question.maximum,
                    mark=marks.get(code, ""),
                )
            )
    content = form_workbook(
        title=f"{report.notice.title} · {report.federation}",
        lead=_(
            "Write into the yellow cells what the federations sent you; what you do not know stays blank."
            " Then save the file and send it on the page it came from."
        ),
        headings={
            "label": _("Indicator"),
            "value": _("Number"),
            "unit": _("Unit"),
            "help": _("Help"),
            "note": _("To be mended"),
        },
        lines=lines,
        stamp=signing.dumps(
            {
                "report": str(report.pk),
                "revision": report.version,
                "from": [federation.code for federation in federations],
            },
            salt=_SALT,
        ),
    )
    named = _("Lower tier")
    return f"{report.federation}-{named}.xlsx", content


def read_gathering_of(report: Report, filled: Filled | None, user: Any) -> WorkbookPreview:
    """What the workbook would change; :class:`Invalid` where it is none of this report's.

    A number that somebody else wrote in since, or whose federation has filed itself meanwhile, collides.
    """
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
    questions = {each.code: each for each in _figures(report)}
    federations = {each.code: each for each in Federation.objects.filter(code__in=stamp["from"])}
    expected = [f"{code}.{question}" for code in stamp["from"] for question in questions]
    if sorted(cell.code for cell in filled.cells) != sorted(expected):
        raise _rebuilt()
    kept = _kept(report)
    still = {each.code for each in to_gather(report, user)}
    changes, problems = [], []
    for cell in filled.cells:
        code, _dot, asked = cell.code.partition(".")
        question, federation = questions[asked], federations[code]
        raw = "" if cell.value is None else str(cell.value).strip()
        if fingerprint(raw) == cell.was:
            continue
        label = f"{federation.short_name} · {question}"
        try:
            value = read(question, raw)
        except ValidationError as error:
            reason = error.error_list[0].code or "invalid"
            message = " ".join(error.messages)
            problems.append(CellProblem(cell.code, label, cell.place, raw, message, reason))
            continue
        there = kept.get(cell.code)
        before = plain(there.number) if there else ""
        if before == (value or ""):
            continue
        by, at = "", None
        if code not in still:
            by = _("%(federation)s itself, by filing") % {"federation": federation.short_name}
        elif there and there.version > stamp["revision"]:
            by, at = there.by_name, there.at
        changes.append(
            Change(
                cell.code, label, federation.name, cell.place, raw, before, str(value or ""), by, at
            )
        )
    return WorkbookPreview(
        stamp["revision"], tuple(changes), tuple(problems), report.version != stamp["revision"]
    )


def _rebuilt() -> Invalid:
    return Invalid(
        "workbook_rebuilt",
        _(
            "This is no workbook of this report, or its rows and columns were changed. Take a fresh one and"
            " copy your answers into it."
        ),
    )
