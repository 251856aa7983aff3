"""The content of a version as one document, and everything that speaks against it.

The document is what the API reads and the pages edit::

    {"sections": [{"code": …, "questions": [{"code": …, "kind": …, …}]}], "rules": [{"left": …, …}]}

Conditions look back, so they cannot go round in circles; hard rules that cannot hold together are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from platform_site.problems import FieldProblem

from .conditions import NO, YES
from .expressions import Sum, parse
from .models import FormVersion, Indicator, Question, Rule
from .rules import Span, reach, wanted

Document = dict[str, Any]
#: "new" is the page on which one is added.
CODE = re.compile(r"(?!new\Z)[a-z][a-z0-9_]{0,59}")
MOST_SECTIONS, MOST_QUESTIONS, MOST_RULES, MOST_OPTIONS = 40, 300, 100, 60
MOST_CHARACTERS, MOST_DECIMALS, MOST_CHANGE = 5000, 4, 10_000
_LARGEST = Decimal(10) ** 16
#: 万元: the one unit of money.
MONEY_ZH, MONEY_EN = "万元", "CNY 10,000"
SECTION_FIELDS = ("code", "name_zh", "name_en", "help_zh", "help_en")
BOUNDS = ("minimum", "maximum", "doubt_below", "doubt_above")
#: What a question of each kind has beside its wording, with what stands there where it is not used.
DEFAULTS: dict[str, Any] = {
    "indicator": None,
    "unit_zh": "",
    "unit_en": "",
    "decimals": 0,
    "minimum": None,
    "maximum": None,
    "doubt_below": None,
    "doubt_above": None,
    "doubt_change": None,
    "max_length": MOST_CHARACTERS,
    "doubt_shorter": 0,
    "options": [],
}
OF_KIND: dict[str, frozenset[str]] = {
    Question.Kind.TEXT: frozenset({"max_length", "doubt_shorter"}),
    Question.Kind.NUMBER: frozenset(
        {"indicator", "unit_zh", "unit_en", "decimals", *BOUNDS, "doubt_change"}
    ),
    Question.Kind.CHOICE: frozenset({"options"}),
    Question.Kind.DATE: frozenset(),
    Question.Kind.YES_NO: frozenset(),
}
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
            questions.append(entry)
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
            | {"questions": [blank_question | question for question in section["questions"]]}
            for section in given["sections"]
        ],
        "rules": [dict.fromkeys(RULE_FIELDS, "") | rule for rule in given["rules"]],
    }


@dataclass(frozen=True)
class Known:
    """What a document is held against: the catalogue, and the questions of the published versions.

    ``earlier``: (kind, unit) by code, of the newest published version that asks it.
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

    def problems(self) -> Iterator[FieldProblem]:
        yield from self._sizes()
        seen: set[str] = set()
        for place, section in enumerate(self.document["sections"]):
            at = f"/sections/{place}"
            yield from _named(at, section, seen)
        seen = set()
        indicators: set[str] = set()
        before: dict[str, Document] = {}
        for at, question in self.questions:
            yield from _named(at, question, seen)
            yield from self._kind(at, question)
            yield from self._figure(at, question, indicators)
            yield from self._condition(at, question, before)
            before.setdefault(question["code"], question)
        yield from self._rules()

    def _sizes(self) -> Iterator[FieldProblem]:
        for pointer, many, most in (
            ("/sections", len(self.document["sections"]), MOST_SECTIONS),
            ("/sections", len(self.questions), MOST_QUESTIONS),
            ("/rules", len(self.document["rules"]), MOST_RULES),
        ):
            if many > most:
                message = _("At most %(most)s are possible here.") % {"most": most}
                yield FieldProblem(pointer, "too_many", message)

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
        earlier = self.known.earlier.get(question["code"])
        if earlier is not None and earlier != (kind, question["unit_zh"]):
            yield FieldProblem(
                f"{at}/code",
                "code_means_another",
                _(
                    "Published versions ask something of another kind or unit under this code, and"
                    " their answers are compared by it. Give this question another code."
                ),
            )
        if kind == Question.Kind.TEXT:
            yield from _text(at, question)
        elif kind == Question.Kind.NUMBER:
            yield from _number(at, question)
        elif kind == Question.Kind.CHOICE:
            yield from _options(at, question["options"])

    def _figure(self, at: str, question: Document, indicators: set[str]) -> Iterator[FieldProblem]:
        code = question["indicator"]
        if code is None:
            if question["doubt_change"] is not None:
                yield FieldProblem(
                    f"{at}/doubt_change",
                    "needs_an_indicator",
                    _("Only a number with an indicator is compared with the last period."),
                )
            return
        indicator = self.known.indicators.get(code)
        if indicator is None:
            yield FieldProblem(
                f"{at}/indicator", "unknown", _("There is no indicator with this code.")
            )
            return
        if code in indicators:
            yield FieldProblem(
                f"{at}/indicator",
                "repeated",
                _("Another question of this version gives this figure already."),
            )
        indicators.add(code)
        if question["unit_zh"] != indicator.unit_zh:
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
        answers = _answers(before[on])
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
            question["code"]: (question["minimum"], question["maximum"])
            for _at, question in self.questions
        }
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
                yield FieldProblem(f"{at}/right", "never_holds", message)
            for other, earlier in spans.get(shape, ()):
                if span.meets(earlier).is_empty():
                    yield FieldProblem(
                        f"{at}/right",
                        "contradicts",
                        _("The rule contradicts rule %(number)s: both can never hold.")
                        % {"number": other + 1},
                    )
                    break
            spans.setdefault(shape, []).append((place, span))

    def _side(self, at: str, side: Sum) -> Iterator[FieldProblem]:
        units = set()
        for code in side.terms:
            question = self.by_code.get(code)
            if question is None:
                yield FieldProblem(
                    at,
                    "unknown_question",
                    _("The rule names the question “%(code)s”, which is not in this version.")
                    % {"code": code},
                )
            elif question["kind"] != Question.Kind.NUMBER:
                yield FieldProblem(
                    at,
                    "not_a_number",
                    _("“%(name)s” is no number, so that no rule can reckon with it.")
                    % {"name": question["name_zh"]},
                )
            else:
                units.add(question["unit_zh"])
        if len(units) > 1:
            yield FieldProblem(
                at,
                "units_mixed",
                _("Numbers of different units (%(units)s) are never added together.")
                % {"units": _(", ").join(sorted(units - {""}))},
            )


