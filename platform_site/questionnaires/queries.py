"""Reading forms, sheets and figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from .checks import Finding, check
from .models import Answer, Figure, FormVersion, Indicator, Question, Sheet

Content = dict[str, Any]


def questions_of(version: FormVersion) -> list[Question]:
    return list(
        Question.objects.filter(section__version=version)
        .select_related("section", "indicator")
        .order_by("section__position", "position")
    )


def answers_of(sheet: Sheet) -> dict[str, Answer]:
    """By question code."""
    rows = sheet.answers.select_related("question", "changed_by")
    return {answer.question.code: answer for answer in rows}


def former_figures(sheet: Sheet) -> dict[str, Decimal]:
    """The federation's newest accepted number of each cumulative indicator, other sheets only."""
    rows = (
        Figure.objects.filter(
            federation=sheet.federation_id, indicator__measure=Indicator.Measure.CUMULATIVE
        )
        .exclude(sheet=sheet)
        .order_by("indicator", "-period_start", "-id")
        .distinct("indicator")
        .values_list("indicator__code", "number")
    )
    return dict(rows)


def findings_of(sheet: Sheet) -> list[Finding]:
    """All that is missing, wrong or doubtful in the sheet as it stands."""
    return check(questions_of(sheet.form_version), answers_of(sheet), former_figures(sheet))


def content(questions: Iterable[Question], answers: Mapping[str, Any]) -> Content:
    """Sections, questions (wording, unit, options) and values, whole: what a submitted version keeps.

    ``answers``: value by question code.
    """
    sections: dict[str, Content] = {}
    for question in questions:
        section = sections.setdefault(
            question.section.code,
            {
                "code": question.section.code,
                "zh": question.section.name_zh,
                "en": question.section.name_en,
                "questions": [],
            },
        )
        section["questions"].append(
            {
                "code": question.code,
                "kind": question.kind,
                "zh": question.name_zh,
                "en": question.name_en,
                "unit_zh": question.unit_zh,
                "unit_en": question.unit_en,
                "options": question.options,
                "indicator": question.indicator.code if question.indicator else None,
                "value": answers.get(question.code),
            }
        )
    return {"sections": list(sections.values())}


def live_content(sheet: Sheet) -> Content:
    """The sheet as it stands now, in the shape of a submitted version."""
    return content(
        questions_of(sheet.form_version),
        {code: answer.value for code, answer in answers_of(sheet).items()},
    )


def answers_in(kept: Content) -> dict[str, Any]:
    """Value by question code, of a version's content."""
    return {
        question["code"]: question["value"]
        for section in kept.get("sections", [])
        for question in section["questions"]
    }
