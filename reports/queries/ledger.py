"""通知台账: from the number of a notice to the summary, a line for each federation.

A line is one obligation; nothing is kept for the ledger. In which summary a report went stands in the
frozen editions themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, JSONField, Q, QuerySet, TextChoices
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platform_site.casework.queries import today
from platform_site.documents.numbers import number_text
from platform_site.obligations.models import Obligation

from ..models import Asks, Summary, SummaryEdition

ORDER = ("-issued_at", "round", "federation__position", "id")


class LedgerStep(TextChoices):
    """How far a line has come; every line is at one of the first seven."""

    WAITING = "waiting", _("not signed for")
    SIGNED_FOR = "signed_for", _("signed for, not filed")
    FILED = "filed", _("filed, not accepted")
    ACCEPTED = "accepted", _("accepted")
    SETTLED = "settled", _("settled by signing")
    WAIVED = "waived", _("waived")
    CANCELLED = "cancelled", _("cancelled")
    LATE = "late", _("late")


@dataclass(frozen=True)
class Taken:
    """An edition of a summary into which the report went."""

    summary: Any
    edition: int
    document_number: str
    title: str

    @property
    def url(self) -> str:
        return SummaryEdition(summary_id=self.summary, number=self.edition).get_absolute_url()


def ledger_for(user: Any) -> QuerySet[Obligation]:
    """The lines that this reader sees: what was asked of recipients, not what they passed down."""
    return (
        Obligation.objects.visible_to(user)
        .filter(parent=None, round__request__notice__isnull=False)
        .select_related("federation", "round__request__notice", "report")
    )


def at_step(lines: QuerySet[Obligation], step: str) -> QuerySet[Obligation]:
    """Those of the lines that have come so far and no farther."""
    if step == LedgerStep.LATE:
        return _late(lines)
    open_ones = lines.filter(settled_at=None, waived_at=None, cancelled_at=None)
    asks_nothing = Q(round__request__notice__asks=Asks.NOTHING)
    settled = lines.filter(settled_at__isnull=False, waived_at=None, cancelled_at=None)
    return {
        LedgerStep.WAITING: open_ones.filter(signed_for_at=None, filed_at=None),
        LedgerStep.SIGNED_FOR: open_ones.filter(signed_for_at__isnull=False, filed_at=None),
        LedgerStep.FILED: open_ones.filter(filed_at__isnull=False),
        LedgerStep.ACCEPTED: settled.exclude(asks_nothing),
        LedgerStep.SETTLED: settled.filter(asks_nothing),
        LedgerStep.WAIVED: lines.filter(waived_at__isnull=False, cancelled_at=None),
        LedgerStep.CANCELLED: lines.filter(cancelled_at__isnull=False),
    }[LedgerStep(step)]


def _late(lines: QuerySet[Obligation]) -> QuerySet[Obligation]:
    """The rule of ``obligations.models.is_late`` as a condition of the database."""
    zone = timezone.get_default_timezone()
    day = {name: TruncDate(name, tzinfo=zone) for name in ("filed_at", "settled_at")}
    return (
        lines.filter(waived_at=None, cancelled_at=None)
        .alias(filed_on=day["filed_at"], settled_on=day["settled_at"])
        .filter(
            Q(filed_on__gt=F("on_time_until"))
            | Q(filed_at=None, settled_on__gt=F("on_time_until"))
            | Q(filed_at=None, settled_at=None, on_time_until__lt=today())
        )
    )


def in_year(lines: QuerySet[Obligation], year: int) -> QuerySet[Obligation]:
    """By the day of issue, in the platform's time zone."""
    first, after = (
        timezone.make_aware(dt.datetime(each, 1, 1), timezone.get_default_timezone())
        for each in (year, year + 1)
    )
    return lines.filter(issued_at__gte=first, issued_at__lt=after)


def step_of(owed: Obligation) -> LedgerStep:
    """How far the line has come, by its marks."""
    state = owed.state
    if state == Obligation.State.SETTLED:
        asks = owed.round.request.notice.asks
        return LedgerStep.SETTLED if asks == Asks.NOTHING else LedgerStep.ACCEPTED
    return LedgerStep(state.value)


def accepted_at(owed: Obligation) -> dt.datetime | None:
    """When its report was accepted; None where none is asked."""
    return owed.settled_at if step_of(owed) == LedgerStep.ACCEPTED else None


class _Reports(Func):
    """The ids of the reports whose figures and paragraphs an edition holds; its texts stay unread."""

    function = "jsonb_path_query_array"
    template = "%(function)s(%(expressions)s, '$.parts[*].report')"


def taken_in(lines: Iterable[Obligation], user: Any) -> dict[str, list[Taken]]:
    """By report: the editions that hold it, the oldest first, as far as the reader sees summaries."""
    notices = {each.round.request_id for each in lines if hasattr(each, "report")}
    summaries = Summary.objects.visible_to(user).filter(notice__in=notices)
    editions = (
        SummaryEdition.objects.filter(summary__in=summaries.values("pk"))
        .annotate(reports=_Reports("content", output_field=JSONField()))
        .order_by("summary", "number")
        .values_list(
            "summary",
            "summary__title",
            "number",
            "number_word",
            "number_year",
            "number_no",
            "reports",
        )
    )
    found: dict[str, list[Taken]] = {}
    for summary, title, number, word, year, no, reports in editions:
        taken = Taken(summary, number, number_text(word, year, no), title)
        for report in reports:
            found.setdefault(report, []).append(taken)
    return found


def prepare_ledger(lines: Sequence[Any], user: Any) -> None:
    """Set on each line in which editions its report stands: one query for all of them."""
    taken = taken_in(lines, user)
    for owed in lines:
        report = getattr(owed, "report", None)
        owed.taken = taken.get(str(report.pk), []) if report else []
