"""The rounds of a recurring notice: opening the next one, one more by hand, moving one, a newer form."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.accounts.queries import holders_of
from platform_site.audit import services as audit
from platform_site.casework import services as duties
from platform_site.casework.workflow import check_version, lock
from platform_site.notifications.services import notify
from platform_site.obligations import services as obligations
from platform_site.obligations.models import Obligation, Round
from platform_site.obligations.periods import Frequency
from platform_site.problems import NotAllowed, StepNotOpen
from platform_site.webhooks.services import emit

from ..deadlines import FILE_REPORT, SIGN_FOR
from ..models import Notice
from ..queries.rounds import due_to_open, newer_form
from ..workflow import NoticeState
from .notices import _check_running, duty_title, keep_form

log = logging.getLogger(__name__)


def open_due_rounds(*, at: dt.datetime | None = None) -> int:
    """Open every round that is due to open; returns how many. Two beats at once open each of them once.

    Each round is a transaction of its own: one that fails is logged and tried again at the next ring, and
    keeps none of the others back.
    """
    at = at or timezone.now()
    opened = 0
    for notice in due_to_open(timezone.localtime(at).date()):
        try:
            while _open_next(notice, at=at):  # after a long outage, more than one
                opened += 1
        except Exception:
            log.exception("a round of notice %s could not be opened", notice)
    return opened


@transaction.atomic
def _open_next(pk: uuid.UUID, *, at: dt.datetime) -> Round | None:
    notice = lock(Notice(pk=pk))
    if notice.state != NoticeState.ISSUED:  # it was closed meanwhile
        return None
    opened = obligations.open_next(pk, at=at)
    if opened is None:
        return None
    round, late = opened
    _changed(notice)
    _give_out(notice, round, by=None, at=at, late=late)
    return round


def _give_out(notice: Notice, round: Round, *, by: Any, at: dt.datetime, late: int = 0) -> None:
    """The duties of a round that has just opened, its trail and its messages, all at once.

    Who signed for the notice goes straight on to the report; who never did is asked to.
    """
    keep_form(notice, round)
    owed = list(Obligation.objects.filter(round=round).select_related("federation"))
    signed = [each for each in owed if each.signed_for_at]
    title = duty_title(notice, round.period)
    facts: dict[str, Any] = {"period": round.period, "due_on": str(round.due_on)}
    if late:
        facts["working_days_late"] = late
    audit.record(
        "reports.notice.open_round", notice, by=by, at=at, federation=notice.federation, facts=facts
    )
    for rule, these, due_on in (
        (FILE_REPORT, signed, round.due_on),
        (SIGN_FOR, [each for each in owed if not each.signed_for_at], None),
    ):
        if these:
            duties.start_many(
                [(each, each.federation_id) for each in these],
                rule,
                by=by,
                title=title,
                due_on=due_on,
                matter=notice.pk,
                remind_until=round.locks_on,
                at=at,
            )
    emit("notice.round_opened", notice, at=at)
    for obligation in owed:
        notify(
            holders_of("obligations.sign_for", obligation.federation),
            "reports/round_opened",
            subject=obligation,
            context={"notice": notice, "obligation": obligation, "round": round},
            key=f"round-opened:{obligation.pk}",
            at=at,
        )


def _checked(notice: Notice, *, by: User, version: int) -> Notice:
    """The notice, locked: it runs, recurs, and this person rules its rounds."""
    fresh = lock(notice)
    if not by.has_perm("reports.run_rounds", fresh):
        raise NotAllowed("not_yours", _("Only national officers rule the rounds of a notice."))
    _check_running(fresh)
    if fresh.schedule is None:
        raise StepNotOpen("asks_once", _("This notice asks once; it has no further rounds."))
    check_version(fresh, version)
    return fresh


def _changed(notice: Notice) -> None:
    notice.version += 1
    notice.save(update_fields=["version", "form_version"])


@transaction.atomic
def open_another_round(
    notice: Notice,
    *,
    by: User,
    version: int,
    period: str,
    due_on: dt.date,
    on_time_until: dt.date | None = None,
    locks_on: dt.date | None = None,
    at: dt.datetime | None = None,
) -> Notice:
    """再开一轮: open one more round of an irregular notice; ``period`` is the day that names it.

    Raises NotAllowed, StepNotOpen (it runs no more, or its rounds open by themselves), Stale, Invalid.
    """
    at = at or timezone.now()
    fresh = _checked(notice, by=by, version=version)
    round = obligations.open_irregular(
        fresh.request,
        by=by,
        period=period,
        due_on=due_on,
        on_time_until=on_time_until,
        locks_on=locks_on,
        at=at,
    )
    _changed(fresh)
    _give_out(fresh, round, by=by, at=at)
    return fresh


@transaction.atomic
def move_round(
    notice: Notice,
    *,
    by: User,
    version: int,
    period: str,
    due_on: dt.date,
    on_time_until: dt.date | None = None,
    locks_on: dt.date | None = None,
    reason: str,
    at: dt.datetime | None = None,
) -> Notice:
    """Give one round ahead another due date than the rule does, with the reason.

    Raises NotAllowed, StepNotOpen (the round is not ahead), Stale, Invalid.
    """
    at = at or timezone.now()
    fresh = _checked(notice, by=by, version=version)
    round, before = obligations.move_round(
        fresh.request,
        period,
        due_on=due_on,
        on_time_until=on_time_until,
        locks_on=locks_on,
        reason=reason,
        at=at,
    )
    _changed(fresh)
    audit.record(
        "reports.notice.move_round",
        fresh,
        by=by,
        at=at,
        federation=fresh.federation,
        note=round.moved_reason,
        facts={"period": period, "from": str(before.due_on), "to": str(round.due_on)},
    )
    return fresh


@transaction.atomic
def renew_form(notice: Notice, *, by: User, version: int, at: dt.datetime | None = None) -> Notice:
    """下一期改用新版表单: rounds that open from now on take the newest published version of the form.

    A round that was opened keeps its own, also for who has not begun yet.
    """
    at = at or timezone.now()
    fresh = _checked(notice, by=by, version=version)
    newer = newer_form(fresh)
    if newer is None or fresh.form_version is None:
        raise StepNotOpen("no_newer_form", _("There is no newer version of its form."))
    if fresh.frequency != Frequency.IRREGULAR and not fresh.request.schedule.next_period:
        raise StepNotOpen("no_further_round", _("No further round of this notice opens."))
    before, fresh.form_version = fresh.form_version.number, newer
    _changed(fresh)
    audit.record(
        "reports.notice.renew_form",
        fresh,
        by=by,
        at=at,
        federation=fresh.federation,
        facts={"from": before, "to": newer.number},
    )
    return fresh
