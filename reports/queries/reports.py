"""A report as its readers may see it: content, comments, progress, what changed between versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import (
    CharField,
    Count,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from platform_site.attachments.models import Attachment
from platform_site.audit.models import Entry
from platform_site.casework.models import Duty
from platform_site.problems import NotAllowed
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.checks import HARD, Finding
from platform_site.questionnaires.conditions import asked
from platform_site.questionnaires.models import Answer, Question
from platform_site.questionnaires.table_answers import compared_tables, table_for_reader
from platform_site.questionnaires.values import show
from platform_site.text.compare import segments

from ..deadlines import RESUBMISSION, REVIEW
from ..models import Comment, Report, ReportQuerySet, ReportVersion
from ..workflow import ReportState


def sees_draft(report: Report, user: Any) -> bool:
    """Only the own federation sees what is being written; others see what was last submitted."""
    return report.federation_id in federations_that_draft(user)


def federations_that_draft(user: Any) -> frozenset[int]:
    """The federations whose unsubmitted reports this reader sees."""
    return user.scope.at(*ReportQuerySet.FILERS)


def reads_by_office(report: Report, user: Any) -> bool:
    """By an office at its federation or above it; else the report was only opened to them by name."""
    line = {report.federation_id, report.prefecture_id, report.first_tier_id}
    readers = ReportQuerySet.READERS
    return user.scope.national(*readers) or bool(user.scope.at(*readers) & line)


def check_fills(report: Report, user: Any) -> None:
    """Raises NotAllowed for whoever is not an officer of the report's own federation."""
    if not user.has_perm("reports.fill_report", report):
        raise NotAllowed("not_yours", _("Only the federation itself fills in its report."))


def may_reply(comment: Comment, user: Any) -> bool:
    """Whether this person can reply now: the report is returned, and the own federation's."""
    report = comment.report_version.report
    return report.state == ReportState.RETURNED and user.has_perm("reports.fill_report", report)


def latest_version(report: Report) -> ReportVersion | None:
    return report.versions.order_by("-number").first()


def shows_live(report: Report, user: Any, latest: ReportVersion | None) -> bool:
    """Whether this reader sees the sheet as it is being written, not the last submitted version."""
    filling = latest is None or report.state in (ReportState.DRAFT, ReportState.RETURNED)
    return filling and sees_draft(report, user)


def content_for(report: Report, user: Any) -> Mapping[str, Any]:
    """What this reader sees of the answers; nothing where nothing was submitted yet."""
    latest = latest_version(report)
    if shows_live(report, user, latest):
        return sheets.live_content(report.sheet)
    return latest.content if latest else {"sections": []}


def comments_for(report: Report, user: Any) -> QuerySet[Comment]:
    """The filer, and whoever reads by name, see comments once the report is decided; the federation that
    asked, always.
    """
    comments = Comment.objects.filter(report_version__report=report).select_related(
        "report_version__report"
    )
    outside = sees_draft(report, user) or not reads_by_office(report, user)
    if report.state == ReportState.SUBMITTED and outside:
        # Comments on the version under review are still the reviewer's own notes.
        comments = comments.exclude(report_version=latest_version(report))
    return comments


@dataclass(frozen=True)
class SectionProgress:
    """A line of the task list: the section's state and what is still missing in it."""

    code: str
    name: str
    state: str
    answered: int
    total: int
    findings: tuple[Finding, ...]


def progress_of(
    questions: Iterable[Question], answers: Mapping[str, Answer], findings: Iterable[Finding]
) -> list[SectionProgress]:
    """Sections in order with one of four states: not started, in progress, needs more, done.

    A question that is not asked counts nowhere; a section of such questions alone is done.
    """
    questions = list(questions)
    here_asked = asked(questions, {code: answer.value for code, answer in answers.items()})
    by_section: dict[str, list[Question]] = {}
    names: dict[str, str] = {}
    for question in questions:
        names.setdefault(question.section.code, str(question.section))
        members = by_section.setdefault(question.section.code, [])
        if question.code in here_asked:
            members.append(question)
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.section, []).append(finding)
    progress = []
    for code, members in by_section.items():
        answered = sum(
            1
            for question in members
            if (answer := answers.get(question.code)) and (answer.value is not None or answer.typed)
        )
        here = found.get(code, [])
        wrong = [each for each in here if each.level == HARD and each.code != "required"]
        missing = [each for each in here if each.code == "required"]
        if answered == 0 and missing:
            state = "not_started"
        elif wrong:
            state = "needs_more"
        elif missing:
            state = "in_progress"
        else:
            state = "done" if answered or not missing else "not_started"
        progress.append(
            SectionProgress(code, names[code], state, answered, len(members), tuple(here))
        )
    return progress


