"""Submitting and recalling a report, returning and accepting it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.accounts.queries import holders_of
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import freeze
from platform_site.casework import services as duties
from platform_site.casework.workflow import check_version, lock
from platform_site.notifications.services import notify
from platform_site.obligations import services as obligations
from platform_site.problems import FieldProblem, Invalid, StepNotOpen
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires import services as questionnaires
from platform_site.questionnaires.checks import HARD, Finding
from platform_site.webhooks.services import emit

from ..deadlines import FILE_REPORT, RESUBMISSION, REVIEW
from ..models import Comment, Report, ReportVersion
from ..queries import kept_sources
from ..queries.figures import days_of
from ..workflow import REPORT, ReportState
from .notices import _check_running, duty_title


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
