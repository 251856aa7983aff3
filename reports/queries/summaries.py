"""What the accepted reports of a notice add up to, each figure and sentence with the report it is from.

Everything here is plain data (:class:`Content` is what an edition keeps as JSON), so that a page, a
document and the API show a working copy and a frozen edition in the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from platform_site.casework.queries import today
from platform_site.obligations.models import Obligation, Round
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Figure, FormVersion, Indicator, Question
from platform_site.questionnaires.values import plain
from platform_site.text.words import in_chinese

from ..models import ReportVersion, Summary, SummaryPart
from ..workflow import ReportState
from .adding_up import Total, indicators_of, totals_of
from .exhibits import Exhibit
from .notices import NOTHING_FILED, Standing, standing_of
from .reports import shown_value, worded
from .rounds import form_version_of

#: The shape of :class:`Content` that is frozen now.
SHAPE = 2


#: How paragraphs stand.
PART_ORDER = ("position", "obligation__federation__position", "obligation__federation__code")


class Row(TypedDict):
    """One federation's line of the 调度汇总表. ``figures``: by indicator; what is not there is blank."""

    federation: str
    zh: str
    en: str
    standing: str
    late: bool
    filed_on: str | None
    report: str | None
    version: int | None
    receipt: str
    figures: dict[str, str]


class Part(TypedDict):
    federation: str
    zh: str
    en: str
    text: str
    report: str
    version: int
    receipt: str
    edited_by: str


class LeftOut(TypedDict):
    """An accepted report that does not go into the summary, and why."""

    federation: str
    zh: str
    en: str
    reason: str
    report: str
    version: int
    receipt: str


class Content(TypedDict):
    """``shape`` 2; editions frozen before have none, nor what came with it."""

    shape: NotRequired[int]
    left_out: NotRequired[list[LeftOut]]
    exhibits: NotRequired[list[Exhibit]]
    title: str
    remark: str
    notice: dict[str, Any]
    as_of: str
    counts: dict[str, int]
    totals: list[Total]
    rows: list[Row]
    parts: list[Part]


def obligations_to_sum(round: Round) -> list[Obligation]:
    """What this round of a notice asked of its recipients, in the official order."""
    return list(
        Obligation.objects.filter(round=round, parent=None)
        .select_related("federation", "report__sheet")
        .order_by("federation__position", "federation__code")
    )


def is_asked(owed: Obligation) -> bool:
    """Neither let off nor cancelled with a notice that was withdrawn: only what is asked adds up."""
    return not (owed.waived_at or owed.cancelled_at)


def accepted_versions(obligations: Iterable[Obligation]) -> dict[UUID, ReportVersion]:
    """By obligation: the version of its report that was accepted (the last one submitted)."""
    accepted = {
        each.report.pk: each.pk
        for each in obligations
        if hasattr(each, "report") and each.report.state == ReportState.ACCEPTED and is_asked(each)
    }
    newest = (
        ReportVersion.objects.filter(report__in=accepted)
        .values("report")
        .annotate(newest=Max("number"))
        .values_list("report", "newest")
    )
    numbers = dict(newest)
    versions = ReportVersion.objects.filter(report__in=accepted).select_related("report")
    return {
        accepted[version.report_id]: version
        for version in versions
        if numbers[version.report_id] == version.number
    }


def text_questions(version: FormVersion | None) -> list[Question]:
    """The questions a paragraph can be drawn from."""
    if version is None:
        return []
    questions = sheets.questions_of(version)
    return [each for each in questions if each.kind == Question.Kind.TEXT]


def usual_questions(version: FormVersion | None) -> list[str]:
    """The question that expects the longest answer is the heart of a report."""
    questions = text_questions(version)
    if not questions:
        return []
    return [max(questions, key=lambda each: (each.required, each.doubt_shorter)).code]


