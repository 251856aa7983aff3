"""Reading notices and reports across rows: who stands where, what a reader may see, what changed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
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
    TextChoices,
)
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.attachments.models import Attachment
from platform_site.audit.models import Entry
from platform_site.casework.deadlines import rule as rule_of
from platform_site.casework.ladder import falls_on, fill
from platform_site.casework.models import Duty, Ladder, Rung
from platform_site.casework.queries import (
    DueDate,
    look_at,
    on_rungs,
    people_in_post,
    reached_by,
    today,
    work_calendar,
)
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.checks import HARD, Finding
from platform_site.questionnaires.models import Answer, Question
from platform_site.questionnaires.values import show
from platform_site.text.compare import segments

from .deadlines import FILE_REPORT, RESUBMISSION, REVIEW, SIGN_FOR
from .models import Comment, Notice, Report, ReportQuerySet, ReportVersion
from .workflow import NoticeState, ReportState


class Standing(TextChoices):
    """Where one federation stands with one notice, as everybody entitled sees it."""

    WAITING = "waiting", _("not signed for")
    SIGNED_FOR = "signed_for", _("signed for")
    DRAFTING = "drafting", _("drafting")
    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned")
    ACCEPTED = "accepted", _("accepted")
    SETTLED = "settled", _("settled")
    WAIVED = "waived", _("waived")
    CANCELLED = "cancelled", _("cancelled")


def standing_of(obligation: Obligation, report_state: str | None) -> Standing:
    """The obligation's own marks, refined by the state of its report where there is one."""
    state = obligation.state
    if state in (Obligation.State.CANCELLED, Obligation.State.WAIVED, Obligation.State.WAITING):
        return Standing(state)
    if report_state is None:
        return Standing(state if state != Obligation.State.FILED else Standing.SUBMITTED)
    return {
        ReportState.DRAFT: Standing.DRAFTING,
        ReportState.SUBMITTED: Standing.SUBMITTED,
        ReportState.RETURNED: Standing.RETURNED,
        ReportState.ACCEPTED: Standing.ACCEPTED,
    }[ReportState(report_state)]


def may_sign_for(obligation: Obligation, user: Any) -> bool:
    """Whether this person can sign for it now: it waits, and its notice still runs."""
    return (
        obligation.state == Obligation.State.WAITING
        and obligation.round.request.notice.state == NoticeState.ISSUED
        and user.has_perm("obligations.sign_for", obligation)
    )


def obligation_steps(obligation: Obligation, user: Any) -> list[str]:
    """The steps open to this reader, by the names the API gives them."""
    steps = ["sign-for"] if may_sign_for(obligation, user) else []
    running = obligation.round.request.notice.state == NoticeState.ISSUED
    owed = not (obligation.settled_at or obligation.waived_at or obligation.cancelled_at)
    if running and owed:
        if not obligation.filed_at and user.has_perm("obligations.extend", obligation):
            steps.append("extend")
        if user.has_perm("obligations.waive", obligation):
            steps.append("waive")
    return steps


@dataclass(frozen=True)
class RecipientRow:
    """One federation's line on the page of a notice."""

    obligation: Obligation
    report: Report | None
    report_is_open: bool
    standing: Standing
    is_late: bool
    due: DueDate | None

    @property
    def is_open(self) -> bool:
        return self.obligation.filed_at is None and self.standing in (
            Standing.WAITING,
            Standing.SIGNED_FOR,
            Standing.DRAFTING,
        )


def recipient_rows(notice: Notice, user: Any) -> list[RecipientRow]:
    """Every obligation of the notice that the reader may see, in the official order."""
    obligations = list(
        Obligation.objects.visible_to(user)
        .filter(round__request=notice.pk)
        .select_related("federation", "leader", "report")
        .order_by("federation__position", "federation__code")
    )
    readable = set(
        Report.objects.visible_to(user)
        .filter(obligation__round__request=notice.pk)
        .values_list("pk", flat=True)
    )
    now = today()
    rows = []
    for obligation in obligations:
        report = getattr(obligation, "report", None)
        rows.append(
            RecipientRow(
                obligation=obligation,
                report=report,
                report_is_open=report is not None and report.pk in readable,
                standing=standing_of(obligation, report.state if report else None),
                is_late=obligation.is_late(now),
                due=look_at(obligation.due_on, now) if obligation.due_on else None,
            )
        )
    return rows


