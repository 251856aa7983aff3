"""Filling, signing off, submitting, recalling, commenting, returning and accepting a report."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.accounts.queries import holders_of
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import freeze
from platform_site.audit import services as audit
from platform_site.casework import services as duties
from platform_site.casework.workflow import check_version, lock
from platform_site.notifications.services import notify
from platform_site.obligations import services as obligations
from platform_site.obligations.models import Obligation
from platform_site.obligations.periods import start_of
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Stale, StepNotOpen
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires import services as questionnaires
from platform_site.questionnaires.checks import HARD, Finding
from platform_site.questionnaires.services import Conflict
from platform_site.webhooks.services import emit

from ..deadlines import FILE_REPORT, RESUBMISSION, REVIEW
from ..models import Asks, Comment, Notice, Report, ReportVersion
from ..queries import check_fills, form_asked_of, kept_sources
from ..queries.figures import days_of
from ..workflow import REPORT, ReportState
from .answer_files import files_to_name, take_off
from .notices import _check_running, duty_title

OPEN_TO_FILLING = {ReportState.DRAFT, ReportState.RETURNED}


@dataclass(frozen=True)
class SavedReport:
    """A report after a saving, with what stands beside its fields."""

    report: Report
    codes: tuple[str, ...]
    problems: tuple[FieldProblem, ...]
    conflicts: tuple[Conflict, ...]
    sign_off_cleared: bool


@transaction.atomic
def start_report(
    obligation: Obligation,
    *,
    by: User,
    answers: Mapping[str, Any] | None = None,
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> Report:
    """Open the report that the obligation asks for; opened before, it is returned as it is.

    The federation signs for the notice first.
    """
    at = at or timezone.now()
    owed = lock(obligation)
    if not by.has_perm("reports.fill_report", owed):
        raise NotAllowed("not_yours", _("Only the federation itself fills in its report."))
    if existing := Report.objects.with_context().filter(obligation=owed).first():
        return existing
    notice = Notice.objects.with_request().get(pk=owed.round.request_id)
    _check_running(notice)
    form_version = form_asked_of(owed)
    if form_version is None:
        raise StepNotOpen("nothing_asked", _("This notice asks for nothing but signing for it."))
    if owed.signed_for_at is None:
        raise StepNotOpen("not_signed_for", _("Sign for the notice first."))
    opens_on = owed.round.opens_on
    if opens_on is not None and timezone.localtime(at).date() < opens_on:
        raise StepNotOpen(
            "not_open_yet",
            _("This round opens on %(day)s.") % {"day": date_format(opens_on, "DATE_FORMAT")},
        )
    if owed.cancelled_at or owed.waived_at:
        raise StepNotOpen(
            "not_owed", _("This obligation is “%(state)s”.") % {"state": owed.get_state_display()}
        )
    report_id = id or uuid.uuid4()
    if Report.objects.filter(pk=report_id).exists():
        raise Invalid(
            "id_taken",
            _("This id belongs to another report."),
            fields=[FieldProblem("/id", "taken", _("This id belongs to another report."))],
        )
    report = Report.objects.create(
        id=report_id,
        obligation=owed,
        federation=owed.federation,
        sheet=questionnaires.open_sheet(
            form_version,
            federation=owed.federation,
            period=owed.round.period,
            period_start=start_of(owed.round.period)
            or owed.round.opens_on
            or timezone.localtime(owed.issued_at).date(),
        ),
        kind=notice.asks,
        supersedes=_earlier(owed, notice.asks),
        started_by=by,
        started_at=at,
        prepared_by=by,
    )
    audit.record(
        "reports.report.start",
        report,
        by=by,
        at=at,
        to_state=report.state,
        federation=report.federation,
    )
    if answers:
        return save_report(
            report, by=by, version=report.version, answers=answers, strict=True, at=at
        ).report
    return report


def _earlier(obligation: Obligation, kind: str) -> Report | None:
    """The plan that this one supplements: the federation's newest accepted one of the same kind."""
    if kind != Asks.PILOT_PLAN:
        return None
    return (
        Report.objects.filter(
            federation=obligation.federation_id, kind=kind, state=ReportState.ACCEPTED
        )
        .order_by("-accepted_at")
        .first()
    )


