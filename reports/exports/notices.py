"""The list of notices: what it holds, for its page and for its export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection
from platform_site.obligations.models import Obligation, Round
from platform_site.obligations.periods import label_of

from .. import queries
from ..filters import NoticeFilter
from ..menu import reads_notices
from ..models import Notice

#: Who follows what their own federation owes.
OWN_OFFICES = (Role.PROVINCIAL_LEADER, Role.DEPARTMENT_HEAD, Role.LIAISON_OFFICER)


def select_notices(user: Any, parameters: QueryDict) -> Selection:
    visible = Notice.objects.visible_to(user).with_request().with_due_date()
    narrowed = NoticeFilter(parameters, queryset=visible)
    # Drafts, which have no day of issue yet, come first.
    return Selection(narrowed.qs, ("-issued_at", "-request"), narrowed.form)


def _newest_rounds(notices: Sequence[Notice]) -> Any:
    """The newest round of each notice: what its line in the list is about."""
    return Round.objects.newest_of(notice.pk for notice in notices).values("pk")


def filed_counts(notices: Sequence[Notice], user: Any) -> dict[Any, dict[str, int]]:
    """For each notice how many owe its newest round and how many filed (one query)."""
    counted = (
        Obligation.objects.counted_for(user)
        .filter(round__in=_newest_rounds(notices), cancelled_at=None)
        .order_by()
        .values("round__request")
        .annotate(
            total=Count("pk"),
            filed=Count("pk", filter=Q(filed_at__isnull=False) | Q(settled_at__isnull=False)),
        )
    )
    no_clock = {notice.pk for notice in notices if notice.due_on is None}
    # Of history whose reports were never recorded nothing is known: blank, not zero.
    return {
        row["round__request"]: row
        for row in counted
        if row["filed"] or row["round__request"] not in no_clock
    }


def own_standings(notices: Sequence[Notice], user: Any) -> dict[Any, queries.Standing]:
    """Where the reader's own federation stands with each of the notices (one query)."""
    owed = (
        Obligation.objects.visible_to(user)
        .filter(
            round__in=_newest_rounds(notices),
            federation__in=user.scope.at(*OWN_OFFICES),
        )
        .select_related("round", "report")
    )
    return {
        each.round.request_id: queries.standing_of(
            each, each.report.state if hasattr(each, "report") else None
        )
        for each in owed
    }


def _prepare_notices(notices: Sequence[Any], user: Any) -> None:
    follows = queries.follows_all(user)
    filed = filed_counts(notices, user) if follows else {}
    ours = {} if follows else own_standings(notices, user)
    for notice in notices:
        counts = filed.get(notice.pk, {})
        notice.filed, notice.recipients = counts.get("filed"), counts.get("total")
        notice.ours = ours.get(notice.pk)


def _notice_columns(user: Any) -> Sequence[Column]:
    columns = [
        Column(_("Title"), lambda notice: notice.title, 50),
        Column(_("Document number"), lambda notice: notice.number, 22),
        Column(_("Business line"), lambda notice: notice.get_business_line_display(), 24),
        Column(_("What is asked for"), lambda notice: notice.get_asks_display()),
        Column(_("Frequency"), lambda notice: notice.get_frequency_display(), 12),
        Column(_("Period"), lambda notice: label_of(notice.period or "") or None, 16),
        Column(_("Issued on"), _issued_on, 14),
        Column(_("Due date"), lambda notice: notice.due_on, 14),
        Column(_("State"), lambda notice: notice.get_state_display(), 12),
    ]
    if queries.follows_all(user):
        return [
            *columns,
            Column(_("Filed"), lambda notice: notice.filed, 10),
            Column(_("Recipients"), lambda notice: notice.recipients, 10),
        ]
    ours = Column(_("Own federation"), lambda notice: notice.ours.label if notice.ours else None)
    return [*columns, ours]


def _issued_on(notice: Notice) -> Any:
    """The day, or in words the month where history knows no more."""
    return notice.dated if notice.month_year else queries.day_of(notice.issued_at)


exports.register(
    Export(
        "notices",
        _("Notices"),
        select=select_notices,
        columns=_notice_columns,
        prepare=_prepare_notices,
        may=reads_notices,
        parameters=frozenset({"search", "state", "business_line", "asks"}),
        private=frozenset({"search"}),
        resource="notices",
    )
)