def standing_at(rows: list[RecipientRow], wanted: str) -> list[RecipientRow]:
    """Those of the rows that stand so, or are late; all where ``wanted`` names no standing."""
    if wanted == "late":
        return [row for row in rows if row.is_late]
    if wanted in Standing.values:
        return [row for row in rows if row.standing == wanted]
    return rows


def follows_all(user: Any) -> bool:
    """Do the recipients' standings concern this reader: national staff and the auditor?"""
    return bool(user.scope.national(Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER, Role.AUDITOR))


def day_of(moment: dt.datetime | None) -> dt.date | None:
    """The day on which it was, by the calendar of the platform."""
    return timezone.localdate(moment) if moment else None


def tally(rows: Iterable[RecipientRow]) -> dict[str, int]:
    """How many federations stand where, late ones counted apart."""
    rows = list(rows)
    counts: dict[str, int] = Counter(str(row.standing) for row in rows)
    counts["late"] = sum(row.is_late for row in rows)
    counts["total"] = len(rows)
    return dict(counts)


def sees_draft(report: Report, user: Any) -> bool:
    """Only the own federation sees what is being written; others see what was last submitted."""
    return report.federation_id in user.scope.at(*ReportQuerySet.FILERS)


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
    """The filer sees comments once the report is decided; the federation that asked, always."""
    comments = Comment.objects.filter(report_version__report=report).select_related(
        "report_version"
    )
    if report.state == ReportState.SUBMITTED and sees_draft(report, user):
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
    """Sections in order with one of four states: not started, in progress, needs more, done."""
    by_section: dict[str, list[Question]] = {}
    for question in questions:
        by_section.setdefault(question.section.code, []).append(question)
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
            SectionProgress(
                code, str(members[0].section), state, answered, len(members), tuple(here)
            )
        )
    return progress


def worded(named: Mapping[str, Any]) -> str:
    """The wording that a version kept, in the reader's language."""
    chinese = (get_language() or "zh-hans").startswith("zh")
    return named["zh"] if chinese or not named.get("en") else named["en"]


def unit_of(question: Mapping[str, Any]) -> str:
    chinese = (get_language() or "zh-hans").startswith("zh")
    return question["unit_zh"] if chinese or not question["unit_en"] else question["unit_en"]


def due_of(obligation: Obligation, on: dt.date | None = None) -> DueDate | None:
    return look_at(obligation.due_on, on) if obligation.due_on else None


def shown_value(question: Mapping[str, Any]) -> str:
    """The value in words, a number with its unit."""
    value = show(question, question["value"])
    unit = unit_of(question) if value and question["kind"] == "number" else ""
    return f"{value} {unit}".strip()


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
    former = {
        question["code"]: shown_value(question)
        for section in (before or {}).get("sections", [])
        for question in section["questions"]
    }
    sections = []
    for section in content.get("sections", []):
        answers = []
        for question in section["questions"]:
            code, value = question["code"], shown_value(question)
            answer = {
                "code": code,
                "label": worded(question),
                "kind": question["kind"],
                "value": value,
                "comments": pinned.get(code, []),
                "doubts": doubted.get(code, []),
            }
            if before is not None:
                was = former.get(code, "")
                answer["changed"] = was != value
                answer["old"], answer["new"] = segments(was, value)
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


def addressees_of(notice: Notice) -> list[Federation]:
    """To whom it goes, in the official order; the same list before and after the issue."""
    addressed = notice.request.addressees.values("federation")
    return list(Federation.objects.filter(pk__in=addressed).order_by("position"))


def late_federations(notice: Notice, on: dt.date | None = None) -> list[Federation]:
    """Who owes the notice something whose day is past: not signed for, not filed, not sent again."""
    late = (
        Duty.objects.open()
        .filter(matter_id=notice.pk, due_on__lt=on or today())
        .filter(rule_code__in=[SIGN_FOR.code, FILE_REPORT.code, RESUBMISSION.code])
    )
    not_filed = Obligation.objects.unsettled().filter(
        round__request=notice.pk, filed_at=None, on_time_until__lt=on or today()
    )
    return list(
        Federation.objects.filter(
            Q(pk__in=late.values("federation")) | Q(pk__in=not_filed.values("federation"))
        ).order_by("position")
    )


@dataclass(frozen=True)
class LateRow:
    """A federation that can be chased, with what it owes and how often it was chased."""

    federation: Federation
    duty: Duty
    due: DueDate | None
    nudges: int