@transaction.atomic
def save_report(
    report: Report,
    *,
    by: User,
    version: int,
    answers: Mapping[str, Any] | None = None,
    nothing_to_report: bool | None = None,
    nothing_reason: str | None = None,
    explanation: str | None = None,
    looked_at: Iterable[str] = (),
    strict: bool = False,
    at: dt.datetime | None = None,
) -> SavedReport:
    """Save answers into a draft or a returned report; different questions of two people merge.

    ``version`` is the one the caller last read. With ``strict`` (REST) an older one is refused (412),
    naming the answers changed since. Without (pages), an answer that somebody else changed meanwhile
    is not overwritten but returned as a conflict, for the person to choose.

    Whoever changes an answer takes the sign-off away: a leader signs what is there. ``looked_at``: codes of
    answers that were seen as they stand; what was taken from the last period is not marked any more.
    """
    at = at or timezone.now()
    fresh = open_to_filling(lock(report), by=by)
    if strict and fresh.version != version:
        raise Stale(
            "stale",
            _("Somebody changed this since you opened it. Look at it again before you go on."),
            version=fresh.version,
            changed=[
                {
                    "pointer": f"/answers/{code}",
                    "value": answer.value,
                    "by": answer.changed_by.name,
                    "at": answer.changed_at.isoformat(),
                }
                for code, answer in sheets.answers_of(fresh.sheet).items()
                if answer.version > version
            ],
        )
    files = sheets.files_asked(fresh.sheet.form_version, answers) if answers else set()
    before = sheets.answers_of(fresh.sheet) if files else {}
    saved = questionnaires.save_answers(
        fresh.sheet,
        answers or {},
        by=by,
        version=fresh.version + 1,
        base=version,
        strict=strict,
        at=at,
        files=files_to_name(fresh) if files else None,
    )
    take_off(fresh, before, files & set(saved.codes), by=by, at=at)
    changed = [*saved.codes]
    for name, value in (
        ("nothing_to_report", nothing_to_report),
        ("nothing_reason", nothing_reason),
        ("explanation", explanation),
    ):
        if value is not None and getattr(fresh, name) != value:
            setattr(fresh, name, value)
            changed.append(name)
    cleared = bool(changed) and changed != ["explanation"] and _clear_sign_off(fresh)
    seen = {*changed, *looked_at}
    left = [code for code in fresh.brought_forward if code not in seen]
    if left != fresh.brought_forward:
        fresh.brought_forward = left
        fresh.save(update_fields=["brought_forward"])
    if changed:
        fresh.prepared_by = by
        fresh.version += 1
        fresh.save()
    return SavedReport(fresh, saved.codes, saved.problems, saved.conflicts, cleared)


def open_to_filling(report: Report, *, by: User) -> Report:
    """The report itself; refused where this person does not fill it in, or nobody does any more."""
    check_fills(report, by)
    if report.state not in OPEN_TO_FILLING:
        raise StepNotOpen(
            "not_open_to_filling",
            _("The report is “%(state)s” and cannot be changed.")
            % {"state": report.get_state_display()},
        )
    return report


def _clear_sign_off(report: Report) -> bool:
    """Take the sign-off away; returns whether there was one."""
    had = report.is_signed_off
    report.signed_off_by = report.signed_off_holding = report.signed_off_on = None
    report.signed_off_scan = None
    report.signed_off_name = report.signed_off_title = ""
    return had


