"""督导: recording a call; planning, holding and writing up a visit, accepting its report; phone rounds."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.accounts.queries import holders_of
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import attach, freeze
from platform_site.audit import services as audit
from platform_site.casework import services as duties
from platform_site.casework.workdays import EARLIEST, LATEST
from platform_site.casework.workflow import check_version, lock
from platform_site.federations.models import Federation
from platform_site.notifications.services import notify
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen

from ..deadlines import ACCEPT_VISIT, HOLD_VISIT, WRITE_VISIT
from ..models import PhoneCall, PhoneRound, SupervisionKind, SupervisionRecord
from ..models.supervision import PLANNED_KINDS
from ..workflow import PHONE_ROUND, SUPERVISION, PhoneRoundState, SupervisionState

#: The plan may still change, or the report be written: nobody but the centre sees it.
OPEN_TO_WRITING = (SupervisionState.PLANNED, SupervisionState.HELD, SupervisionState.RETURNED)
#: What the form of a record changes.
TEXTS = ("participants", "plan", "findings", "outcome")


def _require_supervisor(by: User) -> None:
    if not by.has_perm("reports.supervise"):
        raise NotAllowed("not_yours", _("Only national officers keep the supervision log."))


def _begun(model: type[models.Model], id: uuid.UUID | None, by: User, name: str) -> Any:
    """What this id began before, for a form or a client that sends the same again."""
    if id is None:
        return None
    found = model._base_manager.filter(pk=id).first()
    if found is not None and getattr(found, name) != by.pk:
        message = _("This id belongs to another record.")
        raise Invalid("id_taken", message, fields=[FieldProblem("/id", "taken", message)])
    return found


# --- What is refused beside which field -------------------------------------------------------------
def _day_problems(name: str, day: dt.date | None) -> list[FieldProblem]:
    if day is None or EARLIEST <= day <= LATEST:
        return []
    message = _("Look at the year again: a date between %(first)s and %(last)s is possible.") % {
        "first": EARLIEST.isoformat(),
        "last": LATEST.isoformat(),
    }
    return [FieldProblem(f"/{name}", "out_of_range", message)]


def _past_problems(name: str, day: dt.date, today: dt.date) -> list[FieldProblem]:
    if day <= today:
        return []
    return [FieldProblem(f"/{name}", "in_the_future", _("This day is still to come."))]


def _next_problems(record: SupervisionRecord) -> list[FieldProblem]:
    if record.next_contact_on is None or record.next_contact_on >= record.on:
        return _day_problems("next_contact_on", record.next_contact_on)
    message = _("The next contact cannot be before this one.")
    return [FieldProblem("/next_contact_on", "before_the_record", message)]


def _federation_problems(federation: Federation) -> list[FieldProblem]:
    if federation.level == Federation.Level.FIRST_TIER and federation.is_current:
        return []
    message = _("Choose a federation that reports to the centre directly.")
    return [FieldProblem("/federation", "not_first_tier", message)]


def _required(value: str, name: str, message: str) -> list[FieldProblem]:
    return [] if value.strip() else [FieldProblem(f"/{name}", "required", message)]


def _refuse(problems: list[FieldProblem]) -> None:
    if problems:
        raise Invalid("supervision_invalid", _("The record cannot be kept."), fields=problems)


# --- Telephone exchanges ----------------------------------------------------------------------------
@transaction.atomic
def record_call(
    *,
    by: User,
    federation: Federation,
    on: dt.date,
    outcome: str,
    participants: str = "",
    plan: str = "",
    findings: str = "",
    next_contact_on: dt.date | None = None,
    attachments: Iterable[Attachment] = (),
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> SupervisionRecord:
    """A telephone exchange that has taken place: recorded at once, and read by the federation."""
    at = at or timezone.now()
    _require_supervisor(by)
    if again := _begun(SupervisionRecord, id, by, "planned_by_id"):
        return again
    record = SupervisionRecord(
        id=id or uuid.uuid4(),
        federation=federation,
        kind=SupervisionKind.PHONE,
        on=on,
        participants=participants.strip(),
        plan=plan.strip(),
        findings=findings.strip(),
        outcome=outcome.strip(),
        next_contact_on=next_contact_on,
        state=SupervisionState.RECORDED,
        planned_by=by,
        planned_at=at,
        written_by=by,
        written_at=at,
    )
    _refuse(
        [
            *_federation_problems(federation),
            *_day_problems("on", on),
            *_past_problems("on", on, timezone.localdate(at)),
            *_required(outcome, "outcome", _("Write what came of the call.")),
            *_next_problems(record),
        ]
    )
    record.save(force_insert=True)
    _keep_files(record, attachments, by=by, at=at)
    freeze(Attachment.objects.of(record))
    audit.record("reports.supervisionrecord.record", record, by=by, at=at, federation=federation)
    _tell_federation(record, by=by, at=at)
    return record


def _tell_federation(record: SupervisionRecord, *, by: User, at: dt.datetime) -> None:
    """Its officers can read from now on what was recorded about the exchange with them."""
    notify(
        holders_of("obligations.sign_for", record.federation),
        "reports/supervision_recorded",
        subject=record,
        context={"record": record, "by": by},
        key=f"supervision:{record.pk}",
        at=at,
    )


def _keep_files(
    record: SupervisionRecord, files: Iterable[Attachment], *, by: User, at: dt.datetime
) -> None:
    for file in files:
        # Those of a call come with it: nobody adds to what is recorded.
        attach(file, record, by=by, at=at)


# --- Visits -----------------------------------------------------------------------------------------
@transaction.atomic
def plan_visit(
    *,
    by: User,
    federation: Federation,
    kind: str,
    on: dt.date,
    plan: str,
    participants: str = "",
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> SupervisionRecord:
    """Plan a visit, a stay or the dissection of a case: the day, who goes, what is asked."""
    at = at or timezone.now()
    _require_supervisor(by)
    if again := _begun(SupervisionRecord, id, by, "planned_by_id"):
        return again
    problems = [
        *_federation_problems(federation),
        *_day_problems("on", on),
        *_required(plan, "plan", _("Write what is planned and asked.")),
    ]
    if kind not in PLANNED_KINDS:
        message = _("A telephone exchange is not planned; record it when it has taken place.")
        problems.append(FieldProblem("/kind", "not_an_option", message))
    _refuse(problems)
    record = SupervisionRecord.objects.create(
        id=id or uuid.uuid4(),
        federation=federation,
        kind=kind,
        on=on,
        plan=plan.strip(),
        participants=participants.strip(),
        planned_by=by,
        planned_at=at,
    )
    audit.record("reports.supervisionrecord.plan", record, by=by, at=at, federation=federation)
    _start(record, HOLD_VISIT, by=by, at=at, due_on=on)
    return record


def _start(
    record: SupervisionRecord,
    rule: Any,
    *,
    by: User,
    at: dt.datetime,
    due_on: dt.date | None = None,
    barred: Any = None,
) -> None:
    # A copy that everybody reads: in the platform's language, whatever the actor reads.
    with translation.override(settings.LANGUAGE_CODE):
        title = str(record)
    duties.start(
        record,
        rule,
        by=by,
        federation=Federation.objects.national(),
        title=title,
        due_on=due_on,
        barred=barred,
        at=at,
    )


@transaction.atomic
def edit_supervision(
    record: SupervisionRecord,
    *,
    by: User,
    version: int,
    on: dt.date | None = None,
    participants: str | None = None,
    plan: str | None = None,
    findings: str | None = None,
    outcome: str | None = None,
    next_contact_on: dt.date | None = None,
    at: dt.datetime | None = None,
) -> SupervisionRecord:
    """Change the plan, or go on writing; what is not given stays. Recorded or accepted, it stays as it is."""
    at = at or timezone.now()
    fresh = lock(record)
    _require_supervisor(by)
    if fresh.state not in OPEN_TO_WRITING:
        raise StepNotOpen(
            "not_open",
            _("It is “%(state)s” and stays as it is.") % {"state": fresh.get_state_display()},
        )
    check_version(fresh, version)
    given = {"participants": participants, "plan": plan, "findings": findings, "outcome": outcome}
    for name, value in given.items():
        if value is not None:
            setattr(fresh, name, value.strip())
    moved = on is not None and on != fresh.on
    if on is not None:
        fresh.on = on
    if next_contact_on is not None:
        fresh.next_contact_on = next_contact_on
    problems = [
        *_day_problems("on", fresh.on),
        *_required(fresh.plan, "plan", _("Write what is planned and asked.")),
        *_next_problems(fresh),
    ]
    if fresh.state != SupervisionState.PLANNED:
        problems += _past_problems("on", fresh.on, timezone.localdate(at))
    _refuse(problems)
    fresh.version += 1
    fresh.save()
    if moved and fresh.state == SupervisionState.PLANNED:
        note = _("The plan was changed.")
        duties.move(fresh, HOLD_VISIT, due_on=fresh.on, by=by, note=note, at=at)
    audit.record("reports.supervisionrecord.edit", fresh, by=by, at=at, federation=fresh.federation)
    return fresh


@transaction.atomic
def hold_visit(
    record: SupervisionRecord,
    *,
    by: User,
    version: int,
    on: dt.date,
    participants: str,
    at: dt.datetime | None = None,
) -> SupervisionRecord:
    """It took place: the day, and who took part. Its report is to be written."""
    at = at or timezone.now()
    fresh = SUPERVISION.take(record, "hold", by=by, version=version, at=at)
    fresh.on, fresh.participants = on, participants.strip()
    _refuse(
        [
            *_day_problems("on", on),
            *_past_problems("on", on, timezone.localdate(at)),
            *_required(participants, "participants", _("Write who took part.")),
            *_next_problems(fresh),
        ]
    )
    fresh.save(update_fields=["on", "participants"])
    duties.meet(fresh, HOLD_VISIT, by=by, at=at)
    _start(fresh, WRITE_VISIT, by=by, at=at)
    return fresh


@transaction.atomic
def write_report(
    record: SupervisionRecord,
    *,
    by: User,
    version: int,
    findings: str,
    outcome: str,
    next_contact_on: dt.date | None = None,
    at: dt.datetime | None = None,
) -> SupervisionRecord:
    """Hand in the report of a visit: what was found, and what came of it."""
    at = at or timezone.now()
    fresh = SUPERVISION.take(record, "write", by=by, version=version, at=at)
    fresh.findings, fresh.outcome = findings.strip(), outcome.strip()
    fresh.next_contact_on = next_contact_on
    fresh.written_by, fresh.written_at = by, at
    _refuse(
        [
            *_required(findings, "findings", _("Write what was found.")),
            *_required(outcome, "outcome", _("Write what came of it.")),
            *_next_problems(fresh),
        ]
    )
    fresh.save(update_fields=["findings", "outcome", "next_contact_on", "written_by", "written_at"])
    duties.meet(fresh, WRITE_VISIT, by=by, at=at)
    _start(fresh, ACCEPT_VISIT, by=by, at=at, barred=by)
    return fresh


@transaction.atomic
def accept_supervision(
    record: SupervisionRecord,
    *,
    by: User,
    version: int,
    note: str = "",
    at: dt.datetime | None = None,
) -> SupervisionRecord:
    """The report stands, with its files; the federation reads it from now on."""
    at = at or timezone.now()
    fresh = SUPERVISION.take(record, "accept", by=by, version=version, note=note, at=at)
    fresh.accepted_by, fresh.accepted_at = by, at
    fresh.save(update_fields=["accepted_by", "accepted_at"])
    freeze(Attachment.objects.of(fresh))
    duties.meet(fresh, ACCEPT_VISIT, by=by, at=at)
    _tell_federation(fresh, by=by, at=at)
    return fresh


@transaction.atomic
def return_supervision(
    record: SupervisionRecord,
    *,
    by: User,
    version: int,
    note: str,
    at: dt.datetime | None = None,
) -> SupervisionRecord:
    """Back to its writer, with the reason."""
    at = at or timezone.now()
    fresh = SUPERVISION.take(record, "return", by=by, version=version, note=note, at=at)
    fresh.return_reason = note.strip()
    fresh.save(update_fields=["return_reason"])
    duties.meet(fresh, ACCEPT_VISIT, by=by, at=at)
    _start(fresh, WRITE_VISIT, by=by, at=at)
    return fresh


@transaction.atomic
def cancel_visit(
    record: SupervisionRecord,
    *,
    by: User,
    version: int,
    note: str,
    at: dt.datetime | None = None,
) -> SupervisionRecord:
    """A planned visit does not take place, for the reason that is kept."""
    at = at or timezone.now()
    fresh = SUPERVISION.take(record, "cancel", by=by, version=version, note=note, at=at)
    duties.cancel(fresh, HOLD_VISIT, by=by, at=at)
    return fresh


# --- Phone rounds -----------------------------------------------------------------------------------
@transaction.atomic
def open_round(
    *,
    by: User,
    title: str,
    starts_on: dt.date,
    ends_on: dt.date,
    federations: Iterable[Federation],
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> PhoneRound:
    """Open a round of calls with these federations."""
    at = at or timezone.now()
    _require_supervisor(by)
    if again := _begun(PhoneRound, id, by, "opened_by_id"):
        return again
    chosen = list({each.pk: each for each in federations}.values())
    problems = [
        *_required(title, "title", _("Give the round a title.")),
        *_day_problems("starts_on", starts_on),
        *_day_problems("ends_on", ends_on),
    ]
    if ends_on < starts_on:
        message = _("The round cannot end before it begins.")
        problems.append(FieldProblem("/ends_on", "before_the_start", message))
    if not chosen:
        message = _("Choose at least one federation.")
        problems.append(FieldProblem("/federations", "required", message))
    for number, each in enumerate(chosen):
        if wrong := _federation_problems(each):
            at_place = f"/federations/{number}"
            problems.append(FieldProblem(at_place, wrong[0].code, wrong[0].message))
    _refuse(problems)
    round = PhoneRound.objects.create(
        id=id or uuid.uuid4(),
        title=title.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        opened_by=by,
        opened_at=at,
    )
    PhoneCall.objects.bulk_create(PhoneCall(round=round, federation=each) for each in chosen)
    audit.record("reports.phoneround.open", round, by=by, at=at, facts={"calls": len(chosen)})
    return round


@transaction.atomic
def record_call_of_round(
    round: PhoneRound,
    *,
    by: User,
    version: int,
    federation: Federation,
    at: dt.datetime | None = None,
    **content: Any,
) -> PhoneRound:
    """Write down the call with one federation of the round.

    The version is the round's own: what others write down meanwhile about other federations does not
    change it.
    """
    fresh = lock(round)
    _require_supervisor(by)
    if fresh.state != PhoneRoundState.OPEN:
        raise StepNotOpen("round_closed", _("The round is closed."))
    check_version(fresh, version)
    call = PhoneCall.objects.filter(round=fresh, federation=federation).first()
    if call is None:
        message = _("This federation is not called in this round.")
        raise Invalid(
            "not_in_round", message, fields=[FieldProblem("/federation", "not_in_round", message)]
        )
    if call.record_id is not None:
        message = _("The call with this federation is recorded already.")
        raise Invalid(
            "called", message, fields=[FieldProblem("/federation", "recorded_already", message)]
        )
    call.record = record_call(by=by, federation=federation, at=at, **content)
    call.save(update_fields=["record"])
    return fresh


@transaction.atomic
def close_round(
    round: PhoneRound, *, by: User, version: int, at: dt.datetime | None = None
) -> PhoneRound:
    """End the round; who was not reached stays named in it."""
    at = at or timezone.now()
    fresh = PHONE_ROUND.take(round, "close", by=by, version=version, at=at)
    fresh.closed_at = at
    fresh.save(update_fields=["closed_at"])
    return fresh
