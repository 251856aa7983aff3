"""Beginning a report and saving what is filled in."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.audit import services as audit
from platform_site.casework.workflow import lock
from platform_site.obligations.models import Obligation
from platform_site.obligations.periods import start_of
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Stale, StepNotOpen
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires import services as questionnaires
from platform_site.questionnaires.services import Conflict

from ..models import Asks, Notice, Report
from ..queries import check_fills, form_asked_of
from ..workflow import ReportState
from .answer_files import files_to_name, take_off
from .notices import _check_running

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
