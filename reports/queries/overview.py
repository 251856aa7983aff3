"""What the overview reads of notices and obligations: each a fixed number of queries, set-wise.

Bounded by what runs: notices that are issued and not closed, the acts of this week by the trail's
index of time, the filings of some weeks by ``obligation_filed``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    Case,
    Count,
    F,
    JSONField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    When,
)
from django.db.models.functions import Cast, JSONObject, TruncDate, TruncWeek
from django.utils import timezone
from django.utils.translation import get_language

from platform_site.audit.models import Entry
from platform_site.casework.queries import today, work_calendar
from platform_site.casework.workdays import Unit
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from platform_site.obligations.periods import titled

from ..models import Notice, Report, ReportQuerySet
from ..workflow import NoticeState, ReportState

#: Working days that the overview looks ahead.
AHEAD = 10
#: Weeks that the chart of filings looks back, this one included.
WEEKS = 12
#: Of the kinds of change of a week, so many at the most are read.
MOST_CHANGES = 200
#: The acts that the overview tells, newest first; drafts and signing are the federation's own affair.
TOLD = (
    "reports.notice.issue",
    "reports.notice.open_round",
    "reports.notice.close",
    "reports.notice.withdraw",
    "reports.report.submit",
    "reports.report.recall",
    "reports.report.return",
    "reports.report.accept",
    "obligations.extend",
    "obligations.waive",
)


def soon_until(on: dt.date | None = None) -> dt.date:
    """The last day of the next ten working days."""
    return work_calendar().reckon(on or today(), AHEAD, Unit.WORKING).due_on


@dataclass(frozen=True)
class Standing:
    """How the obligations of one round of a running notice stand, as far as the reader sees them.

    The five numbers from ``accepted`` to ``waived`` add up to ``total``. ``due`` is the part of
    ``open`` whose date lies within the next ten working days.
    """

    notice: Any
    title: str
    period: str
    line: str
    asks: str
    total: int
    accepted: int
    filed: int
    open: int
    late: int
    waived: int
    due: int
    due_first: dt.date | None
    late_first: dt.date | None


def standings(user: Any) -> list[Standing]:
    """Every round of a notice that runs (one query), earlier ones while something of them is not decided.

    Late is not filed and past the on-time limit.
    """
    now = today()
    missing = Q(filed_at=None, settled_at=None, waived_at=None)
    late = missing & Q(on_time_until__lt=now)
    open_ = missing & (Q(on_time_until=None) | Q(on_time_until__gte=now))
    due = missing & Q(on_time_until__gte=now, due_on__lte=soon_until(now))
    settled = Q(settled_at__isnull=False, waived_at=None)
    rows = (
        Obligation.objects.counted_for(user)
        .filter(cancelled_at=None, round__request__notice__state=NoticeState.ISSUED)
        .order_by()
        .values(
            notice=F("round__request"),
            title=F("round__request__title"),
            period=F("round__period"),
            opened=F("round__opened_at"),
            line=F("round__request__notice__business_line"),
            asks=F("round__request__notice__asks"),
        )
        .annotate(
            total=Count("pk"),
            accepted=Count("pk", filter=settled),
            filed=Count("pk", filter=Q(filed_at__isnull=False, settled_at=None, waived_at=None)),
            open=Count("pk", filter=open_),
            late=Count("pk", filter=late),
            waived=Count("pk", filter=Q(waived_at__isnull=False)),
            due=Count("pk", filter=due),
            due_first=Min("due_on", filter=due),
            late_first=Min("on_time_until", filter=late),
        )
    )
    found: list[dict[str, Any]] = [dict(row) for row in rows]
    newest: dict[Any, Any] = {}
    for row in found:
        newest[row["notice"]] = max(newest.get(row["notice"], row["opened"]), row["opened"])
    return [
        Standing(**row | {"title": titled(row["title"], row["period"])})
        for row in found
        # A round that is over in all but name is told no more once another one is open.
        if row.pop("opened") == newest[row["notice"]] or row["open"] or row["late"] or row["filed"]
    ]


def first_issues(user: Any) -> dict[str, dt.datetime | None]:
    """For each line in which the reader ever saw a notice issued, when the first one was.

    None where there is only history, of which the month alone is known: its reports were never
    recorded, so that nothing can be counted since then.
    """
    return dict(
        Notice.objects.visible_to(user)
        .exclude(state__in=[NoticeState.DRAFT, NoticeState.APPROVED])
        .order_by()
        .values_list("business_line")
        .annotate(first=Min("issued_at", filter=Q(month_year=None)))
    )


@dataclass(frozen=True)
class Act:
    """One kind of act on one notice since a moment: how many objects, whose, and when last."""

    notice: Any
    title: str
    line: str
    action: str
    count: int
    latest: dt.datetime
    #: The object, where there is only one.
    subject: str
    federations: tuple[str, ...]


def acts_since(user: Any, since: dt.date) -> list[Act]:
    """What was done about notices that the reader sees, from the trail, newest first (one query).

    Visible is an act on an object that is visible. Acts entered later count when they happened.
    """
    moment = timezone.make_aware(dt.datetime.combine(since, dt.time.min))
    english = not (get_language() or "zh-hans").startswith("zh")
    name = "short_en" if english else "short_zh"
    # Only what TOLD names has an id of this shape; CASE keeps the cast from anything else.
    pk = Case(When(action__in=TOLD, then=Cast("subject_id", UUIDField())))

    def seen(model: Any, path: str) -> When:
        """The notice of an object that the reader sees; ``path`` leads from it to the request."""
        notice = JSONObject(
            pk=f"{path}__pk", title=f"{path}__title", line=f"{path}__notice__business_line"
        )
        visible = model.objects.visible_to(user).filter(pk=OuterRef("object_pk"))
        return When(
            subject_type=model._meta.label_lower, then=Subquery(visible.values(about=notice))
        )

    rows = (
        Entry.objects.filter(at__gte=moment, action__in=TOLD, result=Entry.Result.DONE)
        .annotate(
            object_pk=pk,
            about=Case(
                seen(Notice, "request"),
                seen(Report, "obligation__round__request"),
                seen(Obligation, "round__request"),
                output_field=JSONField(),
            ),
            federation=Subquery(
                Federation.objects.filter(code=OuterRef("federation_code")).values(name)
            ),
        )
        .order_by()
        .values("about", "action")
        .annotate(
            count=Count("subject_id", distinct=True),
            latest=Max("at"),
            subject=Min("subject_id"),
            federations=ArrayAgg("federation", distinct=True),
        )
        .order_by("-latest", "action")[: MOST_CHANGES + len(TOLD)]
    )
    return [
        Act(
            notice=row["about"]["pk"],
            title=row["about"]["title"],
            line=row["about"]["line"],
            action=row["action"],
            count=row["count"],
            latest=row["latest"],
            subject=row["subject"],
            federations=tuple(each for each in row["federations"] if each),
        )
        for row in rows
        # Acts on what the reader does not see come as one row an action; leaving them out here and
        # not in the statement spares it to look every act up twice.
        if row["about"] is not None
    ]


@dataclass(frozen=True)
class Week:
    """First filings of one week; None before anything was ever asked."""

    monday: dt.date
    on_time: int | None
    late: int | None


def weekly_filings(
    user: Any, firsts: Iterable[dt.datetime | None], weeks: int = WEEKS, on: dt.date | None = None
) -> list[Week]:
    """First submissions by week (Monday to Sunday, Asia/Shanghai), the oldest first (one query).

    ``firsts`` are the moments of the first issues: weeks before the earliest of them are blank.
    """
    day = on or today()
    this_week = day - dt.timedelta(days=day.weekday())
    first = this_week - dt.timedelta(weeks=weeks - 1)
    began = min((timezone.localtime(each).date() for each in firsts if each), default=None)
    late = Q(filed_on__gt=F("on_time_until"), waived_at=None, cancelled_at=None)
    counted = {
        row["week"].date(): row
        for row in Obligation.objects.counted_for(user)
        .filter(filed_at__gte=timezone.make_aware(dt.datetime.combine(first, dt.time.min)))
        .annotate(week=TruncWeek("filed_at"), filed_on=TruncDate("filed_at"))
        .order_by()
        .values("week")
        .annotate(total=Count("pk"), late=Count("pk", filter=late))
    }
    found = []
    for number in range(weeks):
        monday = first + dt.timedelta(weeks=number)
        if began is None or monday + dt.timedelta(days=6) < began:
            found.append(Week(monday, None, None))
            continue
        row = counted.get(monday, {"total": 0, "late": 0})
        found.append(Week(monday, row["total"] - row["late"], row["late"]))
    return found


def unsigned_reports(user: Any) -> QuerySet[Report]:
    """The own federation's reports that run and whose sign-off is missing, the nearest date first."""
    return (
        Report.objects.visible_to(user)
        .filter(
            federation__in=user.scope.at(*ReportQuerySet.FILERS),
            state__in=[ReportState.DRAFT, ReportState.RETURNED],
            signed_off_on=None,
            obligation__round__request__notice__state=NoticeState.ISSUED,
            obligation__waived_at=None,
            obligation__cancelled_at=None,
        )
        .with_context()
        .order_by("obligation__due_on", "id")
    )