def may_sign_off(report: Report, user: User) -> bool:
    """Whether this person can record the sign-off now."""
    if report.state not in OPEN_TO_FILLING:
        return False
    if user.has_perm("reports.sign_off_report", report):
        return True
    return not settings.LEADER_SIGN_OFF_COMPULSORY and user.has_perm("reports.fill_report", report)


@transaction.atomic
def sign_off_report(
    report: Report,
    *,
    by: User,
    version: int,
    name: str = "",
    title: str = "",
    on: dt.date | None = None,
    scan: Attachment | None = None,
    at: dt.datetime | None = None,
) -> Report:
    """Record which leader signed the report off, and when: a fact, not a state.

    The leader's own account signs by itself; else the preparer enters it, with the scan of the
    signed paper where there is one. LEADER_SIGN_OFF_COMPULSORY makes the former the only way.
    """
    at = at or timezone.now()
    fresh = lock(report)
    is_leader = by.has_perm("reports.sign_off_report", fresh)
    if not is_leader and not by.has_perm("reports.fill_report", fresh):
        raise NotAllowed("not_yours", _("Only the federation itself signs off its report."))
    if fresh.state not in OPEN_TO_FILLING:
        raise StepNotOpen(
            "not_open_to_filling",
            _("The report is “%(state)s” and cannot be changed.")
            % {"state": fresh.get_state_display()},
        )
    check_version(fresh, version)
    if is_leader:
        name, on = by.name, timezone.localtime(at).date()
    elif settings.LEADER_SIGN_OFF_COMPULSORY:
        raise NotAllowed(
            "leader_signs_off", _("Here a leader signs off with an account of their own.")
        )
    problems = []
    if not name.strip():
        problems.append(FieldProblem("/name", "required", _("Name the leader who signed off.")))
    if on is None:
        problems.append(FieldProblem("/on", "required", _("Give the day of the sign-off.")))
    elif on > timezone.localtime(at).date():
        problems.append(FieldProblem("/on", "in_the_future", _("The sign-off cannot lie ahead.")))
    elif on.year < 2000:
        problems.append(FieldProblem("/on", "out_of_range", _("Look at the year again.")))
    if problems or on is None:
        raise Invalid("sign_off_incomplete", _("The sign-off is not complete."), fields=problems)
    holding = fresh.obligation.leader
    fresh.signed_off_by = by if is_leader else None
    fresh.signed_off_holding = holding if holding and holding.name == name.strip() else None
    fresh.signed_off_name, fresh.signed_off_title = name.strip(), title.strip()
    fresh.signed_off_on = on
    # One that is there already is of these very answers: whoever changes one takes it away.
    fresh.signed_off_scan = scan or fresh.signed_off_scan
    fresh.version += 1
    fresh.save()
    audit.record(
        "reports.report.sign_off",
        fresh,
        by=by,
        at=at,
        federation=fresh.federation,
        facts={"on": on.isoformat(), "by_own_account": is_leader},
    )
    return fresh


def submission_problems(
    report: Report, findings: list[Finding]
) -> tuple[list[FieldProblem], list[Finding]]:
    """What blocks the submission, all at once, and the doubts that want an explanation."""
    blocking: list[FieldProblem] = []
    doubts: list[Finding] = []
    if report.nothing_to_report:
        if not report.nothing_reason.strip():
            blocking.append(
                FieldProblem(
                    "/nothing_reason", "required", _("Say why there is nothing to report.")
                )
            )
    else:
        blocking += [
            FieldProblem(f"/answers/{found.question}", found.code, found.message)
            for found in findings
            if found.level == HARD
        ]
        doubts = [found for found in findings if found.level != HARD]
    if doubts and not report.explanation.strip():
        blocking += [
            FieldProblem(f"/answers/{found.question}", found.code, found.message)
            for found in doubts
        ]
        blocking.append(
            FieldProblem(
                "/explanation",
                "required",
                _("Some answers are doubtful: explain them, or change them."),
            )
        )
    if not report.is_signed_off:
        blocking.append(
            FieldProblem("/sign_off", "required", _("Record which leader signed the report off."))
        )
    waiting = unanswered_comments(report)
    blocking += [
        FieldProblem(
            f"/comments/{comment.pk}",
            "reply_missing",
            _("Reply to the comment “%(comment)s”.") % {"comment": comment.text[:40]},
        )
        for comment in waiting
    ]
    return blocking, doubts


