"""What passes with an office: drawn from the records as they stand, kept as plain data once handed over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from platform_site.accounts.models import RoleAssignment
from platform_site.accounts.permissions import get as permission_of
from platform_site.accounts.queries import permissions_of_role
from platform_site.accounts.roles import NATIONAL_ROLES, Role
from platform_site.attachments.models import Attachment
from platform_site.casework.deadlines import rule
from platform_site.casework.models import Duty
from platform_site.casework.queries import today
from platform_site.obligations.models import ActionPoint, Obligation
from platform_site.obligations.workflow import ActionState

from ..models import HANDED_OVER, Handover, PhoneRound, Report
from ..workflow import PhoneRoundState, ReportState

#: What a sheet lists of each kind at the most: more than one office ever has under way.
MOST = 300
#: How long after its end an office can still be handed over, days.
LATEST_DAYS = 180

Content = dict[str, Any]


def reads_handovers(user: Any) -> bool:
    return bool(user.scope.holds(*HANDED_OVER, Role.AUDITOR))


def offices_to_hand_over(user: Any) -> QuerySet[RoleAssignment]:
    """One's own offices, and for heads and leaders all of their federation that run or have just ended."""
    day = today()
    led = user.scope.at(*permission_of("reports.hand_over_for").roles)
    own = Q(user=user.pk, ended_at=None) & (Q(until=None) | Q(until__gte=day))
    there = Q(federation__in=led) & (
        Q(until=None) | Q(until__gte=day - dt.timedelta(days=LATEST_DAYS))
    )
    running = Handover.objects.filter(state__in=["open", "given"]).values("office")
    return (
        RoleAssignment.objects.filter(own | there, role__in=HANDED_OVER, substitutes=None)
        .exclude(pk__in=running)
        .select_related("user", "federation")
        .order_by("federation__position", "role", "since", "id")
    )


def ended_offices(day: dt.date, *, days: int) -> QuerySet[RoleAssignment]:
    """Offices that ended in the last ``days`` days, have no sheet, and are not held by the same person
    again."""
    offices = RoleAssignment.objects
    ended = Q(until__lt=day) | Q(ended_at__isnull=False)
    found = offices.filter(
        ended, role__in=HANDED_OVER, substitutes=None, until__gte=day - dt.timedelta(days=days)
    ).exclude(pk__in=Handover.objects.values("office"))
    held = set(
        offices.in_force(day)
        .filter(user__in=found.values("user"))
        .values_list("user", "role", "federation")
    )
    again = [each.pk for each in found if (each.user_id, each.role, each.federation_id) in held]
    return found.exclude(pk__in=again).select_related("user", "federation")


def content_of(handover: Handover) -> Content:
    """What stands on the sheet: as it was handed over, or as the records say now."""
    return handover.content if handover.content is not None else drawn(handover.office)


def drawn(office: RoleAssignment) -> Content:
    """What is under way in this office now, a fixed number of queries.

    It names what is to be done, not how anybody did it; of persons only the holder and who fills in.
    """
    return {
        "office": {
            "role": office.role,
            "federation": office.federation.code,
            "holder": office.user.name,
            "since": office.since.isoformat(),
            "until": office.until.isoformat() if office.until else None,
        },
        "duties": _duties(office),
        "reports": _reports(office),
        "action_points": _action_points(office),
        "phone_rounds": _phone_rounds(office),
        "notices": _notices(office),
        "substitutions": [
            {"name": each.user.name, "since": _day(each.since), "until": _day(each.until)}
            for each in RoleAssignment.objects.in_force()
            .filter(substitutes=office)
            .select_related("user")
        ],
    }


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _duties(office: RoleAssignment) -> list[dict[str, Any]]:
    """Those of the office pass by themselves; what was given to its holder by name has to be given anew."""
    may = [each.code for each in permissions_of_role(office.role)]
    mine = Q(user=None, federation=office.federation_id, permission__in=may)
    open_duties = Duty.objects.open().filter(mine | Q(user=office.user_id))
    return [
        {
            "title": each.title,
            "rule": each.rule_code,
            "due_on": _day(each.due_on),
            "named": each.user_id is not None,
            "url": each.get_absolute_url(),
        }
        for each in open_duties.exclude(rule_code="reports.take_over").order_by("due_on", "id")[
            :MOST
        ]
    ]


