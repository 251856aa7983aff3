"""Signing for a notice (签收): the recipient has it, and its next duty begins."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from platform_site.accounts.models import User
from platform_site.casework import services as duties
from platform_site.notifications.services import notify
from platform_site.obligations import services as obligations
from platform_site.obligations.models import Obligation

from ..deadlines import FILE_REPORT, SIGN_FOR
from ..models import Asks, Notice, PassDown
from .notices import _check_running, duty_title


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
