"""A reviewer's comments on the answers of a submitted version, and the replies to them."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.casework.workflow import check_version, lock
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen
from platform_site.questionnaires import queries as sheets

from ..models import Comment, Report
from ..workflow import REPORT, ReportState


def _may_review(report: Report, by: User) -> None:
    if refused := REPORT.refusal(report, "return", by):
        raise refused


@transaction.atomic
def add_comment(
    report: Report,
    *,
    by: User,
    question: str,
    text: str,
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> Comment:
    """Pin a comment to one answer of the version under review; its filer sees it once decided."""
    at = at or timezone.now()
    fresh = lock(report)
    _may_review(fresh, by)
    if id and (again := Comment.objects.filter(pk=id).first()):
        if again.by_id == by.pk and again.report_version.report_id == fresh.pk:
            return again
        message = _("This id belongs to another comment.")
        raise Invalid("id_taken", message, fields=[FieldProblem("/id", "taken", message)])
    latest = fresh.versions.latest("number")
    problems = []
    if question not in sheets.answers_in(latest.content):
        problems.append(
            FieldProblem("/question", "unknown_question", _("The form has no such question."))
        )
    if not text.strip():
        problems.append(FieldProblem("/text", "required", _("Write the comment.")))
    if problems:
        raise Invalid("comment_invalid", _("The comment cannot be kept."), fields=problems)
    comment = Comment.objects.create(
        id=id or uuid.uuid4(),
        report_version=latest,
        question=question,
        text=text.strip(),
        by=by,
        by_name=by.name,
        at=at,
    )
    if fresh.looked_at_at is None:
        fresh.looked_at_at = at
        fresh.save(update_fields=["looked_at_at"])
    return comment


def _own_open_comment(comment: Comment, by: User, version: int) -> Comment:
    fresh = lock(comment)
    _may_review(fresh.report_version.report, by)
    if fresh.by_id != by.pk:
        raise NotAllowed("not_yours", _("This comment is somebody else's."))
    check_version(fresh, version)
    return fresh


@transaction.atomic
def edit_comment(comment: Comment, *, by: User, version: int, text: str) -> Comment:
    """Reword one's own comment while the report is still under review."""
    fresh = _own_open_comment(comment, by, version)
    if not text.strip():
        raise Invalid(
            "comment_invalid",
            _("The comment cannot be kept."),
            fields=[FieldProblem("/text", "required", _("Write the comment."))],
        )
    fresh.text = text.strip()
    fresh.version += 1
    fresh.save(update_fields=["text", "version"])
    return fresh


@transaction.atomic
def remove_comment(comment: Comment, *, by: User, version: int) -> None:
    """Take one's own comment away while the report is still under review."""
    _own_open_comment(comment, by, version).delete()


@transaction.atomic
def reply_to_comment(
    comment: Comment, *, by: User, version: int, text: str, at: dt.datetime | None = None
) -> Comment:
    """Answer a comment of a returned report: each needs one reply before it is submitted again."""
    at = at or timezone.now()
    fresh = lock(comment)
    report = fresh.report_version.report
    if not by.has_perm("reports.fill_report", report):
        raise NotAllowed("not_yours", _("Only the federation itself replies."))
    if report.state != ReportState.RETURNED:
        raise StepNotOpen("not_returned", _("Comments are answered while the report is returned."))
    check_version(fresh, version)
    if not text.strip():
        raise Invalid(
            "reply_missing",
            _("Write the reply."),
            fields=[FieldProblem("/text", "required", _("Write the reply."))],
        )
    fresh.reply, fresh.replied_by, fresh.replied_by_name = text.strip(), by, by.name
    fresh.replied_at = at
    fresh.version += 1
    fresh.save()
    return fresh
