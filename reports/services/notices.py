"""Approving, issuing, closing and withdrawing a notice; taking over one from before the platform."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.accounts.queries import holders_of
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import freeze
from platform_site.audit import services as audit
from platform_site.casework import services as duties
from platform_site.casework.workflow import lock
from platform_site.documents import services as documents
from platform_site.federations.models import Federation
from platform_site.notifications.services import notify
from platform_site.obligations import services as obligations
from platform_site.obligations.models import Obligation, Request, Round
from platform_site.obligations.periods import titled
from platform_site.problems import StepNotOpen
from platform_site.questionnaires.models import Form
from platform_site.webhooks.services import emit

from ..deadlines import APPROVE_NOTICE, FILE_REPORT, ISSUE_NOTICE, RESUBMISSION, SIGN_FOR
from ..models import Notice, RoundForm
from ..workflow import NOTICE, NoticeState
from .notice_checks import check_ready

#: The kind of request that a notice is (see obligations.kinds).
KIND = "reports.notice"


def ask_for_approval(notice: Notice, *, by: User, at: dt.datetime) -> None:
    duties.start(
        notice,
        APPROVE_NOTICE,
        by=by,
        federation=notice.federation,
        title=notice.title,
        barred=notice.drafted_by,
        matter=notice.pk,
        at=at,
    )


@transaction.atomic
def approve_notice(
    notice: Notice, *, by: User, version: int, note: str = "", at: dt.datetime | None = None
) -> Notice:
    """Another person than the drafter lets it go out; the officers are asked to issue it."""
    at = at or timezone.now()
    fresh = NOTICE.take(notice, "approve", by=by, version=version, note=note, at=at)
    check_ready(fresh, at)
    fresh.approved_by = by
    fresh.save(update_fields=["approved_by"])
    duties.meet(fresh, APPROVE_NOTICE, by=by, at=at)
    duties.start(
        fresh,
        ISSUE_NOTICE,
        by=by,
        federation=fresh.federation,
        title=fresh.title,
        matter=fresh.pk,
        at=at,
    )
    notify(
        [fresh.drafted_by],
        "reports/notice_approved",
        subject=fresh,
        context={"notice": fresh, "by": by},
        reason=note,
        key=f"notice-approved:{fresh.pk}:{fresh.version}",
        at=at,
    )
    return fresh


@transaction.atomic
def send_back_notice(
    notice: Notice, *, by: User, version: int, note: str, at: dt.datetime | None = None
) -> Notice:
    """An approved notice becomes a draft again, with the reason; it needs a new approval."""
    at = at or timezone.now()
    fresh = NOTICE.take(notice, "send_back", by=by, version=version, note=note, at=at)
    fresh.approved_by = None
    fresh.save(update_fields=["approved_by"])
    duties.cancel(fresh, ISSUE_NOTICE, by=by, at=at)
    ask_for_approval(fresh, by=by, at=at)
    notify(
        [person for person in [fresh.drafted_by] if person != by],
        "reports/notice_sent_back",
        subject=fresh,
        context={"notice": fresh, "by": by},
        reason=note,
        key=f"notice-sent-back:{fresh.pk}:{fresh.version}",
        at=at,
    )
    return fresh


@transaction.atomic
def issue_notice(
    notice: Notice, *, by: User, version: int, note: str = "", at: dt.datetime | None = None
) -> Notice:
    """Give each recipient one frozen obligation, and tell its officers that it waits to be signed for.

    A recurring notice goes out with its first round, also where that opens later; the further ones open
    by themselves (:mod:`.rounds`).
    """
    at = at or timezone.now()
    fresh = NOTICE.take(
        _with_issue_marks(notice, by=by, at=at), "issue", by=by, version=version, note=note, at=at
    )
    check_ready(fresh, at)
    _take_number(fresh, by=by, at=at)
    round = fresh.round
    issued = obligations.issue_first(round, fresh.schedule, by=by, at=at)
    keep_form(fresh, round)
    emit("notice.issued", fresh, at=at)
    freeze(Attachment.objects.of(fresh))
    duties.meet(fresh, ISSUE_NOTICE, by=by, at=at)
    duties.start_many(
        [(obligation, obligation.federation_id) for obligation in issued],
        SIGN_FOR,
        by=by,
        title=duty_title(fresh, round.period),
        matter=fresh.pk,
        remind_until=round.locks_on,
        at=at,
    )
    for obligation in issued:
        notify(
            holders_of("obligations.sign_for", obligation.federation),
            "reports/notice_issued",
            subject=obligation,
            context={"notice": fresh, "obligation": obligation, "by": by},
            reason=note,
            key=f"notice-issued:{obligation.pk}",
            at=at,
        )
    return fresh


def duty_title(notice: Notice, period: str) -> str:
    """What a to-do list calls one round of the notice. It is kept, so it is in the platform's language."""
    with translation.override(settings.LANGUAGE_CODE):
        return titled(notice.title, period)