def _reports(office: RoleAssignment) -> list[dict[str, Any]]:
    if office.role in NATIONAL_ROLES:
        return []
    reports = list(
        Report.objects.filter(federation=office.federation_id)
        .exclude(state=ReportState.ACCEPTED)
        .select_related("obligation__round__request")
        .order_by("obligation__due_on", "id")[:MOST]
    )
    files: dict[Any, int] = {}
    if reports:
        files = dict(
            Attachment.objects.filter(
                owner_type=ContentType.objects.get_for_model(Report),
                owner_id__in=[each.pk for each in reports],
                removed_at=None,
            )
            .order_by()
            .values_list("owner_id")
            .annotate(many=Count("pk"))
        )
    return [
        {
            "title": each.obligation.round.request.title,
            "state": each.state,
            "due_on": _day(each.obligation.due_on),
            "files": files.get(each.pk, 0),
            "url": each.get_absolute_url(),
        }
        for each in reports
    ]


def _action_points(office: RoleAssignment) -> list[dict[str, Any]]:
    points = ActionPoint.objects.running().filter(
        Q(federation=office.federation_id, person=None) | Q(person=office.user_id)
    )
    return [
        {
            "title": str(each),
            "state": each.state,
            "due_on": _day(each.due_on),
            "named": each.person_id is not None,
            "url": each.get_absolute_url(),
        }
        for each in points.order_by("due_on", "id")[:MOST]
    ]


def _phone_rounds(office: RoleAssignment) -> list[dict[str, Any]]:
    if office.role != Role.NATIONAL_OFFICER:
        return []
    rounds: Any = PhoneRound.objects.filter(state=PhoneRoundState.OPEN).with_progress()
    return [
        {
            "title": each.title,
            "ends_on": _day(each.ends_on),
            "left": each.total - each.called,
            "url": each.get_absolute_url(),
        }
        for each in rounds.order_by("ends_on", "id")[:MOST]
    ]


def _notices(office: RoleAssignment) -> list[dict[str, Any]]:
    """What was signed for and is not settled yet."""
    if office.role in NATIONAL_ROLES:
        return []
    owed = (
        Obligation.objects.filter(federation=office.federation_id, signed_for_at__isnull=False)
        .unsettled()
        .select_related("round__request__notice")
        .order_by("due_on", "id")[:MOST]
    )
    return [
        {
            "title": each.round.request.title,
            "number": str(getattr(each.round.request.notice, "document_number", None) or ""),
            "signed_for_on": _day(timezone.localdate(each.signed_for_at)),
            "due_on": _day(each.due_on),
            "url": reverse("obligation-detail", args=[each.pk]),
        }
        for each in owed
    ]


@dataclass(frozen=True)
class Part:
    """One part of the sheet as a page shows it: each row with ``words`` (where it stands) and ``day``."""

    title: str
    rows: list[dict[str, Any]]


def parts_of(content: Content) -> list[Part]:
    """The parts in the language of the reader."""

    def rows(name: str, words: Callable[[dict[str, Any]], Any], day: str = "due_on") -> list[Any]:
        return [{**row, "words": str(words(row)), "day": row[day]} for row in content[name]]

    parts = [
        Part(_("Open duties"), rows("duties", lambda row: rule(row["rule"]).label)),
        Part(
            _("Reports under way"),
            rows("reports", lambda row: f"{ReportState(row['state']).label}{_files(row['files'])}"),
        ),
        Part(
            _("Action points"), rows("action_points", lambda row: ActionState(row["state"]).label)
        ),
        Part(
            _("Notices signed for, not settled"),
            rows("notices", lambda row: _("signed for on %(day)s") % {"day": row["signed_for_on"]}),
        ),
    ]
    if content["office"]["role"] == Role.NATIONAL_OFFICER:
        parts.append(
            Part(
                _("Phone rounds"),
                rows(
                    "phone_rounds",
                    lambda row: _("%(n)s federations left to call") % {"n": row["left"]},
                    "ends_on",
                ),
            )
        )
    return parts


def _files(many: int) -> str:
    if not many:
        return ""
    return " · " + ngettext("%(n)s file", "%(n)s files", many) % {"n": many}