def late_rows(notice: Notice, user: Any) -> list[LateRow]:
    """Who can be chased for this notice: a line for each federation in the official order."""
    if not Obligation.objects.visible_to(user).filter(round__request=notice.pk).exists():
        return []
    now = today()
    late = [federation.pk for federation in late_federations(notice, now)]
    duties = (
        Duty.objects.open()
        .filter(matter_id=notice.pk, federation__in=late)
        .filter(rule_code__in=[SIGN_FOR.code, FILE_REPORT.code, RESUBMISSION.code])
        .select_related("federation")
        .annotate(
            nudges=Count(
                "reminders__nudge", filter=Q(reminders__nudge__isnull=False), distinct=True
            )
        )
        .order_by("federation__position")
    )
    return [
        LateRow(
            federation=duty.federation,
            duty=duty,
            due=look_at(duty.due_on, now) if duty.due_on else None,
            nudges=duty.nudges,
        )
        for duty in duties
    ]


@dataclass(frozen=True)
class Punctuality:
    """One list of a circular: its heading, and the federations with the day that decided."""

    code: str
    label: str
    rows: tuple[RecipientRow, ...]

    @property
    def names(self) -> str:
        return "、".join(row.obligation.federation.short_zh for row in self.rows)


def punctuality(notice: Notice, user: Any) -> list[Punctuality]:
    """On time, late, silent, waived, and those whose time still runs: as a circular (通报) names them."""
    groups: dict[str, list[RecipientRow]] = {
        "on_time": [], "late": [], "silent": [], "running": [], "waived": []
    }  # fmt: skip
    for row in recipient_rows(notice, user):
        owed = row.obligation
        if owed.cancelled_at:
            continue
        if owed.waived_at:
            groups["waived"].append(row)
        elif owed.filed_at or owed.settled_at:
            groups["late" if row.is_late else "on_time"].append(row)
        else:
            groups["silent" if row.is_late else "running"].append(row)
    labels = {
        "on_time": _("On time"),
        "late": _("Late"),
        "silent": _("Not filed and late"),
        "running": _("Time still runs"),
        "waived": _("Waived"),
    }
    return [
        Punctuality(code, str(labels[code]), tuple(rows)) for code, rows in groups.items() if rows
    ]


def own_ladder_of(notice: Notice) -> Ladder | None:
    """The notice's own rules of reminding; None while the default ones hold."""
    return Ladder.objects.filter(matter_id=notice.pk).first()


@dataclass(frozen=True)
class PreviewLine:
    """What one rule says to whom, on which day, at one recipient."""

    day: dt.date | None
    rule: Any
    rung: str
    climbed: bool
    people: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Preview:
    federation: Federation
    lines: tuple[PreviewLine, ...]


def preview(notice: Notice, rules: Iterable[Any], code: str) -> Preview | None:
    """The rules with a real recipient: the federation of this code, else the first addressee."""
    addressees = addressees_of(notice)
    if not addressees:
        return None
    federation = next((each for each in addressees if each.code == code), addressees[0])
    posts = people_in_post([federation.pk, notice.federation.pk], today())
    due_on = notice.round.due_on
    lines = []
    for given in rules:
        rule = rule_of(given.duty_rule)
        owner = notice.federation if rule is REVIEW else federation
        reached, people = reached_by(on_rungs(posts.get(owner.pk, []), rule.permission), given.rung)
        # Only what is filed hangs on the due date of the notice; the other dates come with the act.
        day = (
            falls_on(due_on, given.days, work_calendar())
            if due_on and rule is FILE_REPORT
            else None
        )
        values = {
            "name": people[0].name if people else "",
            "federation": owner.name,
            "what": rule.label,
            "title": notice.title,
            "due_on": date_format(due_on, "DATE_FORMAT") if due_on else "",
            "days_left": _days_left(given.days),
        }
        lines.append(
            PreviewLine(
                day=day,
                rule=given,
                rung=str(Rung(reached).label),
                climbed=reached != given.rung,
                people=tuple(person.name for person in people),
                text=fill(given.text_zh, values),
            )
        )
    return Preview(federation, tuple(lines))


def _days_left(days: int) -> str:
    if days == 0:
        return gettext("due today")
    if days < 0:
        return ngettext("%(n)s working day left", "%(n)s working days left", -days) % {"n": -days}
    return ngettext("late by %(n)s working day", "late by %(n)s working days", days) % {"n": days}
