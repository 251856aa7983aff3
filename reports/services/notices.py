"""Drafting, approving, issuing, closing and withdrawing a notice; signing for it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from types import EllipsisType
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.accounts.queries import holders_of
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import attach, freeze
from platform_site.audit import services as audit
from platform_site.casework import services as duties
from platform_site.casework.queries import work_calendar
from platform_site.casework.workdays import LATEST
from platform_site.casework.workflow import check_version, lock
from platform_site.documents import services as documents
from platform_site.documents.models import NumberSeries
from platform_site.documents.numbers import Number
from platform_site.federations.models import Federation
from platform_site.notifications.services import notify
from platform_site.obligations import services as obligations
from platform_site.obligations.models import Obligation, Request, Round
from platform_site.obligations.periods import Frequency, parse, titled
from platform_site.obligations.schedules import Plan, dates_of, plan_problems
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen
from platform_site.questionnaires.models import Form
from platform_site.webhooks.services import emit

from ..deadlines import APPROVE_NOTICE, FILE_REPORT, ISSUE_NOTICE, RESUBMISSION, SIGN_FOR
from ..models import Asks, BusinessLine, Notice, PassDown, RoundForm
from ..workflow import NOTICE, NoticeState

#: The kind of request that a notice is (see obligations.kinds).
KIND = "reports.notice"
TEXT_FIELDS = ("text", "business_line", "asks", "contact_name", "contact_phone")


def _problems(
    *,
    title: str,
    text: str,
    asks: str,
    business_line: str,
    form: Form | None,
    due_on: dt.date | None,
    on_time_until: dt.date | None,
    locks_on: dt.date | None,
    recipients: list[Federation],
    plan: Plan | None,
    on: dt.date,
) -> list[FieldProblem]:
    """What keeps this from being a notice; empty when nothing does."""
    found = []

    def problem(field: str, code: str, message: str) -> None:
        found.append(FieldProblem(f"/{field}", code, message))

    if not title.strip():
        problem("title", "required", _("Give the notice a title."))
    if not text.strip():
        problem("text", "required", _("Write the text of the notice."))
    if asks not in Asks.values:
        problem("asks", "not_an_option", _("Choose what the notice asks for."))
    if business_line not in BusinessLine.values:
        problem("business_line", "not_an_option", _("Choose the business line."))
    if asks in Asks.values and asks != Asks.NOTHING:
        if form is None:
            problem("form", "required", _("Choose the form that federations fill in."))
        elif form.current() is None:
            problem("form", "no_version", _("This form has no questions yet."))
    if not recipients:
        problem("recipients", "required", _("Choose at least one recipient."))
    if plan is not None and plan.frequency != Frequency.ONCE:
        found += _plan_problems(plan, asks, on)
        if plan.is_regular:  # its dates follow from the plan
            return found
    if due_on is None:
        problem("due_on", "required", _("Give the due date."))
    elif due_on < on:
        problem("due_on", "in_the_past", _("The due date is past; choose today or a later day."))
    elif due_on > LATEST:
        problem("due_on", "too_far", _("The due date is too far away."))
    return found + obligations.order_problems(due_on, on_time_until, locks_on)


def _plan_problems(plan: Plan, asks: str, on: dt.date) -> list[FieldProblem]:
    """What is wrong with how it recurs: the plan, or a first round whose due date is past."""
    if asks == Asks.NOTHING:
        message = _("What is only signed for is asked once.")
        return [FieldProblem("/schedule/frequency", "nothing_recurs", message)]
    calendar = work_calendar()
    found = plan_problems(plan, calendar)
    if plan.is_regular and not found:
        due_on = dates_of(plan.rule, parse(plan.first), calendar).due_on
        if due_on < on:
            message = _(
                "The first round would have been due on %(day)s; choose a later first period."
            ) % {"day": date_format(due_on, "DATE_FORMAT")}
            found.append(FieldProblem("/schedule/first_period", "in_the_past", message))
    return found


def _set_plan(notice: Notice, round: Round, plan: Plan | None) -> None:
    """Keep how it recurs, and give a draft's first round the dates that follow from it."""
    notice.request.schedule = obligations.set_schedule(notice.request, plan)  # type: ignore[assignment]
    if plan is not None and plan.is_regular:
        period = parse(plan.first)
        obligations.set_dates(round, period, dates_of(plan.rule, period, work_calendar()))
    else:
        round.period, round.opens_on = "", None
        round.save()


