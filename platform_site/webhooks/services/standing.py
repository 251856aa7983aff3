"""How the tries at a webhook went, and what follows: rest, pause, disabled."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from platform_site.audit.services import record
from platform_site.notifications import services as ledger
from platform_site.notifications.models import Delivery
from platform_site.notifications.services import notify

from ..models import Webhook, WebhookDelivery

Problem = WebhookDelivery.Problem

#: After so many tries in a row without a 2xx it is paused, and its owner told.
FAILURES_TO_PAUSE = 20
#: Problems that cost a worker its time; a server that answers, however badly, does not.
_SLOW = {Problem.TIMEOUT, Problem.CONNECTION, Problem.NAME}
#: The longest rest is 2 to this power, in minutes: an hour.
_LONGEST_REST = 6


def note(
    sending: WebhookDelivery, *, status: int | None = None, ms: int | None = None, problem: str = ""
) -> None:
    """Keep how the last try went."""
    WebhookDelivery.objects.filter(pk=sending.pk).update(
        response_status=status, duration_ms=ms, problem=problem, tried_at=Now()
    )


def succeeded(webhook: Webhook) -> None:
    Webhook.objects.filter(pk=webhook.pk).update(
        failures=0, rests_until=None, last_success_at=Now()
    )


@transaction.atomic
def failed(webhook: Webhook, problem: str) -> None:
    """Count it; a server that does not answer rests, too many in a row pause the webhook."""
    row = _lock(webhook)
    if row is None:
        return
    rest = {}
    if problem in _SLOW:
        minutes = 2 ** min(row.failures, _LONGEST_REST)
        rest = {"rests_until": Now() + dt.timedelta(minutes=minutes)}
    Webhook.objects.filter(pk=row.pk).update(failures=F("failures") + 1, **rest)
    if row.failures + 1 >= FAILURES_TO_PAUSE and row.state == Webhook.State.ACTIVE:
        _stop(row, Webhook.State.PAUSED, Webhook.Reason.FAILURES)
        ledger.hold(_waiting(row))


@transaction.atomic
def gone(webhook: Webhook) -> None:
    """410: the receiver wants no more (Standard Webhooks); what waits for it is taken back."""
    row = _lock(webhook)
    if row is None or row.state == Webhook.State.DISABLED:
        return
    _stop(row, Webhook.State.DISABLED, Webhook.Reason.GONE)
    stopped = _waiting(row)
    WebhookDelivery.objects.filter(delivery__in=stopped).update(problem=Problem.STOPPED)
    ledger.cancel_deliveries(stopped, reason=Problem.STOPPED)


def take_back(sending: WebhookDelivery, problem: str) -> None:
    """It is not sent at all: its webhook or its owner's sight of the object is gone."""
    WebhookDelivery.objects.filter(pk=sending.pk).update(problem=problem)
    ledger.cancel_deliveries([sending.delivery_id], reason=problem)


def _lock(webhook: Webhook) -> Webhook | None:
    rows = Webhook.objects.select_for_update(no_key=True, of=("self",)).select_related("owner")
    return rows.filter(pk=webhook.pk).first()


def _waiting(webhook: Webhook) -> list[UUID]:
    waiting = webhook.deliveries.filter(delivery__state=Delivery.State.WAITING, event__webhook=None)
    return list(waiting.values_list("delivery_id", flat=True))


def _stop(row: Webhook, state: Webhook.State, reason: Webhook.Reason) -> None:
    before = row.state
    Webhook.objects.filter(pk=row.pk).update(
        state=state, state_reason=reason, version=F("version") + 1
    )
    row.refresh_from_db()
    verb = "pause" if state == Webhook.State.PAUSED else "disable"
    record(
        f"webhooks.webhook.{verb}",
        row,
        by=None,
        from_state=before,
        to_state=state,
        facts={"reason": reason.value, "failures": row.failures},
    )
    notify(
        [row.owner],
        f"webhooks/webhook_{state.value}",
        subject=row,
        context={"webhook": row, "failures": FAILURES_TO_PAUSE},
        key=f"webhook-{state.value}:{row.pk}:{row.version}",
    )
