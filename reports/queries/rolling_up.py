"""What the lower tier of a report adds up to, and where the figures that were taken over are from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language

from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Answer, Indicator, Question
from platform_site.questionnaires.values import plain

from ..models import GatheredFigure, Report, ReportVersion, TakenFigure
from ..workflow import ReportState
from .adding_up import totals_of
from .cascade import COUNTED, children_of, newest_versions
from .reports import unit_of, worded
from .summaries import is_asked


@dataclass(frozen=True)
class Source:
    """One number that went in, with the report's version that it is from, or as it was gathered."""

    #: Neither where the number was gathered: there is no report of its federation then.
    report: UUID | None
    version: int | None
    federation: Federation
    number: Decimal
    is_accepted: bool

    @property
    def shown(self) -> str:
        return plain(self.number)

    def kept(self) -> dict[str, Any]:
        return {
            "federation": self.federation.code,
            "zh": self.federation.short_zh,
            "en": self.federation.short_en,
            "version": self.version,
            "number": plain(self.number),
        }


@dataclass(frozen=True)
class RollUpLine:
    """What the lower tier reported for one question, added up by the rule of its indicator.

    ``value`` is None where the rule gives none or nobody reported; blank is not zero.
    """

    question: Question
    rule: str
    value: Decimal | None
    sources: tuple[Source, ...]
    asked: int
    missing: tuple[Federation, ...]
    answer: Decimal | None
    taken: TakenFigure | None

    @property
    def rule_label(self) -> str:
        return str(Indicator.AddsUp(self.rule).label)

    @property
    def shown(self) -> str:
        return "" if self.value is None else plain(self.value)

    @property
    def shown_answer(self) -> str:
        return "" if self.answer is None else plain(self.answer)

    @property
    def reported(self) -> int:
        return len(self.sources)

    @property
    def pending(self) -> int:
        """How many of the numbers are not accepted yet."""
        return sum(bool(source.report) and not source.is_accepted for source in self.sources)

    @property
    def is_taken(self) -> bool:
        """The answer is the number that was taken over."""
        return self.taken is not None and self.answer == self.taken.number

    @property
    def has_moved_on(self) -> bool:
        """The lower tier now reports something else than what was taken over."""
        if self.taken is None:
            return False
        was = {each["federation"]: Decimal(each["number"]) for each in self.taken.sources}
        now = {each.federation.code: each.number for each in self.sources}
        return was != now or self.value != self.taken.number

    @property
    def may_take(self) -> bool:
        return self.value is not None and not (self.is_taken and not self.has_moved_on)


@dataclass(frozen=True)
class RollUp:
    """All figures of a form, with the reports that were counted and those that are not there."""

    lines: tuple[RollUpLine, ...]
    asked: int
    counted: int
    missing: tuple[Federation, ...]

    def by_code(self) -> dict[str, RollUpLine]:
        return {line.question.code: line for line in self.lines}


def roll_up(
    report: Report,
    user: Any,
    *,
    questions: list[Question] | None = None,
    answers: Mapping[str, Answer] | None = None,
) -> RollUp | None:
    """What the reports from below add up to, for each question with an indicator; None where nothing was
    passed down. Four queries, however many there are.

    Counted is the version submitted last of every report that was handed in, accepted or not yet; one that
    was returned or recalled is being changed and counts as missing, and so does “nothing to report”. Of who
    handed in nothing, the numbers that were gathered count.
    """
    asked = [each for each in children_of(report.obligation, user) if is_asked(each)]
    if not asked:
        return None
    if questions is None:
        questions = sheets.questions_of(report.sheet.form_version)
    if answers is None:
        answers = sheets.answers_of(report.sheet)
    counted = {
        each.report.pk: each
        for each in asked
        if hasattr(each, "report") and each.report.state in COUNTED
    }
    versions = newest_versions(counted)
    taken = {each.question: each for each in report.taken_figures.all()}
    numbers = {each.pk: sheets.answers_in(each.content) for each in versions}
    gathered = _gathered(report, [each for each in asked if each not in counted.values()])
    lines = []
    for question in questions:
        if question.indicator is None:
            continue
        sources = [
            Source(
                report=each.report_id,
                version=each.number,
                federation=counted[each.report_id].federation,
                number=Decimal(str(numbers[each.pk][question.code])),
                is_accepted=counted[each.report_id].report.state == ReportState.ACCEPTED,
            )
            for each in versions
            if numbers[each.pk].get(question.code) is not None
        ]
        sources += [
            Source(None, None, each.federation, each.number, is_accepted=False)
            for each in gathered
            if each.question == question.code
        ]
        sources.sort(key=lambda each: (each.federation.position, each.federation.code))
        answer = answers.get(question.code)
        lines.append(
            RollUpLine(
                question=question,
                rule=question.indicator.adds_up,
                value=_total(question, sources, _moments(versions, counted, gathered)),
                sources=tuple(sources),
                asked=len(asked),
                missing=_without(asked, {each.federation.pk for each in sources}),
                answer=None if answer is None or answer.value is None else Decimal(answer.value),
                taken=taken.get(question.code),
            )
        )
    there = {counted[each.report_id].federation_id for each in versions}
    there |= {each.federation_id for each in gathered}
    return RollUp(tuple(lines), len(asked), len(there), _without(asked, there))


