"""四落实: stating, correcting, ending and confirming; the centre's call to close the gaps."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.accounts.queries import holders_of
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import attach, freeze
from platform_site.audit import services as audit
from platform_site.casework import services as duties
from platform_site.casework.workdays import LATEST
from platform_site.casework.workflow import check_version, lock
from platform_site.federations.models import Federation, Holding
from platform_site.federations.services import AHEAD, FOUNDED
from platform_site.notifications.services import notify
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen

from ..deadlines import FILL_WORK
from ..models import WORK_FACTS, WorkConfirmation, WorkRequest, WorkStatement, WorkSubject
from ..queries.work_system import work_rows

#: What each subject says, by the fields of a statement; the rest of them must stay empty.
SAID: Mapping[str, tuple[str, ...]] = {
    WorkSubject.LEADER: ("holding",),
    WorkSubject.DEPARTMENT: ("text", "department_kind"),
    WorkSubject.STAFF: ("full_time", "part_time"),
    WorkSubject.BUDGET: ("amount", "year"),
    WorkSubject.MATERIAL: ("text",),
    **dict.fromkeys(WORK_FACTS, ("yes",)),
}
CONTENT = ("holding", "text", "department_kind", "full_time", "part_time", "amount", "year", "yes")
#: More than the largest federation employs, or spends on this work, in 万元.
MOST_STAFF, MOST_MONEY = 1_000_000, Decimal("9999999999.99")
FIRST_YEAR = 1949


def _require_own(federation: Federation, by: User) -> None:
    if not by.has_perm("reports.state_work", WorkStatement(federation=federation)):
        raise NotAllowed("not_yours", _("Only the federation itself states its work system."))


def _refuse(problems: list[FieldProblem]) -> None:
    if problems:
        raise Invalid("statement_invalid", _("The statement cannot be kept."), fields=problems)


def _problems(row: WorkStatement, at: dt.datetime) -> list[FieldProblem]:
    """Everything that is missing, wrong or does not belong to the subject, beside its field."""
    wanted = SAID[row.subject]
    found = []

    def wrong(name: str, code: str, message: str) -> None:
        found.append(FieldProblem(f"/{name}", code, message))

    for name in CONTENT:
        given = getattr(row, name) not in (None, "")
        if name in wanted and not given:
            wrong(name, "required", _MISSING[name]())
        elif name not in wanted and given:
            wrong(name, "not_of_subject", _("This does not belong to the subject."))
    if not FOUNDED <= row.since <= timezone.localdate(at) + AHEAD:
        wrong("since", "out_of_range", _("Give a day between 1 May 1925 and a year from today."))
    for name in ("full_time", "part_time"):
        number = getattr(row, name)
        if number is not None and not 0 <= number <= MOST_STAFF:
            wrong(name, "out_of_range", _("Look at the number of people again."))
    if row.amount is not None and not 0 <= row.amount <= MOST_MONEY:
        wrong("amount", "out_of_range", _("Look at the amount again; it is in 10,000 yuan."))
    if row.year is not None and not FIRST_YEAR <= row.year <= timezone.localdate(at).year + 1:
        wrong("year", "out_of_range", _("Look at the year again: next year at the latest."))
    holding = row.holding
    if holding is not None and (
        holding.federation_id != row.federation_id or holding.post != Holding.Post.LEADER_IN_CHARGE
    ):
        wrong("holding", "not_an_option", _("Choose a leader in charge of the own federation."))
    return found


_MISSING: Mapping[str, Any] = {
    "holding": lambda: _("Choose the leader in charge; record the appointment first if it is new."),
    "text": lambda: _("Write what there is."),
    "department_kind": lambda: _("Choose what kind of department it is."),
    "full_time": lambda: _("Give the number; 0 if there is nobody."),
    "part_time": lambda: _("Give the number; 0 if there is nobody."),
    "amount": lambda: _("Give the amount; 0 if there is none."),
    "year": lambda: _("Give the year of the budget."),
    "yes": lambda: _("Choose yes or no."),
}


def _row(
    federation: Federation, subject: str, since: dt.date, by: User, at: dt.datetime, **said: Any
) -> WorkStatement:
    text = {name: str(said.pop(name, "") or "").strip() for name in _TEXTS}
    return WorkStatement(
        federation=federation,
        subject=subject,
        since=since,
        stated_by=by,
        stated_by_name=by.name,
        stated_at=at,
        **text,
        **said,
    )


_TEXTS = ("text", "document_number", "note", "reason", "department_kind")


@transaction.atomic
def state_work(
    federation: Federation,
    *,
    by: User,
    subject: str,
    since: dt.date,
    attachments: Iterable[Attachment] = (),
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
    **said: Any,
) -> WorkStatement:
    """State what there is of ``subject`` from the day ``since`` on; the statement before ends there.

    ``said`` holds the fields of the subject (:data:`SAID`), ``document_number`` and ``note``; ``attachments``
    are the evidence and stay with the statement for good. The same ``id`` again changes nothing.
    """
    at = at or timezone.now()
    _require_own(federation, by)
    if id is not None and (again := WorkStatement.objects.filter(pk=id).first()):
        if again.stated_by_id == by.pk:
            return again
        raise _at("/id", "taken", _("This id belongs to another statement."))
    # One writer per federation, as in the register of posts.
    Federation.objects.select_for_update().get(pk=federation.pk)
    row = _row(federation, subject, since, by, at, **said)
    row.id = id or row.id
    problems = _problems(row, at)
    same = WorkStatement.objects.filter(
        federation=federation, subject=subject, corrected_at=None
    ).order_by("-since", "-stated_at")
    if (last := same.first()) is not None and since <= last.since:
        day = last.since.isoformat()
        problems.append(
            FieldProblem(
                "/since",
                "before_the_last",
                _("The last statement holds since %(day)s: give a later day, or correct that one.")
                % {"day": day},
            )
        )
    _refuse(problems)
    if last is not None and (last.until is None or last.until > since):
        _end(last, since)
    row.save(force_insert=True)
    _keep_evidence(row, attachments, by=by, at=at)
    _tell(row, "state", by=by, at=at)
    _meet_requests(federation, by=by, at=at)
    return row


@transaction.atomic
def correct_statement(
    statement: WorkStatement,
    *,
    by: User,
    version: int,
    reason: str,
    attachments: Iterable[Attachment] = (),
    at: dt.datetime | None = None,
    **said: Any,
) -> WorkStatement:
    """Put another row in the place of a wrong one, for the same time; what is not given stays as it was.

    The evidence is given anew. Who reads the history sees both, and why.
    """
    at = at or timezone.now()
    _require_own(statement.federation, by)
    Federation.objects.select_for_update().get(pk=statement.federation_id)
    wrong = lock(statement)
    check_version(wrong, version)
    if wrong.corrected_at is not None:
        raise StepNotOpen("corrected_already", _("This statement was corrected already."))
    kept = {name: getattr(wrong, name) for name in (*CONTENT, "document_number", "note")}
    row = _row(
        wrong.federation, wrong.subject, wrong.since, by, at, **{**kept, **said}, reason=reason
    )
    row.until, row.corrects = wrong.until, wrong
    problems = _problems(row, at)
    if not row.reason:
        problems.append(FieldProblem("/reason", "required", _("Give the reason.")))
    _refuse(problems)
    wrong.corrected_at = at
    wrong.version += 1
    wrong.save(update_fields=["corrected_at", "version"])
    row.save(force_insert=True)
    _keep_evidence(row, attachments, by=by, at=at)
    _tell(row, "correct", by=by, at=at, note=row.reason)
    _meet_requests(row.federation, by=by, at=at)
    return row


@transaction.atomic
def end_statement(
    statement: WorkStatement,
    *,
    by: User,
    version: int,
    until: dt.date,
    note: str = "",
    at: dt.datetime | None = None,
) -> WorkStatement:
    """It holds no more from the day ``until`` on, and nothing takes its place: a gap."""
    at = at or timezone.now()
    _require_own(statement.federation, by)
    fresh = lock(statement)
    check_version(fresh, version)
    if fresh.corrected_at is not None or fresh.until is not None:
        raise StepNotOpen("ended_already", _("This statement ended or was corrected already."))
    if until < fresh.since:
        raise _at("/until", "too_early", _("The period cannot end before it begins."))
    if until > timezone.localdate(at) + AHEAD:
        raise _at("/until", "too_late", _("The day is more than a year ahead."))
    _end(fresh, until)
    _tell(fresh, "end", by=by, at=at, note=note.strip())
    return fresh


def _end(statement: WorkStatement, until: dt.date) -> None:
    statement.until = until
    statement.version += 1
    statement.save(update_fields=["until", "version"])


@transaction.atomic
def confirm_work(
    federation: Federation, *, by: User, at: dt.datetime | None = None
) -> WorkConfirmation:
    """情况无变化: all that is stated still holds today. Once a day is enough; gaps stay gaps."""
    at = at or timezone.now()
    _require_own(federation, by)
    on = timezone.localdate(at)
    Federation.objects.select_for_update().get(pk=federation.pk)
    if again := WorkConfirmation.objects.filter(federation=federation, on=on).first():
        return again
    row = work_rows(by, [federation], on)[0]
    if all(cell.since is None for cell in row.cells):
        raise StepNotOpen("nothing_stated", _("Nothing has been stated that could be confirmed."))
    kept = WorkConfirmation.objects.create(
        federation=federation, on=on, by=by, by_name=by.name, at=at
    )
    audit.record("reports.workconfirmation.confirm", kept, by=by, at=at, federation=federation)
    _meet_requests(federation, by=by, at=at)
    return kept


# --- The centre asks -----------------------------------------------------------------------------------
@transaction.atomic
def ask_for_work(
    *,
    by: User,
    federations: Iterable[Federation],
    due_on: dt.date,
    sentence: str = "",
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> list[WorkRequest]:
    """催填: ask these federations to close their gaps by a day; each gets a duty and its reminders.

    A federation that was asked and has not done it yet keeps its call, with the new day and sentence.
    Refused is one that has no gap. ``id`` (with one federation) makes a replay harmless.
    """
    at = at or timezone.now()
    if not by.has_perm("reports.ask_for_work"):
        raise NotAllowed(
            "not_yours", _("Only the centre asks for the work system to be filled in.")
        )
    if id is not None and (again := WorkRequest.objects.filter(pk=id).first()):
        if again.asked_by_id == by.pk:
            return [again]
        raise _at("/id", "taken", _("This id belongs to another record."))
    chosen = list({each.pk: each for each in federations}.values())
    today = timezone.localdate(at)
    problems = []
    if not chosen:
        message = _("Choose at least one federation.")
        problems.append(FieldProblem("/federations", "required", message))
    if not today <= due_on <= min(today + AHEAD, LATEST):
        message = _("Give a day from today on, a year ahead at the most.")
        problems.append(FieldProblem("/due_on", "out_of_range", message))
    for number, row in enumerate(work_rows(by, chosen, today)):
        at_place = f"/federations/{number}"
        if row.federation.level != Federation.Level.FIRST_TIER:
            message = _("Choose a federation that reports to the centre directly.")
            problems.append(FieldProblem(at_place, "not_first_tier", message))
        elif not row.gaps:
            message = _("%(name)s has no gap.") % {"name": row.federation.name}
            problems.append(FieldProblem(at_place, "no_gap", message))
    _refuse(problems)
    return [_ask(each, by=by, due_on=due_on, sentence=sentence, id=id, at=at) for each in chosen]


def _ask(
    federation: Federation,
    *,
    by: User,
    due_on: dt.date,
    sentence: str,
    id: uuid.UUID | None,
    at: dt.datetime,
) -> WorkRequest:
    running = (
        WorkRequest.objects.select_for_update(of=("self",))
        .filter(federation=federation, done_at=None)
        .first()
    )
    if running is None:
        call = WorkRequest.objects.create(
            id=id or uuid.uuid4(),
            federation=federation,
            due_on=due_on,
            sentence=sentence.strip(),
            asked_by=by,
            asked_by_name=by.name,
            asked_at=at,
        )
        duties.start(
            call,
            FILL_WORK,
            by=by,
            federation=federation,
            title=_title(federation),
            due_on=due_on,
            at=at,
        )
    else:
        call = running
        moved = call.due_on != due_on
        call.due_on, call.sentence = due_on, sentence.strip()
        call.version += 1
        call.save(update_fields=["due_on", "sentence", "version"])
        if moved:
            duties.move(call, FILL_WORK, due_on=due_on, by=by, note=call.sentence, at=at)
    audit.record(
        "reports.workrequest.ask", call, by=by, at=at, note=call.sentence, federation=federation
    )
    notify(
        holders_of("reports.state_work", federation),
        "reports/work_asked",
        subject=call,
        context={"call": call, "by": by},
        reason=call.sentence,
        key=f"work-asked:{call.pk}:{call.version}",
        at=at,
    )
    return call


def _title(federation: Federation) -> str:
    with translation.override("zh-hans"):
        return _("Work system of %(name)s") % {"name": federation.name}


def _meet_requests(federation: Federation, *, by: User, at: dt.datetime) -> None:
    """A call is met as soon as no gap is left."""
    call = WorkRequest.objects.filter(federation=federation, done_at=None).first()
    if call is None or work_rows(by, [federation], timezone.localdate(at))[0].gaps:
        return
    _meet(call, by=by, at=at)


def _meet(call: WorkRequest, *, by: User | None, at: dt.datetime) -> None:
    call = lock(call)
    call.done_at = at
    call.version += 1
    call.save(update_fields=["done_at", "version"])
    duties.meet(call, FILL_WORK, by=by, at=at)


def meet_work_requests(*, at: dt.datetime | None = None) -> int:
    """Close the calls whose gaps were closed elsewhere: a leader is named in the register of posts."""
    at = at or timezone.now()
    met = 0
    for call in WorkRequest.objects.filter(done_at=None).select_related("federation", "asked_by"):
        with transaction.atomic():
            # With the eyes of whoever asked.
            if not work_rows(call.asked_by, [call.federation], timezone.localdate(at))[0].gaps:
                _meet(call, by=None, at=at)
                met += 1
    return met


def _keep_evidence(
    row: WorkStatement, files: Iterable[Attachment], *, by: User, at: dt.datetime
) -> None:
    for file in files:
        attach(file, row, by=by, at=at)
    freeze(Attachment.objects.of(row))


def _tell(row: WorkStatement, act: str, *, by: User, at: dt.datetime, note: str = "") -> None:
    audit.record(
        f"reports.workstatement.{act}",
        row,
        by=by,
        at=at,
        note=note,
        federation=row.federation,
        facts={"subject": row.subject, "since": row.since.isoformat()},
    )


def _at(pointer: str, code: str, message: str) -> Invalid:
    return Invalid(code, message, fields=[FieldProblem(pointer, code, message)])
