"""What mends by itself: bells nobody heard, rows held by mistake, logs whose time is over."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from platform_site.notifications import services as ledger
from platform_site.notifications.models import Delivery

from ..models import Webhook, WebhookDelivery, WebhookEvent, WebhookSecret
from .events import spread

MANY = 1000


def sweep() -> int:
    """Spread what no bell announced; let go what was held while its webhook was being resumed."""
    held = WebhookDelivery.objects.filter(
        webhook__state=Webhook.State.ACTIVE,
        delivery__state=Delivery.State.WAITING,
        delivery__due_at=None,
    )
    ledger.release(held.values_list("delivery_id", flat=True)[:MANY])
    return spread()


def sweep_old() -> int:
    """Delete events and their deliveries after WEBHOOK_LOG_DAYS, and secrets that sign no more.

    An event outlives the days in which it could be written again (``emit_once`` looks back as far): so
    what is deleted here does not come back.
    """
    WebhookSecret.objects.filter(ends_at__lt=Now()).delete()
    edge = Now() - timedelta(days=settings.WEBHOOK_LOG_DAYS + 1)
    old = WebhookDelivery.objects.filter(created_at__lt=edge).order_by("created_at")
    while ids := list(old.values_list("delivery_id", flat=True)[:MANY]):
        ledger.forget(ids)
    gone = 0
    events = WebhookEvent.objects.filter(written_at__lt=edge, deliveries=None)
    while ids := list(events.values_list("pk", flat=True)[:MANY]):
        WebhookEvent.objects.filter(pk__in=ids).delete()
        gone += len(ids)
    return gone
