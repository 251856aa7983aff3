"""Reading forms, sheets and figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q

from .checks import CHANGED, HARD, RULE, Finding, check
from .conditions import asked
from .models import Answer, Figure, Form, FormVersion, Indicator, Question, Rule, Sheet
from .wordings import question_content

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


def last_figures(sheet: Sheet) -> dict[str, Decimal]:
    """The federation's accepted number of each indicator in the last period before this sheet's."""
    return {code: number for code, (number, _period) in last_figures_dated(sheet).items()}


def last_figures_dated(sheet: Sheet) -> dict[str, tuple[Decimal, str]]:
    """Each with the code of its period. A period of the same length goes before any other: a quarter is
    compared with a quarter, also where months were reported since.
    """
    rows = Figure.objects.filter(federation=sheet.federation_id).exclude(sheet=sheet)
    if sheet.period_start is not None:
        rows = rows.filter(period_start__lt=sheet.period_start)
    shape = "^" + re.sub("[0-9]", "[0-9]", sheet.period) + "$"
    newest = (
        rows.annotate(alike=Q(sheet__period__regex=shape))
        .order_by("indicator", "-alike", "-period_start", "-id")
        .distinct("indicator")
        .values_list("indicator__code", "number", "sheet__period")
    )
    return {code: (number, period) for code, number, period in newest}


def rules_of(version: FormVersion) -> list[Rule]:
    return [Rule(**rule) for rule in version.rules]


def findings_of(
    sheet: Sheet,
    questions: list[Question] | None = None,
    answers: Mapping[str, Answer] | None = None,
    *,
    only_hard: bool = False,
) -> list[Finding]:
    """All that is missing, wrong or doubtful in the sheet as it stands.

    ``questions`` and ``answers``, where the caller has them already; ``only_hard`` leaves the doubts out.
    """
    if questions is None:
        questions = questions_of(sheet.form_version)
    if answers is None:
        answers = answers_of(sheet)
    found = check(
        questions,
        answers,
        {} if only_hard else former_figures(sheet),
        last={} if only_hard else _last_wanted(sheet, questions),
        rules=rules_of(sheet.form_version),
    )
    return [each for each in found if each.level == HARD] if only_hard else found


def comparisons_of(
    sheet: Sheet, questions: list[Question], answers: Mapping[str, Answer]
) -> list[Finding]:
    """What only the answers together, or the last period, can tell: to be said while they are filled in."""
    last, rules = _last_wanted(sheet, questions), rules_of(sheet.form_version)
    found = check(questions, answers, {}, last=last, rules=rules)
    return [each for each in found if each.code in (RULE, CHANGED)]


def _last_wanted(sheet: Sheet, questions: list[Question]) -> dict[str, Decimal]:
    """Read only where a question is compared with the last period."""
    return last_figures(sheet) if any(each.doubt_change for each in questions) else {}


def content(questions: Iterable[Question], answers: Mapping[str, Any]) -> Content:
    """Sections, questions (wording, unit, options) and values, whole: what a submitted version keeps.

    ``answers``: value by question code. What is not asked, given the answers, is no part of it.
    """
    questions = list(questions)
    here = asked(questions, answers)
    sections: dict[str, Content] = {}
    for question in questions:
        if question.code not in here:
            continue
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
            {**question_content(question), "value": answers.get(question.code)}
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


# --- Building ---------------------------------------------------------------------------------------


def newest_version(form: Form) -> FormVersion | None:
    """The draft, else the newest published version: what the next one is a copy of."""
    return form.versions.order_by("-number").first()


def draft_of(form: Form) -> FormVersion | None:
    return form.versions.filter(is_draft=True).select_related("form").first()


def figures_asked(question: Question) -> list[tuple[str, str]]:
    """What a question gives to indicators: the code of each, and of the number (:func:`values.numbers_in`)."""
    if question.indicator:
        return [(question.indicator.code, question.code)]
    return [
        (column.indicator, f"{question.code}.{column.code}")
        for column in question.table_columns()
        if column.indicator
    ]


def indicators_asked(questions: Iterable[Question]) -> list[Indicator]:
    """The indicators that these questions give, in their order; one query where a table gives some."""
    questions = list(questions)
    found = {each.indicator.code: each.indicator for each in questions if each.indicator}
    codes = [code for question in questions for code, _number in figures_asked(question)]
    if missing := set(codes) - set(found):
        found |= Indicator.objects.in_bulk(missing, field_name="code")
    return [found[code] for code in dict.fromkeys(codes) if code in found]


def files_asked(version: FormVersion, codes: Iterable[str]) -> set[str]:
    """Of these codes those whose questions ask for files."""
    asked_for = Question.objects.filter(
        section__version=version, kind=Question.Kind.FILE, code__in=list(codes)
    )
    return set(asked_for.values_list("code", flat=True))


def indicator_is_used(indicator: Indicator) -> bool:
    """Whether a figure was accepted for it: then what its numbers mean stays."""
    return Figure.objects.filter(indicator=indicator).exists()
