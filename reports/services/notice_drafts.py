"""Drafting a notice and changing the draft: its text, its number, how it recurs, its recipients."""

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
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import attach
from platform_site.audit import services as audit
from platform_site.casework.queries import work_calendar
from platform_site.casework.workflow import check_version, lock
from platform_site.documents import services as documents
from platform_site.documents.models import NumberSeries
from platform_site.documents.numbers import Number
from platform_site.federations.models import Federation
from platform_site.obligations import services as obligations
from platform_site.obligations.models import Request, Round
from platform_site.obligations.periods import parse
from platform_site.obligations.schedules import Plan, dates_of
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen
from platform_site.questionnaires.models import Form

from ..models import Asks, Notice
from ..workflow import NoticeState
from .notice_checks import addressed, problems_of, refuse
from .notices import KIND, ask_for_approval

TEXT_FIELDS = ("text", "business_line", "asks", "contact_name", "contact_phone")


def _set_plan(notice: Notice, round: Round, plan: Plan | None) -> None:
    """Keep how it recurs, and give a draft's first round the dates that follow from it."""
    notice.request.schedule = obligations.set_schedule(notice.request, plan)  # type: ignore[assignment]
    if plan is not None and plan.is_regular:
        period = parse(plan.first)
        obligations.set_dates(round, period, dates_of(plan.rule, period, work_calendar()))
    else:
        round.period, round.opens_on = "", None
        round.save()


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
    refuse(
        problems_of(
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
    ask_for_approval(notice, by=by, at=at)
    return notice


def _drafted_before(notice: Notice, by: User) -> Notice:
    if notice.drafted_by_id != by.pk:
        raise NotAllowed("not_yours", _("This draft is somebody else's."))
    return notice


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
    refuse(
        problems_of(
            title=request.title,
            text=fresh.text,
            asks=fresh.asks,
            business_line=fresh.business_line,
            form=fresh.form,
            due_on=round.due_on,
            on_time_until=round.on_time_until,
            locks_on=round.locks_on,
            recipients=addressed(fresh) if recipients is None else recipients,
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