def _refuse(problems: list[FieldProblem]) -> None:
    if problems:
        raise Invalid("notice_incomplete", _("The notice cannot go on like this."), fields=problems)


def _number(number: tuple[str, int, int] | None) -> dict[str, Any]:
    word, year, no = number or (None, None, None)
    return {"number_word": word, "number_year": year, "number_no": no}


def _keep_number(
    notice: Notice, number: tuple[str, int, int] | None, *, by: User, at: dt.datetime
) -> None:
    """Enter what was typed into the register, so that no series gives it again; give up what was dropped."""
    typed = Number(*number) if number else None
    documents.release_number(notice, but=typed)
    if typed:
        documents.reserve_number(typed, by=by, subject=notice.title, of=notice, at=at)


def _check_series(notice: Notice) -> None:
    """A series of the body that asks, still in use, and only where no number was typed."""
    series = notice.number_series
    if series is None:
        return
    message = ""
    if series.federation_id != notice.federation_id or not series.active:
        message = _("Choose a series of numbers that is in use.")
    elif notice.number_word is not None:
        message = _("Either type a number or choose a series, not both.")
    if message:
        raise Invalid(
            "series_wrong", message, fields=[FieldProblem("/number_series", "wrong", message)]
        )


@transaction.atomic
def draft_notice(
    *,
    by: User,
    federation: Federation,
    title: str,
    text: str,
    asks: str,
    business_line: str,
    form: Form | None = None,
    due_on: dt.date | None = None,
    on_time_until: dt.date | None = None,
    locks_on: dt.date | None = None,
    schedule: Plan | None = None,
    recipients: Iterable[Federation] | None = None,
    contact_name: str = "",
    contact_phone: str = "",
    number: tuple[str, int, int] | None = None,
    number_series: NumberSeries | None = None,
    attachments: Iterable[Attachment] = (),
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> Notice:
    """Draft a notice; recipients default to the 32 provincial federations.

    Three dates stand apart: what is filed after ``due_on`` is still on time until ``on_time_until``
    (default: the due date), and nothing can be filed after ``locks_on`` (default: never locked).
    With a ``schedule`` it recurs: the dates of a regular one follow from its plan, and those given here
    are those of the first round of an irregular one.
    ``number`` is typed by hand; with ``number_series`` it is taken at issue instead.
    ``id`` comes with the form, so that a replay of the same request meets the same notice instead of
    drafting a second one.
    """
    at = at or timezone.now()
    if not by.has_perm("reports.draft_notice", Request(federation=federation)):
        raise NotAllowed("not_yours", _("Only national officers draft notices."))
    if id and (again := Notice.objects.with_request().filter(pk=id).first()):
        return _drafted_before(again, by)
    chosen = list(Federation.objects.default_recipients() if recipients is None else recipients)
    _refuse(
        _problems(
            title=title,
            text=text,
            asks=asks,
            business_line=business_line,
            form=form,
            due_on=due_on,
            on_time_until=on_time_until,
            locks_on=locks_on,
            recipients=chosen,
            plan=schedule,
            on=timezone.localtime(at).date(),
        )
    )
    request, made = Request.objects.get_or_create(
        id=id or uuid.uuid4(),
        defaults={"kind": KIND, "federation": federation, "title": title.strip()},
    )
    if not made:  # the same form, sent twice at once: the other one was faster
        return _drafted_before(Notice.objects.with_request().get(pk=request.pk), by)
    notice = Notice(
        request=request,
        text=text,
        asks=asks,
        business_line=business_line,
        form_version=form.current() if form and asks != Asks.NOTHING else None,
        contact_name=contact_name,
        contact_phone=contact_phone,
        drafted_by=by,
        drafted_at=at,
        number_series=number_series,
        **_number(number),
    )
    _check_series(notice)
    _keep_number(notice, number, by=by, at=at)
    notice.save(force_insert=True)
    round = Round(
        request=request, due_on=due_on, on_time_until=on_time_until or due_on, locks_on=locks_on
    )
    _set_plan(notice, round, schedule)
    obligations.address(request, chosen)
    for attachment in attachments:
        attach(attachment, notice, by=by)
    audit.record(
        "reports.notice.draft", notice, by=by, at=at, to_state=notice.state, federation=federation
    )
    _ask_for_approval(notice, by=by, at=at)
    return notice


def _drafted_before(notice: Notice, by: User) -> Notice:
    if notice.drafted_by_id != by.pk:
        raise NotAllowed("not_yours", _("This draft is somebody else's."))
    return notice


def _ask_for_approval(notice: Notice, *, by: User, at: dt.datetime) -> None:
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
def edit_notice(
    notice: Notice,
    *,
    by: User,
    version: int,
    recipients: Iterable[Federation] | None = None,
    number: tuple[str, int, int] | EllipsisType | None = ...,
    number_series: NumberSeries | EllipsisType | None = ...,
    form: Form | EllipsisType | None = ...,
    due_on: dt.date | EllipsisType | None = ...,
    on_time_until: dt.date | EllipsisType | None = ...,
    locks_on: dt.date | EllipsisType | None = ...,
    schedule: Plan | EllipsisType | None = ...,
    title: str | None = None,
    attachments: Iterable[Attachment] = (),
    at: dt.datetime | None = None,
    **texts: str,
) -> Notice:
    """Change a draft; what is not given stays. Only drafts change: an approved one is sent back first."""
    at = at or timezone.now()
    fresh = lock(notice)
    if not by.has_perm("reports.draft_notice", fresh):
        raise NotAllowed("not_yours", _("Only national officers draft notices."))
    if fresh.state != NoticeState.DRAFT:
        raise StepNotOpen(
            "not_a_draft",
            _("Only a draft can be changed; this notice is “%(state)s”.")
            % {"state": fresh.get_state_display()},
        )
    check_version(fresh, version)
    if unknown := set(texts) - set(TEXT_FIELDS):
        raise TypeError(f"a notice has no {sorted(unknown)}")
    request, round = fresh.request, fresh.round
    for name, value in texts.items():
        setattr(fresh, name, value)
    if title is not None:
        request.title = title.strip()
    if not isinstance(due_on, EllipsisType):
        # A limit that was never set apart goes with the due date.
        if round.on_time_until == round.due_on or round.on_time_until is None:
            round.on_time_until = due_on
        round.due_on = due_on
    if not isinstance(on_time_until, EllipsisType):
        round.on_time_until = on_time_until or round.due_on
    if not isinstance(locks_on, EllipsisType):
        round.locks_on = locks_on
    if isinstance(schedule, EllipsisType):
        schedule = fresh.schedule.plan if fresh.schedule else None
    if not isinstance(form, EllipsisType):
        fresh.form_version = form.current() if form else None
    if fresh.asks == Asks.NOTHING:
        fresh.form_version = None
    if not isinstance(number, EllipsisType):
        _keep_number(fresh, number, by=by, at=at)
        for name, value in _number(number).items():
            setattr(fresh, name, value)
    if not isinstance(number_series, EllipsisType):
        fresh.number_series = number_series
    _check_series(fresh)
    if recipients is not None:
        recipients = list(recipients)
    _refuse(
        _problems(
            title=request.title,
            text=fresh.text,
            asks=fresh.asks,
            business_line=fresh.business_line,
            form=fresh.form,
            due_on=round.due_on,
            on_time_until=round.on_time_until,
            locks_on=round.locks_on,
            recipients=_addressed(fresh) if recipients is None else recipients,
            plan=schedule,
            on=timezone.localtime(at).date(),
        )
    )
    if recipients is not None:
        obligations.address(request, recipients)
    fresh.version += 1
    request.save()
    _set_plan(fresh, round, schedule)
    fresh.save()
    for attachment in attachments:
        attach(attachment, fresh, by=by)
    audit.record("reports.notice.edit", fresh, by=by, at=at, federation=fresh.federation)
    return fresh


def _addressed(notice: Notice) -> list[Federation]:
    return list(
        Federation.objects.filter(pk__in=notice.request.addressees.values("federation")).order_by(
            "position"
        )
    )


def _check_ready(notice: Notice, at: dt.datetime) -> None:
    _refuse(
        _problems(
            title=notice.title,
            text=notice.text,
            asks=notice.asks,
            business_line=notice.business_line,
            form=notice.form,
            due_on=notice.round.due_on,
            on_time_until=notice.round.on_time_until,
            locks_on=notice.round.locks_on,
            recipients=_addressed(notice),
            plan=notice.schedule.plan if notice.schedule else None,
            on=timezone.localtime(at).date(),
        )
    )


@transaction.atomic
def approve_notice(
    notice: Notice, *, by: User, version: int, note: str = "", at: dt.datetime | None = None
) -> Notice:
    """Another person than the drafter lets it go out; the officers are asked to issue it."""
    at = at or timezone.now()
    fresh = NOTICE.take(notice, "approve", by=by, version=version, note=note, at=at)
    _check_ready(fresh, at)
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
    _ask_for_approval(fresh, by=by, at=at)
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
    _check_ready(fresh, at)
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


@transaction.atomic
def sign_for(
    obligation: Obligation,
    *,
    by: User,
    version: int,
    leader_name: str,
    department: str,
    leader_title: str = "",
    at: dt.datetime | None = None,
) -> Obligation:
    """签收: then the federation's next duty is to fill in and submit what is asked, if anything."""
    at = at or timezone.now()
    notice = Notice.objects.with_request().get(pk=obligation.round.request_id)
    _check_running(notice)
    asks_nothing = notice.asks == Asks.NOTHING
    fresh = obligations.sign_for(
        obligation,
        by=by,
        version=version,
        leader_name=leader_name,
        leader_title=leader_title,
        department=department,
        settles=asks_nothing,
        at=at,
    )
    # A notice is signed for once: the rounds that waited with this one are signed for as well.
    for owed in [fresh, *obligations.sign_along(fresh)]:
        duties.meet(owed, SIGN_FOR, by=by, at=at)
        if not asks_nothing:
            duties.start(
                owed,
                FILE_REPORT,
                by=by,
                federation=owed.federation_id,
                title=duty_title(notice, owed.round.period),
                due_on=owed.due_on,
                matter=notice.pk,
                remind_until=owed.locks_on,
                at=at,
            )
    notify(
        _who_asked(fresh, notice),
        "reports/notice_signed_for",
        subject=notice,
        context={"notice": notice, "obligation": fresh, "by": by},
        key=f"signed-for:{fresh.pk}",
        at=at,
    )
    return fresh


def _who_asked(obligation: Obligation, notice: Notice) -> list[User]:
    """Whoever issued the notice; in a cascade whoever passed it down, and not the centre."""
    if obligation.parent_id is not None:
        passed = PassDown.objects.filter(pk=obligation.parent_id).select_related("by").first()
        return [passed.by] if passed else []
    return [notice.issued_by] if notice.issued_by else []


def _check_running(notice: Notice) -> None:
    """Filing goes on while the notice is issued: not before, not once it is closed or withdrawn."""
    if notice.state != NoticeState.ISSUED:
        raise StepNotOpen(
            "notice_not_open",
            _("The notice is “%(state)s”; nothing more can be filed for it.")
            % {"state": notice.get_state_display()},
        )
