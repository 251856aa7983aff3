"""The ledger of deliveries in figures: how long the queue is, how old, how much of it failed."""

from __future__ import annotations

from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Q
from django.db.models.functions import Now

from platform_site.web.metrics import METRICS, Reading

from .models import Delivery

#: States in which a message still has to end, or ended badly; what was sent is history.
WATCHED = (Delivery.State.WAITING, Delivery.State.CLAIMED, Delivery.State.FAILED)


def deliveries() -> list[Reading]:
    counted = dict.fromkeys(WATCHED, 0)
    # A webhook that does not answer is its owner's trouble: ``webhooks.metrics``.
    rows = Delivery.objects.exclude(channel=Delivery.Channel.WEBHOOK).filter(state__in=WATCHED)
    rows = rows.order_by()
    for state, many in rows.values_list("state").annotate(Count("pk")):
        counted[Delivery.State(state)] = many
    waiting = Q(state=Delivery.State.WAITING, due_at__lte=Now())
    waited = ExpressionWrapper(Now() - F("due_at"), output_field=DurationField())
    oldest = rows.aggregate(age=Max(waited, filter=waiting))["age"]
    return [
        Reading(
            "platform_deliveries",
            "Messages of the delivery ledger that are not at a good end, by state.",
            [({"state": str(state)}, many) for state, many in counted.items()],
            ("state",),
        ),
        Reading(
            "platform_delivery_oldest_due_age_seconds",
            "How long the oldest message that may go has waited.",
            [({}, oldest.total_seconds() if oldest else 0.0)],
        ),
    ]


def register() -> None:
    METRICS.append(deliveries)
