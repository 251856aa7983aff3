"""Reading the supervision log: when each federation was last spoken to, and what lies beside a call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from platform_site.casework.queries import today
from platform_site.federations.models import Federation, Holding
from platform_site.federations.queries import phone_for
from platform_site.obligations.models import ActionPoint, Obligation
from platform_site.obligations.queries import ActionCount, action_counts

from ..models import PhoneCall, PhoneRound, SupervisionQuerySet, SupervisionRecord
from ..models.supervision import HAPPENED, days_since


def reads_supervision(user: Any) -> bool:
    return bool(user.scope.holds(*SupervisionQuerySet.READERS))


def follows_supervision(user: Any) -> bool:
    """The centre and the auditor: they see all of the log, and the phone rounds."""
    return bool(user.scope.national(*SupervisionQuerySet.CENTRE))


@dataclass(frozen=True)
class Contact:
    """Who holds a post, and the telephone number as the reader may see it."""

    holding: Holding
    phone: str


@dataclass(frozen=True)
class CallRow:
    """One federation of a round, with what the caller should know before dialling."""

    federation: Federation
    record: SupervisionRecord | None
    open_obligations: int
    late_obligations: int
    actions: ActionCount
    last_contact_on: dt.date | None
    days: int | None
    contacts: list[Contact]

    @property
    def called(self) -> bool:
        return self.record is not None


def last_contacts(user: Any, federations: Iterable[int]) -> dict[int, dt.date]:
    """The day of the last exchange that took place, by federation; one query."""
    rows = (
        SupervisionRecord.objects.visible_to(user)
        .filter(federation__in=list(federations), state__in=HAPPENED)
        .order_by()
        .values_list("federation")
        .annotate(last=Max("on"))
    )
    return dict(rows)


def federations_by_contact(user: Any) -> QuerySet[Federation]:
    """The first tier, each with ``last_contact_on`` and ``next_contact_on`` of its last exchange that took
    place; in the order of ``contact_order`` whoever was never contacted, or longest ago, comes first.
    """
    last = (
        SupervisionRecord.objects.visible_to(user)
        .filter(federation=OuterRef("pk"), state__in=HAPPENED)
        .order_by("-on", "-id")
    )
    return Federation.objects.first_tier().annotate(
        last_contact_on=Subquery(last.values("on")[:1]),
        next_contact_on=Subquery(last.values("next_contact_on")[:1]),
        contact_order=Coalesce(Subquery(last.values("on")[:1]), Value(dt.date.min)),
    )


def note_contacts(federations: Sequence[Any], user: Any) -> None:
    """Set on rows of :func:`federations_by_contact` the ``days`` since, and their ``actions``; one query."""
    counts, now = action_counts(user, [each.pk for each in federations]), today()
    for each in federations:
        each.days = days_since(each.last_contact_on, now)
        each.actions = counts.get(each.pk, ActionCount())


def _owed(user: Any, federations: list[int]) -> dict[int, tuple[int, int]]:
    """Not filed yet, and late with it, by federation."""
    rows = (
        Obligation.objects.counted_for(user)
        .unsettled()
        .filter(federation__in=federations, filed_at=None)
        .order_by()
        .values_list("federation")
        .annotate(open=Count("pk"), late=Count("pk", filter=Q(on_time_until__lt=today())))
    )
    return {federation: (many, late) for federation, many, late in rows}


def _contacts(user: Any, federations: list[int]) -> dict[int, list[Contact]]:
    """Whom the register of posts names today, as far as this reader reads it."""
    found: dict[int, list[Contact]] = {}
    holdings = Holding.objects.visible_to(user).on(today()).filter(federation__in=federations)
    for holding in holdings.order_by("post", "-since", "id"):
        found.setdefault(holding.federation_id, []).append(
            Contact(holding, phone_for(user, holding))
        )
    return found


def call_rows(round: PhoneRound, user: Any) -> list[CallRow]:
    """The call list: a fixed number of queries, however many federations."""
    calls = list(
        PhoneCall.objects.filter(round=round)
        .select_related("federation", "record__written_by")
        .order_by("federation__position", "federation__code")
    )
    ids = [call.federation_id for call in calls]
    owed, contacts = _owed(user, ids), _contacts(user, ids)
    actions, last = action_counts(user, ids), last_contacts(user, ids)
    now = today()
    rows = []
    for call in calls:
        pk = call.federation_id
        many, late = owed.get(pk, (0, 0))
        rows.append(
            CallRow(
                federation=call.federation,
                record=call.record,
                open_obligations=many,
                late_obligations=late,
                actions=actions.get(pk, ActionCount()),
                last_contact_on=last.get(pk),
                days=days_since(last.get(pk), now),
                contacts=contacts.get(pk, []),
            )
        )
    return rows


def action_points_of(record: SupervisionRecord, user: Any) -> list[ActionPoint]:
    """What was agreed on in it, the nearest date first."""
    points = ActionPoint.objects.visible_to(user).of_source(record).with_context()
    return list(points.order_by("due_on", "id"))
