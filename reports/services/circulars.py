"""通报: drafting, what is said of a federation, approving (which freezes it), issuing, withdrawing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from types import EllipsisType
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.accounts.queries import holders_of
from platform_site.audit import services as audit
from platform_site.casework import services as duties
from platform_site.casework.workflow import check_version, lock
from platform_site.documents import services as documents
from platform_site.documents.models import NumberSeries
from platform_site.federations.models import Federation
from platform_site.notifications.services import notify
from platform_site.obligations.models import Round
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Stale, StepNotOpen

from ..deadlines import APPROVE_CIRCULAR, ISSUE_CIRCULAR
from ..models import Circular, CircularLine, CircularList, CircularSubject
from ..queries.as_of import check_day
from ..queries.circulars import (
    SPOKEN_OF,
    circular_content,
    digest_of,
    named_federations,
    owed_then,
)
from ..workflow import CIRCULAR, CircularState

#: What a circular lists unless somebody chooses, in this order.
USUAL_LISTS = (
    CircularList.ON_TIME,
    CircularList.LATE,
    CircularList.SILENT,
    CircularList.WAIVED,
    CircularList.QUALITY,
    CircularList.TABLE,
)
#: More than this is no circular but a report of the year.
MOST_SUBJECTS = 12


def _problem(field: str, code: str, message: str) -> FieldProblem:
    return FieldProblem(f"/{field}", code, message)


def _refuse(problems: list[FieldProblem]) -> None:
    if problems:
        raise Invalid(
            "circular_incomplete", _("The circular cannot stay like this."), fields=problems
        )


def _problems(circular: Circular, rounds: list[Round]) -> list[FieldProblem]:
    """What keeps this from being a circular; empty when nothing does."""
    found = []
    if not circular.title.strip():
        found.append(_problem("title", "required", _("Give the circular a title.")))
    if not circular.lists:
        found.append(_problem("lists", "required", _("Choose at least one list.")))
    elif unknown := [code for code in circular.lists if code not in CircularList.values]:
        message = _("There is no list called “%(code)s”.") % {"code": unknown[0]}
        found.append(_problem("lists", "not_an_option", message))
    try:
        check_day(circular.as_of)
    except Invalid as refused:
        return [*found, *refused.fields]
    return found + _round_problems(circular, rounds)


def _round_problems(circular: Circular, rounds: list[Round]) -> list[FieldProblem]:
    if not rounds:
        return [_problem("rounds", "required", _("Choose at least one notice."))]
    if len(rounds) > MOST_SUBJECTS:
        message = _("A circular is about at most %(n)s notices.") % {"n": MOST_SUBJECTS}
        return [_problem("rounds", "too_many", message)]
    asked = {each.round_id for each in owed_then(rounds, circular.as_of)}
    found = []
    for round in rounds:
        notice, message = round.request.notice, ""
        if notice.federation_id != circular.federation_id:
            message = _("“%(notice)s” was issued by another body.")
        elif notice.state not in SPOKEN_OF or notice.month_year is not None:
            message = _("“%(notice)s” is not out; a circular speaks of issued notices only.")
        elif round.pk not in asked:
            message = _("By that day “%(notice)s” had asked nobody yet; choose a later day.")
        if message:
            found.append(_problem("rounds", "not_open", message % {"notice": notice.title}))
    return found


def _check_series(circular: Circular) -> None:
    series = circular.number_series
    if series and (series.federation_id != circular.federation_id or not series.active):
        message = _("Choose a series of numbers that is in use.")
        raise Invalid("series_wrong", message, fields=[_problem("number_series", "wrong", message)])


def require_drafter(circular: Circular, by: Any) -> None:
    """Raises NotAllowed for whoever does not write this circular."""
    if not by.has_perm("reports.draft_circular", circular):
        raise NotAllowed("not_yours", _("Only national officers draft circulars."))


@transaction.atomic
def draft_circular(
    *,
    by: User,
    federation: Federation,
    title: str,
    as_of: dt.date,
    rounds: Iterable[Round],
    before: str = "",
    after: str = "",
    lists: Iterable[str] | None = None,
    number_series: NumberSeries | None = None,
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> Circular:
    """Draft a circular about these rounds as of the end of a day; another person approves it.

    ``lists``: what it lists, in this order (default: :data:`USUAL_LISTS`). ``id`` comes with the form, so
    that a replay meets the same circular.
    """
    at = at or timezone.now()
    circular = Circular(
        id=id or uuid.uuid4(),
        federation=federation,
        title=title.strip(),
        as_of=as_of,
        before=before.strip(),
        after=after.strip(),
        lists=list(dict.fromkeys(USUAL_LISTS if lists is None else lists)),
        number_series=number_series,
        drafted_by=by,
        drafted_at=at,
        changed_at=at,
    )
    require_drafter(circular, by)
    if id and (again := Circular.objects.filter(pk=id).first()):
        if again.drafted_by_id != by.pk:
            message = _("This id belongs to another circular.")
            raise Invalid("id_taken", message, fields=[_problem("id", "taken", message)])
        return again
    chosen = list(dict.fromkeys(rounds))
    _refuse(_problems(circular, chosen))
    _check_series(circular)
    circular.save(force_insert=True)
    _keep_rounds(circular, chosen)
    audit.record(
        "reports.circular.draft",
        circular,
        by=by,
        at=at,
        to_state=circular.state,
        federation=federation,
    )
    _ask_for_approval(circular, by=by, at=at)
    return circular


def _keep_rounds(circular: Circular, rounds: list[Round]) -> None:
    circular.subjects.all().delete()
    CircularSubject.objects.bulk_create(
        CircularSubject(circular=circular, round=round, position=place)
        for place, round in enumerate(rounds)
    )


def _ask_for_approval(circular: Circular, *, by: User, at: dt.datetime) -> None:
    duties.start(
        circular,
        APPROVE_CIRCULAR,
        by=by,
        federation=circular.federation,
        title=circular.title,
        barred=circular.drafted_by,
        at=at,
    )


def _open_draft(circular: Circular, by: User, version: int) -> Circular:
    fresh = lock(circular)
    require_drafter(fresh, by)
    if fresh.state != CircularState.DRAFT:
        raise StepNotOpen(
            "not_a_draft",
            _("Only a draft can be changed; this circular is “%(state)s”.")
            % {"state": fresh.get_state_display()},
        )
    check_version(fresh, version)
    return fresh


@transaction.atomic
def edit_circular(
    circular: Circular,
    *,
    by: User,
    version: int,
    title: str | None = None,
    as_of: dt.date | None = None,
    rounds: Iterable[Round] | None = None,
    before: str | None = None,
    after: str | None = None,
    lists: Iterable[str] | None = None,
    number_series: NumberSeries | EllipsisType | None = ...,
    at: dt.datetime | None = None,
) -> Circular:
    """Change a draft; what is not given stays. What its lists hold follows from the obligations."""
    at = at or timezone.now()
    fresh = _open_draft(circular, by, version)
    for name, text in (("title", title), ("before", before), ("after", after)):
        if text is not None:
            setattr(fresh, name, text.strip())
    if as_of is not None:
        fresh.as_of = as_of
    if lists is not None:
        fresh.lists = list(dict.fromkeys(lists))
    if not isinstance(number_series, EllipsisType):
        fresh.number_series = number_series
    chosen = _rounds_of(fresh) if rounds is None else list(dict.fromkeys(rounds))
    _refuse(_problems(fresh, chosen))
    _check_series(fresh)
    if rounds is not None:
        _keep_rounds(fresh, chosen)
        # What was said about a federation that nobody asked any more says nothing.
        fresh.lines.exclude(federation__in=named_federations(fresh)).delete()
    _changed(fresh, at)
    audit.record("reports.circular.edit", fresh, by=by, at=at, federation=fresh.federation)
    return fresh


def _rounds_of(circular: Circular) -> list[Round]:
    subjects = circular.subjects.select_related("round__request__notice").order_by("position")
    return [each.round for each in subjects]


def _changed(circular: Circular, at: dt.datetime) -> None:
    circular.changed_at = at
    circular.version += 1
    circular.save()


@transaction.atomic
def set_line(
    circular: Circular,
    *,
    by: User,
    version: int,
    federation: Federation,
    remark: str = "",
    left_out: str = "",
    at: dt.datetime | None = None,
) -> Circular:
    """Say something about the reports of one federation, or why it is not named; empty takes it back.

    In which list it stands is not ours to say. Whoever approves reads who is left out, and why.
    """
    at = at or timezone.now()
    fresh = _open_draft(circular, by, version)
    remark, left_out = remark.strip(), left_out.strip()
    if not named_federations(fresh).filter(pk=federation.pk).exists():
        message = _("None of the notices asked this federation.")
        raise Invalid("not_asked", message, fields=[_problem("federation", "not_asked", message)])
    if remark and left_out:
        message = _("Who is left out gets no remark: clear one of the two.")
        raise Invalid("both", message, fields=[_problem("left_out", "both", message)])
    if remark or left_out:
        CircularLine.objects.update_or_create(
            circular=fresh,
            federation=federation,
            defaults={"remark": remark, "left_out": left_out},
        )
    else:
        CircularLine.objects.filter(circular=fresh, federation=federation).delete()
    _changed(fresh, at)
    audit.record(
        "reports.circular.set_line",
        fresh,
        by=by,
        at=at,
        note=left_out,
        federation=fresh.federation,
        facts={"federation": federation.code, "left_out": bool(left_out)},
    )
    return fresh


# --- Steps --------------------------------------------------------------------------------------------


@transaction.atomic
def approve_circular(
    circular: Circular,
    *,
    by: User,
    version: int,
    note: str = "",
    digest: str = "",
    at: dt.datetime | None = None,
) -> Circular:
    """Another person than the drafter lets it go out; what it says is frozen with this.

    ``digest`` marks what the approver read (``queries.circulars.digest_of``): when somebody filed or was
    granted something meanwhile, the lists are others, and it has to be read again (412).
    """
    at = at or timezone.now()
    fresh = lock(circular)
    if CIRCULAR.refusal(fresh, "approve", by) is None:
        check_version(fresh, version)
        _refuse(_problems(fresh, _rounds_of(fresh)))
        content = circular_content(fresh, at)
        if digest and digest != digest_of(content):
            raise Stale(
                "circular_moved",
                _("The lists changed since you opened them. Read the circular again."),
                version=fresh.version,
            )
        fresh.content, fresh.approved_by = content, by
        fresh.save(update_fields=["content", "approved_by"])
    fresh = CIRCULAR.take(
        fresh,
        "approve",
        by=by,
        version=version,
        note=note,
        at=at,
        facts={"left_out": len(fresh.content["left_out"])} if fresh.content else {},
    )
    duties.meet(fresh, APPROVE_CIRCULAR, by=by, at=at)
    duties.start(
        fresh, ISSUE_CIRCULAR, by=by, federation=fresh.federation, title=fresh.title, at=at
    )
    notify(
        [fresh.drafted_by],
        "reports/circular_approved",
        subject=fresh,
        context={"circular": fresh, "by": by},
        reason=note,
        key=f"circular-approved:{fresh.pk}:{fresh.version}",
        at=at,
    )
    return fresh


@transaction.atomic
def send_back_circular(
    circular: Circular, *, by: User, version: int, note: str, at: dt.datetime | None = None
) -> Circular:
    """An approved circular becomes a draft again: its lists are read anew, and it needs another approval."""
    at = at or timezone.now()
    fresh = CIRCULAR.take(circular, "send_back", by=by, version=version, note=note, at=at)
    fresh.content = fresh.approved_by = None
    fresh.save(update_fields=["content", "approved_by"])
    duties.cancel(fresh, ISSUE_CIRCULAR, by=by, at=at)
    _ask_for_approval(fresh, by=by, at=at)
    notify(
        [person for person in [fresh.drafted_by] if person != by],
        "reports/circular_sent_back",
        subject=fresh,
        context={"circular": fresh, "by": by},
        reason=note,
        key=f"circular-sent-back:{fresh.pk}:{fresh.version}",
        at=at,
    )
    return fresh


@transaction.atomic
def issue_circular(
    circular: Circular, *, by: User, version: int, note: str = "", at: dt.datetime | None = None
) -> Circular:
    """Send it to everybody whom its notices asked; with a series it takes its number in this transaction."""
    at = at or timezone.now()
    fresh = lock(circular)
    if CIRCULAR.refusal(fresh, "issue", by) is None:
        check_version(fresh, version)
        # A notice may have been withdrawn since the approval.
        _refuse(_round_problems(fresh, _rounds_of(fresh)))
        fresh.issued_by, fresh.issued_at = by, at
        if fresh.number_series is not None:
            number = documents.take_number(
                fresh.number_series,
                by=by,
                subject=fresh.title,
                on=timezone.localdate(at),
                of=fresh,
                at=at,
            )
            fresh.number_word, fresh.number_year = number.word, number.year
            fresh.number_no = number.no
        fresh.save()
    fresh = CIRCULAR.take(fresh, "issue", by=by, version=version, note=note, at=at)
    recipients = list(named_federations(fresh))
    fresh.recipients.set(recipients)
    duties.meet(fresh, ISSUE_CIRCULAR, by=by, at=at)
    _tell(fresh, recipients, "circular_issued", by=by, reason=note, at=at)
    return fresh


@transaction.atomic
def withdraw_circular(
    circular: Circular, *, by: User, version: int, note: str, at: dt.datetime | None = None
) -> Circular:
    """Take it back: it stays where it was sent, marked with day and reason, and everybody is told."""
    at = at or timezone.now()
    fresh = CIRCULAR.take(circular, "withdraw", by=by, version=version, note=note, at=at)
    fresh.withdrawn_at, fresh.withdrawal_reason = at, note.strip()
    fresh.save(update_fields=["withdrawn_at", "withdrawal_reason"])
    _tell(fresh, list(fresh.recipients.all()), "circular_withdrawn", by=by, reason=note, at=at)
    return fresh


def _tell(
    circular: Circular,
    federations: list[Federation],
    event: str,
    *,
    by: User,
    reason: str,
    at: dt.datetime,
) -> None:
    for federation in federations:
        notify(
            holders_of("obligations.sign_for", federation),
            f"reports/{event}",
            subject=circular,
            context={"circular": circular, "federation": federation, "by": by},
            reason=reason,
            key=f"{event.replace('_', '-')}:{circular.pk}:{federation.pk}",
            at=at,
        )
