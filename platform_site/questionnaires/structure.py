"""The content of a version as one document, and everything that speaks against it.

The document is what the API reads and the pages edit::

    {"sections": [{"code": …, "questions": [{"code": …, "kind": …, …}]}], "rules": [{"left": …, …}]}

Conditions look back, so they cannot go round in circles; hard rules that cannot hold together are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from platform_site.problems import FieldProblem

from .expressions import Sum, parse
from .kinds import (
    DEFAULTS,
    OF_KIND,
    Document,
    answers_of,
    kind_problems,
    meaning,
    named_problems,
    numbers_of,
    whole_column,
)
from .models import FormVersion, Indicator, Question, Rule
from .rules import Limit, Span, circle, limits_of, reach, wanted

MOST_SECTIONS, MOST_QUESTIONS, MOST_RULES = 40, 300, 100
#: Each is a sheet of the workbook, of which no more than twenty sheets are read.
MOST_TABLES = 15
SECTION_FIELDS = ("code", "name_zh", "name_en", "help_zh", "help_en")
QUESTION_FIELDS = (
    *("code", "kind", "required", "name_zh", "name_en", "help_zh", "help_en"),
    *DEFAULTS,
    *("shown_if_question", "shown_if_answer"),
)
RULE_FIELDS = ("left", "comparison", "right", "level", "message_zh", "message_en")


def document_of(version: FormVersion) -> Document:
    """The content as it stands; two queries more than its sections."""
    sections: list[Document] = []
    for section in version.sections.order_by("position").prefetch_related("questions__indicator"):
        questions = []
        for question in sorted(section.questions.all(), key=lambda each: each.position):
            entry = {name: getattr(question, name) for name in QUESTION_FIELDS}
            entry["indicator"] = question.indicator.code if question.indicator else None
            questions.append(_with_columns(entry))
        sections.append(
            {name: getattr(section, name) for name in SECTION_FIELDS} | {"questions": questions}
        )
    return {"sections": sections, "rules": [dict(rule) for rule in version.rules]}


def whole(given: Document) -> Document:
    """With every field, those that were left out as they are where nothing is said."""
    blank_question = dict.fromkeys(QUESTION_FIELDS, "") | DEFAULTS | {"required": True}
    return {
        "sections": [
            dict.fromkeys(SECTION_FIELDS, "")
            | {key: value for key, value in section.items() if key != "questions"}
            | {
                "questions": [
                    _with_columns(blank_question | question) for question in section["questions"]
                ]
            }
            for section in given["sections"]
        ],
        "rules": [dict.fromkeys(RULE_FIELDS, "") | rule for rule in given["rules"]],
    }


def _with_columns(question: Document) -> Document:
    return question | {"columns": [whole_column(column) for column in question["columns"]]}


@dataclass(frozen=True)
class Known:
    """What a document is held against: the catalogue, and the questions of the published versions.

    ``earlier``: (kind, unit) by code, of the newest published version that asks it; of the column of a table
    by ``table.column``.
    """

    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    earlier: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def problems_of(document: Document, known: Known) -> list[FieldProblem]:
    """Everything that speaks against the document, each beside its field by JSON pointer."""
    return [*_Look(document, known).problems()]


def problems_of_publishing(document: Document) -> list[FieldProblem]:
    """What a draft may lack and a published version may not."""
    if not document["sections"]:
        return [FieldProblem("/sections", "required", _("Add a section with a question first."))]
    return [
        FieldProblem(
            f"/sections/{place}",
            "empty",
            _("“%(section)s” has no question: add one, or remove the section.")
            % {"section": section["name_zh"]},
        )
        for place, section in enumerate(document["sections"])
        if not section["questions"]
    ]


class _Look:
    def __init__(self, document: Document, known: Known) -> None:
        self.document, self.known = document, known
        self.questions = [
            (f"/sections/{place}/questions/{order}", question)
            for place, section in enumerate(document["sections"])
            for order, question in enumerate(section["questions"])
        ]
        self.by_code = {question["code"]: question for _at, question in self.questions}
        self.numbers = {
            code: number
            for _at, question in self.questions
            for code, number in numbers_of(question).items()
        }

    def problems(self) -> Iterator[FieldProblem]:
        yield from self._sizes()
        seen: set[str] = set()
        for place, section in enumerate(self.document["sections"]):
            at = f"/sections/{place}"
            yield from named_problems(at, section, seen)
        seen = set()
        indicators: set[str] = set()
        before: dict[str, Document] = {}
        for at, question in self.questions:
            yield from named_problems(at, question, seen)
            yield from self._kind(at, question)
            yield from self._figures(at, question, indicators)
            yield from self._condition(at, question, before)
            before.setdefault(question["code"], question)
        yield from self._rules()

    def _sizes(self) -> Iterator[FieldProblem]:
        for pointer, many, most in (
            ("/sections", len(self.document["sections"]), MOST_SECTIONS),
            ("/sections", len(self.questions), MOST_QUESTIONS),
            ("/rules", len(self.document["rules"]), MOST_RULES),
            ("/sections", self._tables(), MOST_TABLES),
        ):
            if many > most:
                message = _("At most %(most)s are possible here.") % {"most": most}
                yield FieldProblem(pointer, "too_many", message)

    def _tables(self) -> int:
        return sum(question["kind"] == Question.Kind.TABLE for _at, question in self.questions)

    # --- One question -----------------------------------------------------------------------------
    def _kind(self, at: str, question: Document) -> Iterator[FieldProblem]:
        kind = question["kind"]
        if kind not in OF_KIND:
            yield FieldProblem(f"{at}/kind", "invalid", _("Choose the kind of the question."))
            return
        for name, default in DEFAULTS.items():
            if name not in OF_KIND[kind] and question[name] != default:
                yield FieldProblem(
                    f"{at}/{name}", "not_for_kind", _("A question of this kind has none.")
                )
        yield from self._keeps_meaning(f"{at}/code", question["code"], question)
        for place, column in enumerate(question["columns"]):
            pointer = f"{at}/columns/{place}/code"
            code = f"{question['code']}.{column['code']}"
            yield from self._keeps_meaning(pointer, code, column)
        yield from kind_problems(at, question)

    def _keeps_meaning(self, pointer: str, code: str, thing: Document) -> Iterator[FieldProblem]:
        """A code that was published keeps kind and unit: a form in use loses no question."""
        earlier = self.known.earlier.get(code)
        if earlier is not None and meaning(*earlier) != meaning(thing["kind"], thing["unit_zh"]):
            yield FieldProblem(
                pointer,
                "code_means_another",
                _(
                    "Published versions ask something of another kind or unit under this code, and"
                    " their answers are compared by it. Give this question another code."
                ),
            )

    def _figures(self, at: str, question: Document, seen: set[str]) -> Iterator[FieldProblem]:
        """``seen``: the indicators that the questions before this one give."""
        if question["indicator"] is None and question["doubt_change"] is not None:
            yield FieldProblem(
                f"{at}/doubt_change",
                "needs_an_indicator",
                _("Only a number with an indicator is compared with the last period."),
            )
        yield from self._figure(at, question, seen)
        for place, column in enumerate(question["columns"]):
            yield from self._figure(f"{at}/columns/{place}", column, seen)

    def _figure(self, at: str, thing: Document, seen: set[str]) -> Iterator[FieldProblem]:
        code = thing["indicator"]
        if code is None:
            return
        indicator = self.known.indicators.get(code)
        if indicator is None:
            yield FieldProblem(
                f"{at}/indicator", "unknown", _("There is no indicator with this code.")
            )
            return
        if code in seen:
            yield FieldProblem(
                f"{at}/indicator",
                "repeated",
                _("Another question of this version gives this figure already."),
            )
        seen.add(code)
        if thing["unit_zh"] != indicator.unit_zh:
            yield FieldProblem(
                f"{at}/unit_zh",
                "unit_of_the_indicator",
                _("The indicator counts in %(unit)s: give the question the same unit.")
                % {"unit": indicator.unit_zh},
            )

    def _condition(
        self, at: str, question: Document, before: Mapping[str, Document]
    ) -> Iterator[FieldProblem]:
        on, answer = question["shown_if_question"], question["shown_if_answer"]
        if not on:
            if answer:
                message = _("Choose the question whose answer this is.")
                yield FieldProblem(f"{at}/shown_if_question", "required", message)
            return
        pointer = f"{at}/shown_if_question"
        if on not in self.by_code:
            yield FieldProblem(
                pointer,
                "unknown_question",
                _("“%(name)s” depends on the question “%(code)s”, which is not in this version.")
                % {"name": question["name_zh"], "code": on},
            )
            return
        if on not in before:
            yield FieldProblem(
                pointer,
                "later_question",
                _("“%(name)s” depends on “%(on)s”, which must be asked before it.")
                % {"name": question["name_zh"], "on": self.by_code[on]["name_zh"]},
            )
            return
        answers = answers_of(before[on])
        if answers is None:
            yield FieldProblem(
                pointer,
                "not_a_choice",
                _("Only a choice or a yes-no question can decide whether another is asked."),
            )
        elif not answer:
            message = _("Choose the answer at which the question is asked.")
            yield FieldProblem(f"{at}/shown_if_answer", "required", message)
        elif answer not in answers:
            yield FieldProblem(
                f"{at}/shown_if_answer",
                "unknown_answer",
                _("“%(name)s” depends on an answer that “%(on)s” does not offer.")
                % {"name": question["name_zh"], "on": before[on]["name_zh"]},
            )

    # --- Rules ------------------------------------------------------------------------------------
    def _rules(self) -> Iterator[FieldProblem]:
        spans: dict[Any, list[tuple[int, Span]]] = {}
        bounds = {
            code: (number["minimum"], number["maximum"]) for code, number in self.numbers.items()
        }
        limits: list[Limit] = []
        contradicts = False
        for place, rule in enumerate(self.document["rules"]):
            at = f"/rules/{place}"
            sides: dict[str, Sum] = {}
            for side in ("left", "right"):
                try:
                    sides[side] = parse(rule[side])
                except ValidationError as error:
                    code = error.error_list[0].code or "unreadable"
                    yield FieldProblem(f"{at}/{side}", code, " ".join(error.messages))
                    continue
                yield from self._side(f"{at}/{side}", sides[side])
            if rule["comparison"] not in Rule.Comparison.values:
                yield FieldProblem(f"{at}/comparison", "invalid", _("Choose the comparison."))
                continue
            if rule["level"] not in Rule.Level.values:
                yield FieldProblem(f"{at}/level", "invalid", _("Choose what follows."))
            if not rule["message_zh"].strip():
                message = _("Say in Chinese what is wrong where the rule does not hold.")
                yield FieldProblem(f"{at}/message_zh", "required", message)
            if len(sides) < 2:
                continue
            if not sides["left"].terms:
                message = _("Name at least one question here.")
                yield FieldProblem(f"{at}/left", "no_question", message)
                continue
            found = wanted(sides["left"], rule["comparison"], sides["right"])
            if found is None:
                message = _("Both sides are the same: the rule says nothing.")
                yield FieldProblem(f"{at}/right", "says_nothing", message)
                continue
            shape, span = found
            if rule["level"] != Rule.Level.HARD:
                continue
            if span.meets(reach(shape, bounds)).is_empty():
                message = _(
                    "The rule can never hold: the numbers of its questions cannot reach it."
                )
                contradicts = True
                yield FieldProblem(f"{at}/right", "never_holds", message)
            for other, earlier in spans.get(shape, ()):
                if span.meets(earlier).is_empty():
                    contradicts = True
                    yield FieldProblem(
                        f"{at}/right",
                        "contradicts",
                        _("The rule contradicts rule %(number)s: both can never hold.")
                        % {"number": other + 1},
                    )
                    break
            spans.setdefault(shape, []).append((place, span))
            limits += limits_of(shape, span, place)
        if not contradicts:
            yield from _round_in_a_circle(limits, bounds)

    def _side(self, at: str, side: Sum) -> Iterator[FieldProblem]:
        units = set()
        for code in side.terms:
            if number := self.numbers.get(code):
                units.add(number["unit_zh"])
                continue
            table, _dot, column = code.partition(".")
            question = self.by_code.get(table)
            if question is None or (
                column and column not in {each["code"] for each in question["columns"]}
            ):
                yield FieldProblem(
                    at,
                    "unknown_question",
                    _("The rule names the question “%(code)s”, which is not in this version.")
                    % {"code": code},
                )
            elif question["kind"] == Question.Kind.TABLE and not column:
                yield FieldProblem(
                    at,
                    "names_no_column",
                    _(
                        "“%(name)s” is a table: name the column whose total is meant, as %(example)s."
                    )
                    % {"name": question["name_zh"], "example": f"{code}.persons"},
                )
            else:
                yield FieldProblem(
                    at,
                    "not_a_number",
                    _("“%(name)s” is no number, so that no rule can reckon with it.")
                    % {"name": question["name_zh"]},
                )
        if len(units) > 1:
            yield FieldProblem(
                at,
                "units_mixed",
                _("Numbers of different units (%(units)s) are never added together.")
                % {"units": _(", ").join(sorted(units - {""}))},
            )


def _round_in_a_circle(
    limits: list[Limit], bounds: Mapping[str, tuple[Decimal | None, Decimal | None]]
) -> Iterator[FieldProblem]:
    """Rules such as a < b, b < c, c < a: each could hold, all of them never."""
    for code, (least, most) in bounds.items():
        limits += limits_of(((code, Decimal(1)),), Span(least, most), None)
    if places := circle(limits):
        *others, last = sorted(places)
        yield FieldProblem(
            f"/rules/{last}/right",
            "circle",
            _(
                "The rule refers in a circle with the rules %(numbers)s: together they can never hold."
            )
            % {"numbers": _(", ").join(str(place + 1) for place in others)}
            if others
            else _("The rule can never hold: the numbers of its questions cannot reach it."),
        )
