"""Events: written with the act (an outbox), handed to the webhooks that listen afterwards."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Exists, Model, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat, Now
from django.utils import timezone

from platform_site.notifications import bell
from platform_site.notifications.models import Delivery
from platform_site.notifications.services import Message, hold, write

from .. import kinds
from ..models import Webhook, WebhookDelivery, WebhookEvent
from ..queries import is_for

logger = logging.getLogger(__name__)

CHANNEL = Delivery.Channel.WEBHOOK.value
#: Events that one statement writes, or one run spreads.
MANY = 500


def emit(kind: str, subject: Model, *, at: dt.datetime | None = None) -> None:
    """Write that this happened to the object, in the caller's transaction: with the act or not at all.

    An object's version names the occasion: replayed, it is written once.
    """
    version: int = subject.version  # type: ignore[attr-defined]
    key = f"{kind}:{subject.pk}:{version}"
    _write([_event(kind, subject, key, at or timezone.now())])


def emit_once(
    kind: str, subjects: QuerySet[Any], *, by: Sequence[str], at: dt.datetime | None = None
) -> int:
    """Write this of each object for which it has not been written with the same values of ``by``.

    Set-wise, and harmless to repeat: for what no act of a person brings about, such as a day that passes.
    """
    key: list[Any] = [Value(f"{kind}:"), Cast("pk", CharField())]
    for name in by:
        key += [Value(":"), Cast(name, CharField())]
    missing = (
        subjects.annotate(event_key=Concat(*key))
        .filter(~Exists(WebhookEvent.objects.filter(key=OuterRef("event_key"))))
        .order_by("pk")
    )
    written = 0
    while found := list(missing[:MANY]):
        with transaction.atomic():
            _write([_event(kind, each, each.event_key, at or timezone.now()) for each in found])
        written += len(found)
    return written


def _event(kind: str, subject: Any, key: str, at: dt.datetime) -> WebhookEvent:
    if kinds.find(kind) is None:
        raise LookupError(f"no kind of event is named {kind!r}")
    federation = getattr(subject, "federation", None)
    return WebhookEvent(
        key=key,
        kind=kind,
        subject_id=str(subject.pk),
        subject_version=subject.version,
        subject_state=subject.state,
        federation_code=federation.code if federation is not None else "",
        occurred_at=at,
    )


def _write(events: list[WebhookEvent]) -> None:
    WebhookEvent.objects.bulk_create(events, ignore_conflicts=True)
    ids = [event.pk for event in events]
    transaction.on_commit(partial(bell.ring, ids, task="webhooks.spread"), robust=True)


# --- Handing on -----------------------------------------------------------------------------------
def spread(ids: Iterable[Any] | None = None) -> int:
    """Write a delivery for each webhook that an event is for; returns how many events were spread.

    Each event in a transaction of its own, so that one that fails stops no other.
    """
    waiting = WebhookEvent.objects.filter(spread_at=None).order_by("written_at", "pk")
    if ids is not None:
        waiting = waiting.filter(pk__in=[str(pk) for pk in ids])
    done = 0
    for pk in list(waiting.values_list("pk", flat=True)[:MANY]):
        try:
            done += _spread_one(pk)
        except Exception:  # the sweep tries it again; its neighbours must not wait for that
            logger.exception("Event %s was not handed to the webhooks.", pk)
    return done


@transaction.atomic
def _spread_one(pk: UUID) -> bool:
    event = (
        WebhookEvent.objects.filter(pk=pk, spread_at=None)
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if event is None:
        return False
    listening = Webhook.objects.select_related("owner", "federation").order_by("pk")
    if event.webhook_id is not None:
        listening = listening.filter(pk=event.webhook_id)
    else:
        # Whoever begins to listen is not told of what was before.
        listening = listening.listening(event.kind).filter(created_at__lte=event.written_at)
    webhooks = [webhook for webhook in listening if is_for(webhook, event)]
    written = write([_message(event, webhook) for webhook in webhooks])
    rows = [
        WebhookDelivery(webhook=webhook, event=event, delivery_id=each.delivery_ids[CHANNEL])
        for webhook, each in zip(webhooks, written, strict=True)
    ]
    WebhookDelivery.objects.bulk_create(rows)
    if event.webhook_id is None:
        hold(row.delivery_id for row in rows if row.webhook.state == Webhook.State.PAUSED)
    WebhookEvent.objects.filter(pk=pk).update(spread_at=Now())
    return True


def _message(event: WebhookEvent, webhook: Webhook) -> Message:
    """The row of the ledger: it says what goes where, the text is made when it goes."""
    return Message(
        key=f"webhook:{event.pk}",
        user=webhook.owner,
        event=event.kind,
        title=event.kind,
        body="",
        url="",
        channels={CHANNEL},
        addresses={CHANNEL: str(webhook.pk)},
        language="",
    )


def ping(webhook: Webhook, key: str) -> None:
    """A test event, for this webhook alone."""
    event = _event("ping", webhook, key, timezone.now())
    event.webhook, event.federation_code = webhook, ""
    _write([event])