def drawn(version: ReportVersion, questions: Iterable[str]) -> str:
    """The paragraph as it is drawn from a version: the answers to these questions, a line each."""
    if version.nothing_to_report:
        return version.nothing_reason
    wanted = set(questions)
    answers = [
        shown_value(question)
        for section in version.content.get("sections", [])
        for question in section["questions"]
        if question["code"] in wanted
    ]
    return "\n".join(answer.strip() for answer in answers if answer.strip())


def source_answers(version: ReportVersion) -> list[dict[str, Any]]:
    """What was filed, to stand beside the paragraph: text answers first, each with its wording."""
    questions = [
        question
        for section in version.content.get("sections", [])
        for question in section["questions"]
    ]
    questions.sort(key=lambda question: question["kind"] != Question.Kind.TEXT)
    return [{"label": worded(each), "value": shown_value(each)} for each in questions]


# --- The whole --------------------------------------------------------------------------------------


def summary_content(summary: Summary) -> Content:
    """The working copy as it stands now: a fixed number of queries, however many federations."""
    notice, round = summary.notice, summary.round
    owed = obligations_to_sum(round)
    versions = accepted_versions(owed)
    indicators = indicators_of(form_version_of(notice, round))
    parts = _parts_in_order(summary)
    left_out = {each.obligation_id for each in parts if each.left_out}
    by_sheet = {
        each.report.sheet_id: each.federation.code
        for each in owed
        if each.pk in versions and each.pk not in left_out
    }
    figures: dict[str, dict[str, Decimal]] = {}
    rows = Figure.objects.filter(sheet__in=by_sheet).values_list(
        "indicator__code", "sheet_id", "number"
    )
    for indicator, sheet, number in rows:
        figures.setdefault(indicator, {})[by_sheet[sheet]] = number
    asked = [each.federation.code for each in owed if is_asked(each) and each.pk not in left_out]
    filed_at = {each.federation.code: each.filed_at for each in owed}
    return Content(
        shape=SHAPE,
        title=summary.title,
        remark=summary.remark,
        notice={
            "id": str(notice.pk),
            "title": notice.title,
            "number": notice.number,
            "asks": notice.asks,
            "issued_on": timezone.localdate(notice.issued_at).isoformat()
            if notice.issued_at and not notice.month_year
            else None,
            "due_on": round.due_on.isoformat() if round.due_on else None,
            "period": round.period,
        },
        as_of=timezone.now().isoformat(timespec="seconds"),
        counts=_counts(owed),
        totals=totals_of(indicators, figures, asked, filed_at),
        rows=[_row(each, versions.get(each.pk), figures) for each in owed],
        parts=[_part(each) for each in parts if not each.left_out],
        left_out=[_left_out(each) for each in parts if each.left_out],
        exhibits=summary.exhibits,
    )


#: Owed are those that are accepted, those filed and not accepted, and those that have not filed.
COUNTS = ("recipients", "owed", "filed", "late", "accepted", "not_filed", "waived", "cancelled")


def _counts(owed: list[Obligation]) -> dict[str, int]:
    now = today()
    counts: Counter[str] = Counter()
    for each in owed:
        counts["recipients"] += 1
        if not is_asked(each):
            counts["waived" if each.waived_at else "cancelled"] += 1
            continue
        filed = each.filed_at or each.settled_at
        counts["owed"] += 1
        counts["filed"] += bool(filed)
        counts["late"] += bool(filed) and each.is_late(now)
        counts["accepted"] += each.settled_at is not None
        counts["not_filed"] += not filed
    return {name: counts[name] for name in COUNTS}


def _row(
    owed: Obligation, version: ReportVersion | None, figures: dict[str, dict[str, Decimal]]
) -> Row:
    code = owed.federation.code
    report = getattr(owed, "report", None)
    return Row(
        federation=code,
        zh=owed.federation.short_zh,
        en=owed.federation.short_en,
        standing=str(standing_of(owed, report.state if report else None)),
        late=owed.is_late(today()),
        filed_on=timezone.localdate(owed.filed_at).isoformat() if owed.filed_at else None,
        report=str(version.report_id) if version else None,
        version=version.number if version else None,
        receipt=version.receipt_number if version else "",
        figures={
            indicator: plain(given[code]) for indicator, given in figures.items() if code in given
        },
    )