def unanswered_comments(report: Report) -> list[Comment]:
    """Comments of a return that still have no reply."""
    if report.state != ReportState.RETURNED:
        return []
    return list(Comment.objects.filter(report_version__report=report, reply=""))


@transaction.atomic
def submit_report(
    report: Report,
    *,
    by: User,
    version: int,
    explanation: str | None = None,
    note: str = "",
    at: dt.datetime | None = None,
) -> Report:
    """Submit: everything missing or doubtful is said at once; what goes through is kept whole.

    Hard findings block; doubts are overridden only by an explanation, which the reviewer sees first.
    """
    at = at or timezone.now()
    fresh = lock(report)
    if explanation is not None:
        fresh.explanation = explanation.strip()
    if refused := REPORT.refusal(fresh, "submit", by):
        raise refused
    _check_running(fresh.notice)
    check_version(fresh, version)
    on = timezone.localtime(at).date()
    if fresh.obligation.waived_at:
        raise StepNotOpen("waived", _("This report was waived; nothing needs to be filed."))
    if fresh.obligation.cancelled_at:
        raise StepNotOpen("cancelled", _("This report is not owed any more."))
    if fresh.obligation.is_locked(on):
        raise StepNotOpen("locked", _("This round is locked; ask the federation that asked."))
    blocking, doubts = submission_problems(fresh, sheets.findings_of(fresh.sheet))
    if blocking:
        raise Invalid(
            "not_ready",
            _("The report cannot be submitted yet."),
            fields=blocking,
        )
    # The marks and the snapshot are written before the state changes: a constraint ties them.
    fresh.submitted_at = fresh.submitted_at or at
    fresh.submitted_by = by
    fresh.looked_at_at = None
    fresh.save(update_fields=["submitted_at", "submitted_by", "looked_at_at", "explanation"])
    kept = _keep_version(fresh, doubts, by=by, at=at)
    fresh = REPORT.take(
        fresh, "submit", by=by, version=version, note=note, at=at, facts={"version": kept.number}
    )
    emit("report.submitted", fresh, at=at)
    owed = obligations.mark_filed(fresh.obligation, at=at)
    duties.meet(owed, FILE_REPORT, by=by, at=at)
    duties.meet(fresh, RESUBMISSION, by=by, at=at)
    notice = fresh.notice
    duties.start(
        fresh,
        REVIEW,
        by=by,
        federation=fresh.asking_federation,
        title=f"{fresh.federation.short_zh} · {duty_title(notice, fresh.period)}",
        barred=by,
        matter=notice.pk,
        at=at,
    )
    notify(
        holders_of("reports.review_report", fresh.asking_federation),
        "reports/report_submitted",
        subject=fresh,
        context={"report": fresh, "notice": notice, "kept": kept, "by": by},
        reason=fresh.explanation,
        key=f"submitted:{kept.pk}",
        at=at,
    )
    return fresh


def _keep_version(
    report: Report, doubts: list[Finding], *, by: User, at: dt.datetime
) -> ReportVersion:
    attachments = list(Attachment.objects.of(report).order_by("created_at"))
    if report.signed_off_scan and report.signed_off_scan not in attachments:
        attachments.append(report.signed_off_scan)
    content = sheets.live_content(report.sheet)
    content["form"] = report.sheet.form_version.form.code
    content["form_version"] = report.sheet.form_version.number
    content["attachments"] = [
        {"id": str(file.pk), "filename": file.filename, "size": file.size, "sha256": file.sha256}
        for file in attachments
    ]
    if sources := kept_sources(report):
        content["sources"] = sources
    freeze(attachments)
    return ReportVersion.objects.create(
        report=report,
        number=report.versions.count() + 1,
        content=content,
        nothing_to_report=report.nothing_to_report,
        nothing_reason=report.nothing_reason,
        explanation=report.explanation,
        doubts=[found.as_json() for found in doubts],
        prepared_by_name=report.prepared_by.name,
        submitted_by=by,
        submitted_by_name=by.name,
        signed_off_name=report.signed_off_name,
        signed_off_title=report.signed_off_title,
        signed_off_on=report.signed_off_on,
        submitted_at=at,
    )


