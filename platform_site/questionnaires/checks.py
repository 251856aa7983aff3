"""What is missing, wrong or doubtful in a sheet: all of it at once.

Hard findings block the submission. Soft ones are doubts, which an explanation overrides: the reviewer
reads it first (上报说明).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .conditions import asked
from .models import Answer, Indicator, Question, Rule
from .rules import broken
from .table_answers import CellProblem, placed, rows_of
from .values import numbers_in, plain, read

HARD, SOFT = "hard", "soft"
#: Codes of what only the answers together, or the last period, can tell.
RULE, CHANGED = "rule", "changed"
#: Of the messages about the cells of one table so many are said at once.
MOST_SAID = 5


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
    *,
    last: Mapping[str, Decimal] | None = None,
    rules: Iterable[Rule] = (),
) -> list[Finding]:
    """Findings in the order of the form; a question that is not asked has none.

    ``answers`` by question code; ``former`` the federation's last accepted number of each indicator
    code, against which a cumulative figure may not fall without a word; ``last`` the number of the last
    period, from which ``doubt_change`` counts. What a rule finds stands with its first question.
    """
    questions = list(questions)
    here = asked(questions, {code: answer.value for code, answer in answers.items()})
    found_by_rules = _broken(rules, questions, answers, here)
    findings = []
    for question in questions:
        if question.code not in here:
            continue
        found = [
            *_check_one(question, answers.get(question.code), former, last or {}),
            *found_by_rules.get(question.code, ()),
        ]
        for level, code, message in found:
            findings.append(
                Finding(question.code, str(question), level, code, message, question.section.code)
            )
    return findings


def _broken(
    rules: Iterable[Rule],
    questions: Sequence[Question],
    answers: Mapping[str, Answer],
    here: set[str],
) -> dict[str, list[tuple[str, str, str]]]:
    numbers = {
        code: number
        for question in questions
        if (answer := answers.get(question.code)) is not None
        for code, number in numbers_in(question, answer.value).items()
    }
    found: dict[str, list[tuple[str, str, str]]] = {}
    for rule, question in broken(rules, questions, numbers, here):
        level = HARD if rule.level == Rule.Level.HARD else SOFT
        found.setdefault(question.code, []).append((level, RULE, rule.message))
    return found


def _check_one(
    question: Question,
    answer: Answer | None,
    former: Mapping[str, Decimal],
    last: Mapping[str, Decimal],
) -> Iterator[tuple[str, str, str]]:
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
    if question.kind == Question.Kind.TABLE:
        yield from _incomplete_table(question, value)
    if question.is_number:
        yield from _doubt_number(question, Decimal(value), former)
        yield from _doubt_change(question, Decimal(value), last)


def _incomplete_table(question: Question, value: Any) -> Iterator[tuple[str, str, str]]:
    """Lines that are begun need what is required of them; of fixed rows each is asked."""
    given = dict(rows_of(value))
    if not question.rows and len(given) < question.min_rows:
        yield (
            HARD,
            "too_few_rows",
            _("“%(question)s” needs at least %(least)s rows; there are %(many)s.")
            % {"question": question, "least": question.min_rows, "many": len(given)},
        )
    keys: list[Any] = [code for code, _label in question.table_rows()] or list(given)
    for column in question.table_columns():
        if not column.required:
            continue
        for key in keys:
            if column.code not in given.get(key, {}):
                missing = CellProblem(key, column.code, "required", _("Answer it."))
                yield (
                    HARD,
                    "cell_required",
                    _("“%(question)s”: %(problem)s")
                    % {"question": question, "problem": placed(question, missing)},
                )


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


def _doubt_change(
    question: Question, number: Decimal, last: Mapping[str, Decimal]
) -> Iterator[tuple[str, str, str]]:
    """From nothing to something is a change beyond any per cent."""
    indicator, limit = question.indicator, question.doubt_change
    before = last.get(indicator.code) if indicator and limit is not None else None
    if before is None or limit is None:
        return
    if abs(number - before) * 100 > limit * abs(before):
        yield (
            SOFT,
            CHANGED,
            _(
                "“%(question)s” was %(before)s in the last period: a change of more than %(limit)s %%."
            )
            % {"question": question, "before": plain(before), "limit": limit},
        )


def explain(question: Question, typed: str) -> tuple[str, str]:
    """Why ``typed`` cannot be read, as (code, message)."""
    try:
        read(question, typed)
    except ValidationError as error:
        said = error.messages[:MOST_SAID]
        if more := len(error.messages) - len(said):
            said.append(_("And %(count)s more like these.") % {"count": more})
        return error.error_list[0].code or "invalid", " ".join(said)
    return "invalid", _("Look at this answer again.")
