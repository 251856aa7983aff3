"""What is missing, wrong or doubtful in a sheet: all of it at once.

Hard findings block the submission. Soft ones are doubts, which an explanation overrides: the reviewer
reads it first (上报说明).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .models import Answer, Indicator, Question
from .values import plain, read

HARD, SOFT = "hard", "soft"


@dataclass(frozen=True)
class Finding:
    """``question`` is the question's code; ``label`` its wording."""

    question: str
    label: str
    level: str
    code: str
    message: str
    section: str = ""

    def as_json(self) -> dict[str, str]:
        return {
            "question": self.question,
            "label": self.label,
            "level": self.level,
            "code": self.code,
            "message": self.message,
        }


def check(
    questions: Iterable[Question],
    answers: Mapping[str, Answer],
    former: Mapping[str, Decimal],
) -> list[Finding]:
    """Findings in the order of the form.

    ``answers`` by question code; ``former`` the federation's last accepted number of each indicator
    code, against which a cumulative figure may not fall without a word.
    """
    findings = []
    for question in questions:
        for level, code, message in _check_one(question, answers.get(question.code), former):
            findings.append(
                Finding(question.code, str(question), level, code, message, question.section.code)
            )
    return findings


def _check_one(
    question: Question, answer: Answer | None, former: Mapping[str, Decimal]
) -> Iterable[tuple[str, str, str]]:
    if answer and answer.typed:
        code, problem = explain(question, answer.typed)
        yield (
            HARD,
            code,
            _("“%(question)s”: %(problem)s") % {"question": question, "problem": problem},
        )
        return
    value: Any = answer.value if answer else None
    if value is None:
        if question.required:
            yield HARD, "required", _("Answer “%(question)s”.") % {"question": question}
        return
    if question.kind == Question.Kind.TEXT and len(value) < question.doubt_shorter:
        yield (
            SOFT,
            "short",
            _("“%(question)s” has only %(count)s characters; %(wanted)s or more are usual.")
            % {"question": question, "count": len(value), "wanted": question.doubt_shorter},
        )
    if question.kind == Question.Kind.NUMBER:
        yield from _doubt_number(question, Decimal(value), former)


def _doubt_number(
    question: Question, number: Decimal, former: Mapping[str, Decimal]
) -> Iterable[tuple[str, str, str]]:
    if question.doubt_below is not None and number < question.doubt_below:
        yield (
            SOFT,
            "unusually_small",
            _("“%(question)s” is unusually small: less than %(limit)s.")
            % {"question": question, "limit": plain(question.doubt_below)},
        )
    if question.doubt_above is not None and number > question.doubt_above:
        yield (
            SOFT,
            "unusually_large",
            _("“%(question)s” is unusually large: more than %(limit)s.")
            % {"question": question, "limit": plain(question.doubt_above)},
        )
    indicator = question.indicator
    if indicator and indicator.measure == Indicator.Measure.CUMULATIVE:
        before = former.get(indicator.code)
        if before is not None and number < before:
            yield (
                SOFT,
                "cumulative_fell",
                _(
                    "“%(question)s” is cumulative and was %(before)s before; it cannot fall unexplained."
                )
                % {"question": question, "before": plain(before)},
            )


def explain(question: Question, typed: str) -> tuple[str, str]:
    """Why ``typed`` cannot be read, as (code, message)."""
    try:
        read(question, typed)
    except ValidationError as error:
        return error.error_list[0].code or "invalid", " ".join(error.messages)
    return "invalid", _("Look at this answer again.")
