"""Which questions are asked of whom: a question may depend on one earlier choice, several
choices, or yes-no question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .models import Question

YES, NO = "yes", "no"


def has_answer(value: Any, answer: str) -> bool:
    """Whether a stored value is the answer that a condition names (of several choices: one of them)."""
    if isinstance(value, bool):
        return answer == (YES if value else NO)
    return answer in value if isinstance(value, list) else bool(answer) and value == answer


def asked(questions: Iterable[Question], values: Mapping[str, Any]) -> set[str]:
    """Codes of the questions that are asked, given the ``values`` by question code.

    Who is not asked a question is not asked what depends on it either. Questions come in the order of
    the form, so a condition has always been decided before it is looked at.
    """
    found: set[str] = set()
    for question in questions:
        on = question.shown_if_question
        if not on or (on in found and has_answer(values.get(on), question.shown_if_answer)):
            found.add(question.code)
    return found