def _parts_in_order(summary: Summary) -> list[SummaryPart]:
    """Every paragraph, those left out too: by the place it was given, then in the official order."""
    return list(
        SummaryPart.objects.filter(summary=summary)
        .select_related("obligation__federation", "source", "edited_by")
        .order_by(*PART_ORDER)
    )


def _part(each: SummaryPart) -> Part:
    return Part(
        federation=each.obligation.federation.code,
        zh=each.obligation.federation.short_zh,
        en=each.obligation.federation.short_en,
        text=each.text,
        report=str(each.source.report_id),
        version=each.source.number,
        receipt=each.source.receipt_number,
        edited_by=each.edited_by.name if each.edited_by else "",
    )


def _left_out(each: SummaryPart) -> LeftOut:
    return LeftOut(
        federation=each.obligation.federation.code,
        zh=each.obligation.federation.short_zh,
        en=each.obligation.federation.short_en,
        reason=each.left_out,
        report=str(each.source.report_id),
        version=each.source.number,
        receipt=each.source.receipt_number,
    )


def left_out(content: Content) -> list[LeftOut]:
    """Who is left out by name; editions frozen before shape 2 left out nobody."""
    return content.get("left_out", [])


def not_filed(content: Content) -> list[Row]:
    """Those that never submitted, in the official order; a recalled report was submitted."""
    return [
        row
        for row in content["rows"]
        if row["standing"] in NOTHING_FILED and row["filed_on"] is None
    ]


def not_accepted(content: Content) -> list[Row]:
    """Filed, and not accepted: under review, returned or recalled. Their figures do not count."""
    return [
        row
        for row in content["rows"]
        if row["filed_on"] is not None
        and row["standing"] in (Standing.SUBMITTED, Standing.RETURNED, Standing.DRAFTING)
    ]


def to_draw(content: Content) -> list[str]:
    """Codes of the federations whose accepted version has no paragraph in this content.

    Asked of the content that is shown or frozen, so that figures and paragraphs tell one story even if
    a report is accepted in the meantime.
    """
    drawn_from = {
        part["federation"]: (part["report"], part["version"])
        for part in [*content["parts"], *left_out(content)]
    }
    return [
        row["federation"]
        for row in content["rows"]
        if row["version"] is not None
        and drawn_from.get(row["federation"]) != (row["report"], row["version"])
    ]


# --- For people -------------------------------------------------------------------------------------


def name_of(row: Any) -> str:
    """A federation or an indicator in the reader's language."""
    return str(row["zh"] if in_chinese() or not row["en"] else row["en"])


def named(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [{**row, "name": name_of(row)} for row in rows]


def grouped(number: str) -> str:
    """Thousands apart, as people read them: 12,345.5."""
    return f"{Decimal(number):,}"


def waived(content: Content) -> list[Row]:
    return [row for row in content["rows"] if row["standing"] == Standing.WAIVED]


def shown_totals(content: Content) -> list[dict[str, Any]]:
    """Each total with its words: the rule, who is missing, and every figure with its report."""
    rows = {row["federation"]: row for row in content["rows"]}
    found = []
    for total in content["totals"]:
        figures = [
            {**row, "name": name_of(row), "figure": grouped(row["figures"][total["indicator"]])}
            for row in content["rows"]
            if total["indicator"] in row["figures"]
        ]
        found.append(
            {
                **total,
                "label": name_of(total),
                "unit": total["unit_zh" if in_chinese() else "unit_en"],
                "rule_label": Indicator.AddsUp(total["rule"]).label,
                "value": grouped(total["value"]) if total["value"] is not None else None,
                "missing_names": [name_of(rows[code]) for code in total["missing"]],
                "latest_name": name_of(rows[total["latest"]]) if "latest" in total else "",
                "figures": figures,
            }
        )
    return found
