"""Where the recipients of a notice stand, and what is open to whom."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    TextChoices,
)
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.audit.models import EntryQuerySet
from platform_site.casework.queries import (
    DueDate,
    look_at,
    today,
)
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation, Round
from platform_site.problems import NotAllowed

from ..models import Notice, Report
from ..workflow import NoticeState, ReportState
from .overview import soon_until

#: What a reader outside the centre sees of a notice's story.
PUBLIC_ACTS = [f"reports.notice.{step}" for step in ("issue", "open_round", "close", "withdraw")]


class Standing(TextChoices):
    """Where one federation stands with one notice, as everybody entitled sees it."""

    WAITING = "waiting", _("not signed for")
    SIGNED_FOR = "signed_for", _("signed for")
    DRAFTING = "drafting", _("drafting")
    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned")
    ACCEPTED = "accepted", _("accepted")
    SETTLED = "settled", _("settled")
    WAIVED = "waived", _("waived")
    CANCELLED = "cancelled", _("cancelled")
    #: Only in the national view: see ``matrix.cell_standing``.
    SILENT = "silent", _("silent")


#: Who stands so and never submitted has filed nothing.
NOTHING_FILED = (Standing.WAITING, Standing.SIGNED_FOR, Standing.DRAFTING)


def standing_of(obligation: Obligation, report_state: str | None) -> Standing:
    """The obligation's own marks, refined by the state of its report where there is one."""
    return refined(obligation.state, report_state)


_FINAL = (Obligation.State.CANCELLED, Obligation.State.WAIVED, Obligation.State.WAITING)
_OF_REPORT = {
    ReportState.DRAFT.value: Standing.DRAFTING,
    ReportState.SUBMITTED.value: Standing.SUBMITTED,
    ReportState.RETURNED.value: Standing.RETURNED,
    ReportState.ACCEPTED.value: Standing.ACCEPTED,
}
_WITHOUT_REPORT = {
    state: Standing.SUBMITTED if state == Obligation.State.FILED else Standing(state.value)
    for state in Obligation.State
}


def refined(state: Obligation.State, report_state: str | None) -> Standing:
    """Where an obligation in this state stands, by the state of its report."""
    if report_state is None or state in _FINAL:
        return _WITHOUT_REPORT[state]
    return _OF_REPORT[report_state]


def may_sign_for(obligation: Obligation, user: Any) -> bool:
    """Whether this person can sign for it now: it waits, and its notice still runs."""
    return (
        obligation.state == Obligation.State.WAITING
        and obligation.round.request.notice.state == NoticeState.ISSUED
        and user.has_perm("obligations.sign_for", obligation)
    )


def obligation_steps(obligation: Obligation, user: Any) -> list[str]:
    """The steps open to this reader, by the names the API gives them."""
    steps = ["sign-for"] if may_sign_for(obligation, user) else []
    running = obligation.round.request.notice.state == NoticeState.ISSUED
    owed = not (obligation.settled_at or obligation.waived_at or obligation.cancelled_at)
    if running and owed:
        if not obligation.filed_at and user.has_perm("obligations.extend", obligation):
            steps.append("extend")
        if user.has_perm("obligations.waive", obligation):
            steps.append("waive")
    passed_down = obligation.parent_id is not None and not obligation.filed_at
    if owed and passed_down and user.has_perm("obligations.take_back", obligation):
        steps.append("take-back")
    return steps


@dataclass(frozen=True)
class RecipientRow:
    """One federation's line on the page of a notice."""

    obligation: Obligation
    report: Report | None
    report_is_open: bool
    standing: Standing
    is_late: bool
    due: DueDate | None

    @property
    def is_open(self) -> bool:
        return self.obligation.filed_at is None and self.standing in (
            Standing.WAITING,
            Standing.SIGNED_FOR,
            Standing.DRAFTING,
        )


def recipient_rows(notice: Notice, user: Any, round: Round | None = None) -> list[RecipientRow]:
    """Every obligation of one round (default: the newest) that the reader may see, in the official order."""
    round = round or notice.round
    obligations = list(
        Obligation.objects.counted_for(user)
        .filter(round=round)
        .select_related("federation", "leader", "report")
        .order_by("federation__position", "federation__code")
    )
    readable = set(
        Report.objects.visible_to(user).filter(obligation__round=round).values_list("pk", flat=True)
    )
    now = today()
    rows = []
    for obligation in obligations:
        obligation.round = round
        report = getattr(obligation, "report", None)
        rows.append(
            RecipientRow(
                obligation=obligation,
                report=report,
                report_is_open=report is not None and report.pk in readable,
                standing=standing_of(obligation, report.state if report else None),
                is_late=obligation.is_late(now),
                due=look_at(obligation.due_on, now) if obligation.due_on else None,
            )
        )
    return rows


#: Two ways of narrowing that the overview leads to: nothing filed, and due soon or late.
MISSING = {"due": _("due soon, not filed"), "missing": _("late, not filed")}


def standing_at(rows: list[RecipientRow], wanted: str) -> list[RecipientRow]:
    """Those of the rows that stand so, or are late; all where ``wanted`` names no standing."""
    if wanted == "late":
        return [row for row in rows if row.is_late]
    if wanted in MISSING:
        late = wanted == "missing"
        return [
            row
            for row in rows
            if row.is_open
            and row.is_late == late
            and (late or (row.due and row.due.due_on <= soon_until()))
        ]
    if wanted in Standing.values:
        return [row for row in rows if row.standing == wanted]
    return rows


def follows_all(user: Any) -> bool:
    """Do the recipients' standings concern this reader: national staff and the auditor?"""
    return bool(user.scope.national(Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER, Role.AUDITOR))


def check_follows_all(user: Any) -> None:
    """Raises NotAllowed for whoever does not (see :func:`follows_all`)."""
    if not follows_all(user):
        raise NotAllowed("not_yours", _("Only those who follow all federations see this page."))


def told_of_notice(entries: EntryQuerySet, user: Any) -> EntryQuerySet:
    """What of a notice's story this reader is told: outside the centre that it went out and how it
    ended.
    """
    return entries if follows_all(user) else entries.filter(action__in=PUBLIC_ACTS)


def day_of(moment: dt.datetime | None) -> dt.date | None:
    """The day on which it was, by the calendar of the platform."""
    return timezone.localdate(moment) if moment else None


def tally(rows: Iterable[RecipientRow]) -> dict[str, int]:
    """How many federations stand where, late ones counted apart."""
    rows = list(rows)
    counts: dict[str, int] = Counter(str(row.standing) for row in rows)
    counts["late"] = sum(row.is_late for row in rows)
    counts["total"] = len(rows)
    return dict(counts)


def due_of(obligation: Obligation, on: dt.date | None = None) -> DueDate | None:
    return look_at(obligation.due_on, on) if obligation.due_on else None


def addressees_of(notice: Notice) -> list[Federation]:
    """To whom it goes, in the official order; the same list before and after the issue."""
    addressed = notice.request.addressees.values("federation")
    return list(Federation.objects.filter(pk__in=addressed).order_by("position"))
