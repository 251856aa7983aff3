"""Extension and waiver: what they mean for the duties, the reminders and the people of one federation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from platform_site.accounts.models import User
from platform_site.accounts.queries import holders_of
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import attach, freeze
from platform_site.casework import services as duties
from platform_site.notifications.services import notify
from platform_site.obligations import services as obligations
from platform_site.obligations.models import Allowance, Obligation

from ..deadlines import FILE_REPORT, RESUBMISSION, REVIEW, SIGN_FOR
from ..models import Notice, Report
from .cascade import end_passed_down
from .notices import _check_running


@transaction.atomic
def extend_obligation(
    obligation: Obligation,
    *,
    by: User,
    version: int,
    due_on: dt.date,
    on_time_until: dt.date | None = None,
    locks_on: dt.date | None = None,
    reason: str,
    attachments: Iterable[Attachment] = (),
    at: dt.datetime | None = None,
) -> Obligation:
    """Give one federation more time: its ladder of reminders begins anew, nobody else's moves."""
    at = at or timezone.now()
    notice = Notice.objects.with_request().get(pk=obligation.round.request_id)
    _check_running(notice)
    fresh, allowance = obligations.extend(
        obligation,
        by=by,
        version=version,
        due_on=due_on,
        on_time_until=on_time_until,
        locks_on=locks_on,
        reason=reason,
        at=at,
    )
    _keep_files(allowance, attachments, by=by)
    duties.move(
        fresh, FILE_REPORT, due_on=due_on, remind_until=fresh.locks_on, by=by, note=reason, at=at
    )
    _tell(fresh, notice, allowance, "reports/obligation_extended", by=by, at=at)
    return fresh


@transaction.atomic
def waive_obligation(
    obligation: Obligation,
    *,
    by: User,
    version: int,
    reason: str,
    attachments: Iterable[Attachment] = (),
    at: dt.datetime | None = None,
) -> Obligation:
    """Let one federation off: its duties end, and with them its reminders."""
    at = at or timezone.now()
    notice = Notice.objects.with_request().get(pk=obligation.round.request_id)
    _check_running(notice)
    fresh, allowance = obligations.waive(obligation, by=by, version=version, reason=reason, at=at)
    _keep_files(allowance, attachments, by=by)
    duties.cancel(fresh, SIGN_FOR, FILE_REPORT, by=by, at=at)
    # What lies with the reviewer is let off too: it is not decided any more (see workflow.still_owed).
    filed = Report.objects.filter(obligation=fresh)
    duties.cancel_many(filed, RESUBMISSION, by=by, at=at)
    duties.cancel_many(filed, REVIEW, by=by, at=at)
    end_passed_down(fresh, by=by, reason=allowance.reason, at=at)
    _tell(fresh, notice, allowance, "reports/obligation_waived", by=by, at=at)
    return fresh


def _keep_files(allowance: Allowance, files: Iterable[Attachment], *, by: User) -> None:
    for file in files:
        attach(file, allowance, by=by)
    freeze(Attachment.objects.of(allowance))


def _tell(
    obligation: Obligation,
    notice: Notice,
    allowance: Allowance,
    event: str,
    *,
    by: User,
    at: dt.datetime,
) -> None:
    notify(
        holders_of("obligations.sign_for", obligation.federation),
        event,
        subject=obligation,
        context={"notice": notice, "obligation": obligation, "allowance": allowance, "by": by},
        reason=allowance.reason,
        key=f"allowance:{allowance.pk}",
        at=at,
    )