@transaction.atomic
def recall_report(
    report: Report, *, by: User, version: int, note: str = "", at: dt.datetime | None = None
) -> Report:
    """Take a submission back to change it, as long as no reviewer has acted. The version is kept."""
    at = at or timezone.now()
    fresh = REPORT.take(report, "recall", by=by, version=version, note=note, at=at)
    duties.cancel(fresh, REVIEW, by=by, at=at)
    owed = fresh.obligation
    duties.start(
        owed,
        FILE_REPORT,
        by=by,
        federation=fresh.federation,
        title=duty_title(fresh.notice, fresh.period),
        due_on=owed.due_on,
        matter=fresh.notice.pk,
        remind_until=owed.locks_on,
        at=at,
    )
    notify(
        holders_of("reports.review_report", fresh.asking_federation),
        "reports/report_recalled",
        subject=fresh,
        context={"report": fresh, "notice": fresh.notice, "by": by},
        reason=note,
        key=f"recalled:{fresh.pk}:{fresh.version}",
        at=at,
    )
    return fresh


@transaction.atomic
def return_report(
    report: Report, *, by: User, version: int, note: str, at: dt.datetime | None = None
) -> Report:
    """Send a submitted report back to its federation; the note tells them what to change."""
    at = at or timezone.now()
    fresh = REPORT.take(report, "return", by=by, version=version, note=note, at=at)
    emit("report.returned", fresh, at=at)
    fresh.explanation = ""
    fresh.save(update_fields=["explanation"])
    duties.meet(fresh, REVIEW, by=by, at=at)
    duty = duties.start(
        fresh,
        RESUBMISSION,
        by=by,
        federation=fresh.federation,
        title=duty_title(fresh.notice, fresh.period),
        matter=fresh.notice.pk,
        at=at,
    )
    _tell_filers(fresh, "reports/report_returned", by=by, reason=note, at=at, duty=duty)
    return fresh


@transaction.atomic
def accept_report(
    report: Report, *, by: User, version: int, note: str = "", at: dt.datetime | None = None
) -> Report:
    """Accept the version under review: the obligation is settled and its figures count."""
    at = at or timezone.now()
    fresh = REPORT.take(report, "accept", by=by, version=version, note=note, at=at)
    emit("report.accepted", fresh, at=at)
    fresh.accepted_at = at
    fresh.save(update_fields=["accepted_at"])
    duties.meet(fresh, REVIEW, by=by, at=at)
    obligations.settle(fresh.obligation, at=at)
    if not fresh.nothing_to_report:
        first, last = days_of(fresh.sheet)
        questionnaires.write_figures(fresh.sheet, period_start=first, period_end=last)
    _tell_filers(fresh, "reports/report_accepted", by=by, reason=note, at=at)
    return fresh


def _tell_filers(
    report: Report, event: str, *, by: User, reason: str, at: dt.datetime, duty: Any = None
) -> None:
    people = set(holders_of("reports.submit_report", report.federation))
    people |= {person for person in (report.submitted_by, report.signed_off_by) if person}
    notify(
        people,
        event,
        subject=report,
        context={"report": report, "notice": report.notice, "by": by, "duty": duty},
        reason=reason,
        key=f"{event}:{report.pk}:{report.version}",
        at=at,
    )