def keep_form(notice: Notice, round: Round) -> None:
    """A round of a recurring notice keeps the version of the form that it opened with."""
    if notice.schedule is not None and notice.form_version is not None:
        RoundForm.objects.create(round=round, form_version=notice.form_version)


def _take_number(notice: Notice, *, by: User, at: dt.datetime) -> None:
    """The next number of the chosen series, in this transaction: a notice that fails takes none."""
    if notice.number_series is None or notice.number_word is not None:
        return
    number = documents.take_number(
        notice.number_series,
        by=by,
        subject=notice.title,
        on=timezone.localtime(at).date(),
        of=notice,
        at=at,
    )
    notice.number_word, notice.number_year, notice.number_no = number.word, number.year, number.no
    notice.save(update_fields=["number_word", "number_year", "number_no"])


def _with_issue_marks(notice: Notice, *, by: User, at: dt.datetime) -> Notice:
    """Mark who issues it and when before the state changes: the constraint wants them together."""
    fresh = lock(notice)
    if NOTICE.refusal(fresh, "issue", by) is None:
        fresh.issued_by, fresh.issued_at = by, at
        fresh.save(update_fields=["issued_by", "issued_at"])
    return fresh


@transaction.atomic
def close_notice(
    notice: Notice, *, by: User, version: int, note: str = "", at: dt.datetime | None = None
) -> Notice:
    """Its rounds are over and no other opens: nothing more can be filed, what is silent stays silent."""
    at = at or timezone.now()
    fresh = NOTICE.take(notice, "close", by=by, version=version, note=note, at=at)
    _end_duties(fresh, by=by, at=at)
    return fresh


@transaction.atomic
def withdraw_notice(
    notice: Notice, *, by: User, version: int, note: str, at: dt.datetime | None = None
) -> Notice:
    """Take an issued notice back: what is still open is cancelled, and its recipients are told why."""
    at = at or timezone.now()
    fresh = NOTICE.take(notice, "withdraw", by=by, version=version, note=note, at=at)
    _end_duties(fresh, by=by, at=at)
    cancelled = [each for round in fresh.rounds for each in obligations.cancel_open(round, at=at)]
    # Who owes several of its rounds is told once, of the newest.
    for obligation in {each.federation_id: each for each in reversed(cancelled)}.values():
        notify(
            holders_of("obligations.sign_for", obligation.federation),
            "reports/notice_withdrawn",
            subject=obligation,
            context={"notice": fresh, "obligation": obligation, "by": by},
            reason=note,
            key=f"notice-withdrawn:{obligation.pk}",
            at=at,
        )
    return fresh


@transaction.atomic
def import_notice(
    *,
    by: User | None,
    federation: Federation,
    drafted_by: User,
    title: str,
    text: str,
    asks: str,
    business_line: str,
    form: Form | None,
    year: int,
    month: int,
    recipients: Iterable[Federation] | None = None,
) -> Notice:
    """Take over a notice from before the platform, of which number, day and due date are not known.

    It shows its month only, is closed, and its obligations have no clock. Nobody is told.
    """
    now = timezone.now()
    request = Request.objects.create(kind=KIND, federation=federation, title=title)
    # The first of the month stands for the month: it orders lists and is never shown as a day.
    month_began = dt.datetime(year, month, 1, tzinfo=timezone.get_default_timezone())
    notice = Notice.objects.create(
        request=request,
        text=text,
        asks=asks,
        business_line=business_line,
        form_version=form.current() if form else None,
        month_year=year,
        month=month,
        state=NoticeState.CLOSED,
        drafted_by=drafted_by,
        drafted_at=now,
        issued_at=month_began,
    )
    round = Round.objects.create(request=request)
    obligations.address(
        request, Federation.objects.default_recipients() if recipients is None else recipients
    )
    obligations.issue(round, by=by, at=month_began)
    audit.record(
        "reports.notice.import",
        notice,
        by=by,
        at=now,
        to_state=notice.state,
        federation=federation,
        facts={"year": year, "month": month},
    )
    return notice


def _end_duties(notice: Notice, *, by: User, at: dt.datetime) -> None:
    from ..deadlines import REVIEW
    from ..models import Report

    owed = Obligation.objects.filter(round__request=notice.pk)
    duties.cancel_many(owed, SIGN_FOR, FILE_REPORT, by=by, at=at)
    filed = Report.objects.filter(obligation__in=owed)
    duties.cancel_many(filed, RESUBMISSION, by=by, at=at)
    if notice.state == NoticeState.WITHDRAWN:
        duties.cancel_many(filed, REVIEW, by=by, at=at)


def _check_running(notice: Notice) -> None:
    """Filing goes on while the notice is issued: not before, not once it is closed or withdrawn."""
    if notice.state != NoticeState.ISSUED:
        raise StepNotOpen(
            "notice_not_open",
            _("The notice is “%(state)s”; nothing more can be filed for it.")
            % {"state": notice.get_state_display()},
        )