def _without(asked: list[Obligation], there: set[int]) -> tuple[Federation, ...]:
    return tuple(each.federation for each in asked if each.federation_id not in there)


def _gathered(report: Report, silent: list[Obligation]) -> list[GatheredFigure]:
    """The gathered numbers of those who handed in nothing themselves."""
    federations = [each.federation_id for each in silent]
    rows = report.gathered_figures.filter(federation__in=federations)
    return list(rows.select_related("federation"))


def _moments(
    versions: list[ReportVersion], counted: dict[Any, Obligation], gathered: list[GatheredFigure]
) -> dict[str, dt.datetime]:
    """When each federation's numbers came, by its code."""
    moments = {each.federation.code: each.at for each in gathered}
    return moments | {
        counted[each.report_id].federation.code: each.submitted_at for each in versions
    }


def _total(
    question: Question, sources: list[Source], moments: dict[str, dt.datetime]
) -> Decimal | None:
    """By the same rules as the national summary, to as many places as the question takes; halves up."""
    indicator = question.indicator
    if indicator is None:
        return None
    [total] = totals_of(
        [indicator],
        {indicator.code: {each.federation.code: each.number for each in sources}}
        if sources
        else {},
        [],
        moments,
    )
    if total["value"] is None:
        return None
    return Decimal(total["value"]).quantize(Decimal(1).scaleb(-question.decimals), ROUND_HALF_UP)


# --- Where a figure is from -------------------------------------------------------------------------
def kept_sources(report: Report) -> list[dict[str, Any]]:
    """What a submitted version keeps of the figures that were taken over: names and numbers, no more."""
    rows = list(report.taken_figures.all())
    answers = sheets.answers_of(report.sheet) if rows else {}
    kept = []
    for taken in rows:
        answer = answers.get(taken.question)
        if answer is None or answer.value is None:
            continue
        kept.append(
            {
                "question": taken.question,
                "rule": taken.rule,
                "number": plain(taken.number),
                "changed": Decimal(answer.value) != taken.number,
                "asked": taken.asked,
                "at": taken.at.isoformat(),
                "by": taken.by_name,
                "from": taken.sources,
            }
        )
    return kept


@dataclass(frozen=True)
class TraceSource:
    """``report`` only for a reader who may open it: those above the federation, not the centre."""

    federation: str
    name: str
    number: str
    #: None where the number was gathered, not filed.
    version: int | None
    report: UUID | None


@dataclass(frozen=True)
class TraceLine:
    """One figure and what it was added up from; ``changed``: it was changed by hand afterwards."""

    code: str
    label: str
    unit: str
    answer: str
    number: str
    rule: str
    changed: bool
    asked: int
    by: str
    at: dt.datetime | None
    sources: tuple[TraceSource, ...]

    @property
    def rule_label(self) -> str:
        return str(Indicator.AddsUp(self.rule).label)


def trace_of(
    report: Report, user: Any, content: Mapping[str, Any], *, live: bool = False
) -> list[TraceLine]:
    """每个数字的来源: of the version with this content; ``live``: of the sheet as it is being written."""
    entries = kept_sources(report) if live else content.get("sources", [])
    if not entries:
        return []
    readable = dict(
        Report.objects.visible_to(user)
        .filter(obligation__parent=report.obligation_id)
        .values_list("federation__code", "pk")
    )
    chinese = (get_language() or "zh-hans").startswith("zh")
    asked = {
        question["code"]: question
        for section in content.get("sections", [])
        for question in section["questions"]
    }
    return [
        TraceLine(
            code=entry["question"],
            label=worded(asked[entry["question"]]),
            unit=unit_of(asked[entry["question"]]),
            answer=asked[entry["question"]]["value"] or "",
            number=entry["number"],
            rule=entry["rule"],
            changed=entry["changed"],
            asked=entry["asked"],
            by=entry["by"],
            at=parse_datetime(entry["at"]),
            sources=tuple(
                TraceSource(
                    federation=each["federation"],
                    name=each["zh"] if chinese or not each["en"] else each["en"],
                    number=each["number"],
                    version=each["version"],
                    report=readable.get(each["federation"]) if each["version"] else None,
                )
                for each in entry["from"]
            ),
        )
        for entry in entries
        if entry["question"] in asked
    ]
