"""Webhooks in figures: events not handed on yet, deliveries that have not ended well, who stands still."""

from __future__ import annotations

from django.db.models import Count, DurationField, ExpressionWrapper, F, Max
from django.db.models.functions import Now

from platform_site.notifications.models import Delivery
from platform_site.web.metrics import METRICS, Reading

from .models import Webhook, WebhookEvent

#: What still has to end, or ended badly.
WATCHED = (Delivery.State.WAITING, Delivery.State.CLAIMED, Delivery.State.FAILED)


def webhooks() -> list[Reading]:
    states = dict.fromkeys(Webhook.State, 0)
    for state, many in Webhook.objects.order_by().values_list("state").annotate(Count("pk")):
        states[Webhook.State(state)] = many
    counted = dict.fromkeys(WATCHED, 0)
    rows = Delivery.objects.filter(channel=Delivery.Channel.WEBHOOK, state__in=WATCHED).order_by()
    for state, many in rows.values_list("state").annotate(Count("pk")):
        counted[Delivery.State(state)] = many
    due = Delivery.objects.due().filter(channel=Delivery.Channel.WEBHOOK)
    waited = ExpressionWrapper(Now() - F("due_at"), output_field=DurationField())
    unspread = ExpressionWrapper(Now() - F("written_at"), output_field=DurationField())
    oldest = due.aggregate(age=Max(waited))["age"]
    oldest_event = WebhookEvent.objects.filter(spread_at=None).aggregate(age=Max(unspread))["age"]
    return [
        Reading(
            "platform_webhooks",
            "Webhooks by state.",
            [({"state": str(state)}, many) for state, many in states.items()],
            ("state",),
        ),
        Reading(
            "platform_webhook_deliveries",
            "Deliveries to webhooks that are not at a good end, by state.",
            [({"state": str(state)}, many) for state, many in counted.items()],
            ("state",),
        ),
        Reading(
            "platform_webhook_delivery_oldest_due_age_seconds",
            "How long the oldest delivery to a webhook that may go has waited.",
            [({}, oldest.total_seconds() if oldest else 0.0)],
        ),
        Reading(
            "platform_webhook_event_oldest_age_seconds",
            "How long the oldest event has waited to be handed to the webhooks.",
            [({}, oldest_event.total_seconds() if oldest_event else 0.0)],
        ),
    ]


def register() -> None:
    METRICS.append(webhooks)
