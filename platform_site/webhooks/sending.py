"""One delivery handed over: asked again whether it may go, signed, posted, and how it went noted.

Called by the engine of the ledger (``notifications.delivery``), which claims, tries again and marks.
"""

from __future__ import annotations

import datetime as dt
import time
from functools import partial
from typing import Any

from django.db.models import Case, F, When
from django.db.models.functions import Now
from django.utils import timezone
from standardwebhooks import Webhook as Signer

from platform_site.api.renderers import dumps
from platform_site.notifications.delivery import LaterError, UnsendableError, still_ours
from platform_site.notifications.models import Delivery
from platform_site.notifications.relay import WithdrawnError

from . import kinds
from .models import Webhook, WebhookDelivery, WebhookEvent
from .outgoing import NotReachedError, post
from .queries import is_for, secrets_in_force
from .sealing import SealBrokenError, unseal
from .services.standing import failed, gone, note, succeeded, take_back

Problem = WebhookDelivery.Problem


class NoSuccessError(Exception):
    """The try brought no 2xx; the ledger tries again."""


def payload(event: WebhookEvent) -> dict[str, Any]:
    """What is told: which object, as it was then. Its contents are read through the API."""
    kind = kinds.find(event.kind)
    return {
        "type": event.kind,
        "timestamp": timezone.localtime(event.occurred_at),
        "data": {
            "id": event.subject_id,
            "version": event.subject_version,
            "state": event.subject_state,
            "federation": event.federation_code or None,
            "url": kind.address_of(event.subject_id) if kind else None,
        },
    }


def headers_for(webhook: Webhook, event: WebhookEvent, body: bytes) -> dict[str, str]:
    """Signed with each secret in force, the newest first (Standard Webhooks 1.0)."""
    now = dt.datetime.now(dt.UTC)
    signatures = [
        Signer(unseal(secret.sealed)).sign(str(event.pk), now, body.decode())
        for secret in secrets_in_force(webhook)
    ]
    return {
        "Content-Type": "application/json",
        "User-Agent": "union-platform-webhooks/1",
        "webhook-id": str(event.pk),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def send(row: Delivery) -> None:
    """Hand one delivery over; see :func:`platform_site.notifications.delivery.register`."""
    resting = When(webhook__rests_until__gt=Now(), then=F("webhook__rests_until"))
    sending = (
        WebhookDelivery.objects.select_related("webhook__owner", "webhook__federation", "event")
        .annotate(rests_until=Case(resting, default=None))
        .filter(delivery=row)
        .first()
    )
    if sending is None:
        raise UnsendableError("There is no such webhook any more.")
    webhook, event = sending.webhook, sending.event
    if event.webhook_id is None:
        if webhook.state == Webhook.State.PAUSED:
            raise LaterError(None)
        if webhook.state == Webhook.State.DISABLED:
            take_back(sending, Problem.STOPPED)
            raise WithdrawnError
    if sending.rests_until is not None:
        raise LaterError(sending.rests_until)
    if not is_for(webhook, event):
        take_back(sending, Problem.UNSEEN)
        raise WithdrawnError
    _try(row, sending)


def _try(row: Delivery, sending: WebhookDelivery) -> None:
    webhook, event = sending.webhook, sending.event
    body = dumps(payload(event))
    began = time.monotonic()
    try:
        headers = headers_for(webhook, event, body)
        status = post(webhook.url, body, headers, may_go=partial(still_ours, row))
    except SealBrokenError:
        note(sending, problem=Problem.SECRET)
        raise UnsendableError("The webhook's secret cannot be read.") from None
    except NotReachedError as fault:
        note(sending, ms=_ms_since(began), problem=fault.problem)
        failed(webhook, fault.problem)
        raise NoSuccessError(fault.problem) from None
    if status is None:
        raise WithdrawnError
    problem = _problem_of(status)
    note(sending, status=status, ms=_ms_since(began), problem=problem)
    if not problem:
        succeeded(webhook)
        return
    if problem == Problem.GONE:
        gone(webhook)
        raise UnsendableError(f"HTTP {status}")
    failed(webhook, problem)
    raise NoSuccessError(f"HTTP {status}")


def _problem_of(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if status == 410:
        return Problem.GONE
    return Problem.REDIRECT if 300 <= status < 400 else Problem.STATUS


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
