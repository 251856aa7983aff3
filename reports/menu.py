"""Notices and reports in the menu, and what each reader finds of them on the first page."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.casework.queries import DueDate, look_at, today
from platform_site.obligations.models import Obligation, ObligationQuerySet, Round
from platform_site.obligations.periods import titled
from platform_site.web.home import HomeBlock
from platform_site.web.menu import MenuItem

from .models import Asks, CircularQuerySet, Notice, NoticeQuerySet, ReportQuerySet
from .queries import Standing, standing_of
from .queries.handovers import reads_handovers
from .queries.supervision import follows_supervision, reads_supervision
from .queries.work_system import reads_work_system
from .workflow import NoticeState, ReportState

#: How many notices and obligations the first page shows.
FIRST = 6
OWN_OFFICERS = (Role.LIAISON_OFFICER, Role.DEPARTMENT_HEAD)


def reads_notices(user: Any) -> bool:
    return user.scope.holds(*NoticeQuerySet.DRAFTERS, *NoticeQuerySet.ADDRESSED, Role.AUDITOR)


def reads_reports(user: Any) -> bool:
    return user.scope.holds(*ReportQuerySet.READERS)


def reads_obligations(user: Any) -> bool:
    return bool(user.scope.holds(*ObligationQuerySet.READERS))


def reads_circulars(user: Any) -> bool:
    return user.scope.holds(*CircularQuerySet.DRAFTERS, *CircularQuerySet.ADDRESSED, Role.AUDITOR)


def follows_notices(user: Any) -> bool:
    return bool(user.scope.national(Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER))


def owes(user: Any) -> bool:
    return bool(user.scope.holds(*OWN_OFFICERS))


def current_notices(user: Any) -> dict[str, Any] | None:
    """The notices that run, with how many federations filed and how many are late."""
    notices = list(
        Notice.objects.visible_to(user)
        .filter(state=NoticeState.ISSUED)
        .with_request()
        .with_due_date()
        .order_by("due_on", "-issued_at")[:FIRST]
    )
    if not notices:
        return None
    done = Q(filed_at__isnull=False) | Q(settled_at__isnull=False)
    counts = {
        row["round__request"]: row
        for row in Obligation.objects.counted_for(user)
        .filter(
            round__in=Round.objects.newest_of(notice.pk for notice in notices).values("pk"),
            cancelled_at=None,
        )
        .order_by()
        .values("round__request")
        .annotate(
            total=Count("pk"),
            filed=Count("pk", filter=done),
            late=Count("pk", filter=~done & Q(waived_at=None, on_time_until__lt=today())),
        )
    }
    return {
        "lines": [
            {
                "notice": notice,
                "title": titled(notice.title, notice.period),
                "counts": counts.get(notice.pk),
                "due_on": notice.due_on,
            }
            for notice in notices
        ]
    }


def open_obligations(user: Any) -> dict[str, Any] | None:
    """A card for each thing the own federation still owes, the nearest date first."""
    owed = (
        Obligation.objects.visible_to(user)
        .filter(
            federation__in=user.scope.at(*OWN_OFFICERS),
            round__request__notice__state=NoticeState.ISSUED,
        )
        .unsettled()
        .exclude(report__state__in=[ReportState.SUBMITTED, ReportState.ACCEPTED])
        .select_related("round__request__notice", "report", "federation")
        .order_by("due_on", "id")[:FIRST]
    )
    cards = [_card(each) for each in owed]
    return {"cards": cards} if cards else None


def _card(obligation: Obligation) -> dict[str, Any]:
    report = getattr(obligation, "report", None)
    standing = standing_of(obligation, report.state if report else None)
    due: DueDate | None = look_at(obligation.due_on) if obligation.due_on else None
    return {
        "obligation": obligation,
        "notice": obligation.round.request.notice,
        "title": str(obligation.round),
        "standing": standing,
        "due": due,
        "verb": {
            Standing.WAITING: _("Sign for it"),
            Standing.SIGNED_FOR: _("Fill in the report"),
            Standing.RETURNED: _("See what to change"),
        }.get(standing, _("Go on with the report")),
        "asks_nothing": obligation.round.request.notice.asks == Asks.NOTHING,
    }


#: What the centre and the federations do beside reporting.
SUPERVISION = _("Supervision and work system")

MENU = [
    MenuItem(
        _("Reporting overview"),
        "matrix",
        permission=reads_reports,
        order=95,
        group=_("Reporting"),
        icon="clipboard-list",
    ),
    MenuItem(
        _("Notices"),
        "notice-list",
        permission=reads_notices,
        order=100,
        group=_("Reporting"),
        icon="scroll-text",
        holds=("obligations/",),
    ),
    MenuItem(
        _("Reports"),
        "report-list",
        permission=reads_reports,
        order=105,
        group=_("Reporting"),
        icon="file-text",
        holds=("comments/",),
    ),
    MenuItem(
        _("Stamped scans"),
        "scan-upload",
        permission=owes,
        order=110,
        group=_("Reporting"),
        icon="upload",
    ),
    MenuItem(
        _("Summaries"),
        "summary-list",
        permission=follows_notices,
        order=115,
        group=_("Reporting"),
        icon="clipboard-list",
    ),
    MenuItem(
        _("Circulars"),
        "circular-list",
        permission=reads_circulars,
        order=120,
        group=_("Reporting"),
        icon="scroll-text",
    ),
    MenuItem(
        _("Notice ledger"),
        "ledger",
        permission=reads_obligations,
        order=125,
        group=_("Reporting"),
        icon="clipboard-list",
    ),
    MenuItem(
        _("Statistics"),
        "figures",
        permission=reads_reports,
        order=130,
        group=_("Reporting"),
        icon="chart-column",
    ),
    MenuItem(
        _("Supervision log"),
        "supervision-list",
        permission=reads_supervision,
        order=200,
        group=SUPERVISION,
        icon="users",
    ),
    MenuItem(
        _("Phone rounds"),
        "phone-round-list",
        permission=follows_supervision,
        order=205,
        group=SUPERVISION,
        icon="message-square",
    ),
    MenuItem(
        _("Work system"),
        "work-system",
        permission=reads_work_system,
        order=215,
        group=SUPERVISION,
        icon="shield-check",
        holds=("work-statements/", "work-requests/"),
    ),
    MenuItem(
        _("Handovers"),
        "handover-list",
        permission=reads_handovers,
        order=220,
        group=SUPERVISION,
        icon="git-compare",
    ),
]
HOME = [
    HomeBlock("reports/home_obligations.html", open_obligations, order=5, permission=owes),
    HomeBlock("reports/home_notices.html", current_notices, order=20, permission=follows_notices),
]
