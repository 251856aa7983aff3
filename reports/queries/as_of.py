"""How things stood at the end of a past day, from what was marked and written down at its time.

Nothing is stored for it. An obligation keeps the moment of each of its marks; the trail, to which
rows are only added, keeps each step of a notice or report with the state it led to; each submitted
version is kept whole; each extension keeps the date before it. What counts is when an act happened,
also where it was written down later.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.audit.models import Entry
from platform_site.casework.queries import today
from platform_site.obligations.models import Allowance, Obligation
from platform_site.problems import FieldProblem, Invalid

from ..models import Comment, Notice, Report, ReportVersion
from ..workflow import ReportState
from .reports import comments_for, sees_draft

#: No federation reported here before it: the notices of history begin in 2016.
EARLIEST = dt.date(2000, 1, 1)

MARKS = ("signed_for_at", "filed_at", "settled_at", "waived_at", "cancelled_at")


def check_day(day: dt.date) -> dt.date:
    """The day, if one can look back to it. Raises Invalid at ``/as_of`` for a day ahead."""
    message = ""
    if day > today():
        message = _("This day lies ahead; choose today or a day before.")
    elif day < EARLIEST:
        message = _("Nothing is known of a day that far back.")
    if message:
        raise Invalid(
            "as_of_wrong", message, fields=[FieldProblem("/as_of", "out_of_range", message)]
        )
    return day


def end_of(day: dt.date) -> dt.datetime:
    """The first moment that is not part of the day any more, in the platform's time zone."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
    return timezone.make_aware(midnight, timezone.get_default_timezone())


def with_state_then(notices: QuerySet[Notice], day: dt.date) -> QuerySet[Notice]:
    """What had been issued by the end of the day, each with ``state_then``.

    A notice of history has no steps; it was closed before it was taken over.
    """
    until = end_of(day)
    steps = (
        Entry.objects.filter(
            subject_type=Notice._meta.label_lower,
            subject_id=Cast(OuterRef("pk"), CharField()),
            at__lt=until,
            result=Entry.Result.DONE,
        )
        .exclude(to_state="")
        .order_by("-at", "-id")
    )
    return notices.filter(issued_at__lt=until).annotate(
        state_then=Coalesce(Subquery(steps.values("to_state")[:1]), F("state"))
    )


def report_states_then(reports: Iterable[Any], until: dt.datetime) -> dict[str, str]:
    """The state of each report by the last step taken before ``until``; keys are ids as text."""
    steps = (
        Entry.objects.filter(
            subject_type=Report._meta.label_lower,
            subject_id__in=[str(pk) for pk in reports],
            at__lt=until,
            result=Entry.Result.DONE,
        )
        .exclude(to_state="")
        .order_by("subject_id", "-at", "-id")
        .distinct("subject_id")
    )
    return dict(steps.values_list("subject_id", "to_state"))


def rewind(obligations: Iterable[Obligation], day: dt.date) -> list[Obligation]:
    """The obligations that existed at the end of the day, with marks and dates as they were.

    The rows are changed in memory only. ``round`` must be loaded: it holds the dates of the issue.
    """
    until = end_of(day)
    there = [owed for owed in obligations if owed.issued_at < until]
    for owed in there:
        for name in MARKS:
            moment = getattr(owed, name)
            if moment is not None and moment >= until:
                setattr(owed, name, None)
    _rewind_dates({owed.pk: owed for owed in there}, until)
    return there


def _rewind_dates(obligations: Mapping[uuid.UUID, Obligation], until: dt.datetime) -> None:
    given: dict[uuid.UUID, list[Allowance]] = {}
    for each in Allowance.objects.filter(
        obligation__round__in={owed.round_id for owed in obligations.values()},
        kind=Allowance.Kind.EXTENSION,
    ).order_by("at", "id"):
        given.setdefault(each.obligation_id, []).append(each)
    for pk, extensions in given.items():
        owed = obligations.get(pk)
        if owed is None or extensions[-1].at < until:
            continue
        before = [each for each in extensions if each.at < until]
        if before:
            owed.due_on = before[-1].to_due_on
            owed.on_time_until = before[-1].to_on_time_until or before[-1].to_due_on
        else:
            owed.due_on, owed.on_time_until = owed.round.due_on, owed.round.on_time_until


@dataclass(frozen=True)
class ReportThen:
    """A report at the end of a past day, as this reader would have found it.

    ``kept`` is the version that stood then. Answers that were being written are not kept, so while
    ``kept`` is None there is a state and nothing to read.
    """

    day: dt.date
    state: ReportState
    obligation: Obligation
    is_late: bool
    kept: ReportVersion | None
    versions: tuple[ReportVersion, ...]
    comments: tuple[Comment, ...]
    accepted_at: dt.datetime | None


def report_then(report: Report, user: Any, day: dt.date) -> ReportThen | None:
    """None where it was not there yet for this reader: not begun, or for others not submitted.

    A comment shows from the moment it could be read, and its reply from the moment it was given.
    """
    until = end_of(day)
    own = sees_draft(report, user)
    versions = tuple(report.versions.filter(submitted_at__lt=until).order_by("-number"))
    if report.started_at >= until or not (own or versions):
        return None
    state = ReportState(
        report_states_then([report.pk], until).get(str(report.pk), ReportState.DRAFT)
    )
    comments = comments_for(report, user).filter(at__lt=until)
    if state == ReportState.SUBMITTED and own:
        # They were the reviewer's own notes that day, whatever became of them later.
        comments = comments.exclude(report_version=versions[0])
    told = list(comments)
    for comment in told:
        if comment.replied_at is not None and comment.replied_at >= until:
            comment.reply, comment.replied_by_name, comment.replied_at = "", "", None
    [owed] = rewind([Obligation.objects.select_related("round").get(pk=report.obligation_id)], day)
    return ReportThen(
        day=day,
        state=state,
        obligation=owed,
        is_late=owed.is_late(day),
        kept=versions[0] if versions else None,
        versions=versions,
        comments=tuple(told),
        accepted_at=report.accepted_at if state == ReportState.ACCEPTED else None,
    )