def _answers(question: Document) -> set[str] | None:
    if question["kind"] == Question.Kind.YES_NO:
        return {YES, NO}
    if question["kind"] == Question.Kind.CHOICE:
        return {option["code"] for option in question["options"]}
    return None


def _named(at: str, thing: Document, seen: set[str]) -> Iterator[FieldProblem]:
    code = thing["code"]
    if not CODE.fullmatch(code):
        yield FieldProblem(
            f"{at}/code",
            "invalid_code",
            _("Give a code: a small letter, then small letters, digits and _."),
        )
    elif code in seen:
        yield FieldProblem(
            f"{at}/code", "repeated", _("The version has this code already; give another one.")
        )
    seen.add(code)
    if not thing["name_zh"].strip():
        yield FieldProblem(f"{at}/name_zh", "required", _("Give the Chinese wording."))


def _text(at: str, question: Document) -> Iterator[FieldProblem]:
    if not 1 <= question["max_length"] <= MOST_CHARACTERS:
        message = _("Give a number from %(least)s to %(most)s.")
        yield FieldProblem(
            f"{at}/max_length",
            "out_of_range",
            message % {"least": 1, "most": MOST_CHARACTERS},
        )
    elif not 0 <= question["doubt_shorter"] <= question["max_length"]:
        message = _("This cannot be more than the answer may have.")
        yield FieldProblem(f"{at}/doubt_shorter", "out_of_range", message)


def _number(at: str, question: Document) -> Iterator[FieldProblem]:
    if not 0 <= question["decimals"] <= MOST_DECIMALS:
        message = _("Give a number from %(least)s to %(most)s.")
        yield FieldProblem(
            f"{at}/decimals", "out_of_range", message % {"least": 0, "most": MOST_DECIMALS}
        )
    for name in BOUNDS:
        bound = question[name]
        if bound is not None and (abs(bound) >= _LARGEST or bound != round(bound, MOST_DECIMALS)):
            message = _("Give a number with at most 16 digits and 4 decimal places.")
            yield FieldProblem(f"{at}/{name}", "out_of_range", message)
            return
    if _crossed(question["minimum"], question["maximum"]):
        message = _("The largest number is smaller than the smallest one.")
        yield FieldProblem(f"{at}/maximum", "crossed", message)
    elif (
        _crossed(question["doubt_below"], question["doubt_above"])
        or _crossed(question["doubt_below"], question["maximum"])
        or _crossed(question["minimum"], question["doubt_above"])
    ):
        message = _("With these limits every possible number would be doubtful.")
        yield FieldProblem(f"{at}/doubt_above", "crossed", message)
    change = question["doubt_change"]
    if change is not None and not 1 <= change <= MOST_CHANGE:
        message = _("Give a number from %(least)s to %(most)s.")
        yield FieldProblem(
            f"{at}/doubt_change", "out_of_range", message % {"least": 1, "most": MOST_CHANGE}
        )


def _crossed(low: Decimal | None, high: Decimal | None) -> bool:
    return low is not None and high is not None and low > high


def _options(at: str, options: list[dict[str, str]]) -> Iterator[FieldProblem]:
    pointer = f"{at}/options"
    codes = [option["code"] for option in options]
    if len(options) < 2 or len(options) > MOST_OPTIONS:
        message = _("Offer from %(least)s to %(most)s options.")
        yield FieldProblem(pointer, "count", message % {"least": 2, "most": MOST_OPTIONS})
    if any(not CODE.fullmatch(code) for code in codes):
        message = _("Give each option a code: a small letter, then small letters, digits and _.")
        yield FieldProblem(pointer, "invalid_code", message)
    elif len(set(codes)) < len(codes):
        message = _("Two options have the same code.")
        yield FieldProblem(pointer, "repeated", message)
    if any(not option.get("zh", "").strip() for option in options):
        message = _("Give each option its Chinese wording.")
        yield FieldProblem(pointer, "required", message)