def worded(named: Mapping[str, Any]) -> str:
    """The wording that a version kept, in the reader's language."""
    chinese = (get_language() or "zh-hans").startswith("zh")
    return named["zh"] if chinese or not named.get("en") else named["en"]


def unit_of(question: Mapping[str, Any]) -> str:
    chinese = (get_language() or "zh-hans").startswith("zh")
    return question["unit_zh"] if chinese or not question["unit_en"] else question["unit_en"]


def shown_value(question: Mapping[str, Any]) -> str:
    """The value in words, a number with its unit."""
    value = show(question, question["value"])
    unit = unit_of(question) if value and question["kind"] in Question.NUMBERS else ""
    return f"{value} {unit}".strip()


def laid_out(question: Mapping[str, Any]) -> dict[str, Any]:
    """What of a value is more than its words: the table, or the files that can be taken."""
    if question["value"] is None:
        return {}
    if question["kind"] == Question.Kind.TABLE:
        return {"table": table_for_reader(question, question["value"])}
    if question["kind"] == Question.Kind.FILE:
        return {"answer_files": question["value"]}
    return {}


def shown(
    content: Mapping[str, Any],
    *,
    before: Mapping[str, Any] | None = None,
    comments: Iterable[Comment] = (),
    doubts: Iterable[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """The sections of a content with their answers, each with what belongs beside it.

    With ``before``, an earlier content, each answer has the pieces that changed since.
    """
    pinned: dict[str, list[Comment]] = {}
    for comment in comments:
        pinned.setdefault(comment.question, []).append(comment)
    doubted: dict[str, list[str]] = {}
    for doubt in doubts:
        doubted.setdefault(doubt["question"], []).append(doubt["message"])
    asked_before = {
        question["code"]: question
        for section in (before or {}).get("sections", [])
        for question in section["questions"]
    }
    sections = []
    for section in content.get("sections", []):
        answers = []
        for question in section["questions"]:
            code, value = question["code"], shown_value(question)
            answer: dict[str, Any] = {
                "code": code,
                "label": worded(question),
                "kind": question["kind"],
                "value": value,
                **laid_out(question),
                "comments": pinned.get(code, []),
                "doubts": doubted.get(code, []),
            }
            if before is not None:
                former = asked_before.get(code)
                was = shown_value(former) if former else ""
                answer["changed"] = was != value
                answer["old"], answer["new"] = segments(was, value)
                if answer["changed"] and question["kind"] == Question.Kind.TABLE:
                    then = (
                        former["value"] if former and former["kind"] == question["kind"] else None
                    )
                    answer["table"] = compared_tables(question, then, question["value"])
            answers.append(answer)
        sections.append({"code": section["code"], "label": worded(section), "answers": answers})
    return sections


def under_review(report: Report) -> tuple[ReportVersion, ReportVersion | None]:
    """The version under review and the one before it: its own, else the earlier plan's last."""
    mine = Q(report=report)
    if report.supersedes_id:
        mine |= Q(report=report.supersedes_id)
    versions = list(ReportVersion.objects.filter(mine).order_by("-submitted_at", "-number"))
    own = [each for each in versions if each.report_id == report.pk]
    others = [each for each in versions if each.report_id != report.pk]
    former = [*own[1:], *others]
    return own[0], former[0] if former else None


def review_duty(report: Report) -> Duty | None:
    """The open duty to decide on the report."""
    kind = ContentType.objects.get_for_model(Report)
    return Duty.objects.filter(
        done_at=None, subject_type=kind, subject_id=report.pk, rule_code=REVIEW.code
    ).first()


def with_marks(reports: QuerySet[Report]) -> QuerySet[Report]:
    """The number of files, and for a returned report by whom, why and until when, in one query."""
    kind = ContentType.objects.get_for_model(Report)
    files = (
        Attachment.objects.filter(owner_type=kind, owner_id=OuterRef("pk"), removed_at__isnull=True)
        .order_by()
        .values("owner_id")
        .annotate(many=Count("pk"))
        .values("many")
    )
    returned = (
        Entry.objects.filter(
            subject_type=Report._meta.label_lower,
            subject_id=Cast(OuterRef("pk"), CharField()),
            action="reports.report.return",
        )
        .order_by("-at", "-id")
        .values(mark=JSONObject(note="note", name="actor_name", office="actor_office", at="at"))
    )
    duty = Duty.objects.filter(
        subject_type=kind, subject_id=OuterRef("pk"), rule_code=RESUBMISSION.code, done_at=None
    )
    return reports.annotate(
        files=Coalesce(Subquery(files, output_field=IntegerField()), 0),
        returned_mark=Subquery(returned[:1]),
        again_until=Subquery(duty.values("due_on")[:1]),
    )
