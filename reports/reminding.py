"""What reminders say of notices and reports: why the date matters, what was returned, whom to ask."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from platform_site.audit.models import Entry
from platform_site.casework.facts import Facts, describe
from platform_site.casework.models import Duty
from platform_site.federations.models import Federation

from .deadlines import (
    ACCEPT_VISIT,
    APPROVE_CIRCULAR,
    APPROVE_NOTICE,
    FILE_REPORT,
    FILL_WORK,
    HOLD_VISIT,
    ISSUE_CIRCULAR,
    ISSUE_NOTICE,
    RESUBMISSION,
    REVIEW,
    SIGN_FOR,
    TAKE_OVER,
    WRITE_VISIT,
)
from .models import Notice, Report


def register() -> None:
    describe(
        APPROVE_NOTICE,
        ISSUE_NOTICE,
        SIGN_FOR,
        FILE_REPORT,
        RESUBMISSION,
        REVIEW,
        HOLD_VISIT,
        WRITE_VISIT,
        ACCEPT_VISIT,
        APPROVE_CIRCULAR,
        ISSUE_CIRCULAR,
        FILL_WORK,
        TAKE_OVER,
        by=facts_of_duties,
    )


def facts_of_duties(duties: Collection[Duty]) -> Mapping[UUID, Facts]:
    """The facts of duties of one kind: two queries, however many there are."""
    notices = Notice.objects.in_bulk({duty.matter_id for duty in duties if duty.matter_id})
    code = next(iter(duties)).rule_code
    reasons: dict[str, str] = {}
    if code == RESUBMISSION.code:
        entries = (
            Entry.objects.filter(
                subject_type=Report._meta.label_lower,
                subject_id__in=[str(duty.subject_id) for duty in duties],
                action="reports.report.return",
                result=Entry.Result.DONE,
            )
            .order_by("subject_id", "-at", "-id")
            .distinct("subject_id")
        )
        reasons = {entry.subject_id: entry.note for entry in entries}
    return {
        duty.pk: Facts(
            why=_why(code, passed_down=_is_below(duty)),
            returned=reasons.get(str(duty.subject_id), ""),
            ask="" if _is_below(duty) else _contact(notices.get(duty.matter_id)),
        )
        for duty in duties
    }


def _is_below(duty: Duty) -> bool:
    """Of a federation that was asked by the one above it: the centre's contact is not the one to ask."""
    return duty.federation.level > Federation.Level.FIRST_TIER


def _contact(notice: Any) -> str:
    if notice is None or not notice.contact_name:
        return ""
    return f"{notice.contact_name} {notice.contact_phone}".strip()


def _why(code: str, *, passed_down: bool) -> str:
    if passed_down and code == SIGN_FOR.code:
        return _(
            "signing for it tells the federation above who is in charge at yours; without it nothing can be"
            " filed."
        )
    if passed_down and code == FILE_REPORT.code:
        return _(
            "the federation above adds up what was filed; a federation that is missing is named as missing."
        )
    return {
        SIGN_FOR.code: _(
            "signing for it tells the centre who is in charge at your federation; without it nothing"
            " can be filed."
        ),
        FILE_REPORT.code: _(
            "the national summary is made from what was filed; a federation that is missing is named"
            " as missing."
        ),
        RESUBMISSION.code: _("a returned report does not count until it is accepted."),
        REVIEW.code: _("the federation waits for the answer before it can go on."),
        APPROVE_NOTICE.code: _("without approval the notice cannot be issued."),
        APPROVE_CIRCULAR.code: _("without approval the circular cannot be issued."),
        ISSUE_CIRCULAR.code: _("what it says holds for its day; the federations wait for it."),
        HOLD_VISIT.code: _("the federation was told of the day."),
        WRITE_VISIT.code: _("the federation reads what was found only when it is accepted."),
        ACCEPT_VISIT.code: _("the federation reads what was found only when it is accepted."),
        FILL_WORK.code: _(
            "the centre reads from it who is in charge and what the work can rest on."
        ),
        TAKE_OVER.code: _("until it is taken over, nobody has confirmed what is under way."),
        ISSUE_NOTICE.code: _("the time of the recipients runs only from the day of issue."),
    }[code]
