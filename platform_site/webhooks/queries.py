"""Reading webhooks: what is told to whom, and how it is signed."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from platform_site.accounts.models import User
from platform_site.notifications.models import Delivery

from . import kinds
from .models import Webhook, WebhookEvent, WebhookSecret


def is_for(webhook: Webhook, event: WebhookEvent) -> bool:
    """May the owner see the object at this moment, and does it concern the webhook's federation?

    Asked when the event is handed on, and again as it goes out, with the owner read anew.
    """
    kind = kinds.find(event.kind)
    owner: User = webhook.owner
    if kind is None or not owner.is_active:
        return False
    seen = kind.seen_by(owner, within=webhook.federation if kind.chosen else None)
    return seen.filter(pk=event.subject_id).exists()


def secrets_in_force(webhook: Webhook) -> QuerySet[WebhookSecret]:
    """Newest first: that of today, and those it replaced while they still sign."""
    return webhook.secrets.filter(Q(ends_at=None) | Q(ends_at__gt=Now()))


def waiting_of(webhook: Webhook) -> int:
    """How many deliveries have not ended yet."""
    unfinished = [Delivery.State.WAITING, Delivery.State.CLAIMED]
    counted = webhook.deliveries.filter(delivery__state__in=unfinished).aggregate(n=Count("pk"))
    return int(counted["n"])
