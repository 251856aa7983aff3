"""One's own webhooks and what was sent to them: what each list holds, for its page and its export."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection
from platform_site.text.words import listed

from .forms import LogForm
from .models import Webhook, WebhookDelivery


def select_webhooks(user: Any, parameters: QueryDict) -> Selection:
    """Newest first."""
    webhooks = Webhook.objects.visible_to(user).select_related("federation")
    return Selection(webhooks, ("-created_at", "-id"))


WEBHOOK_COLUMNS = (
    Column(_("Name"), lambda webhook: webhook.name, 24),
    Column(_("Server"), lambda webhook: webhook.host, 30),
    Column(_("Events"), lambda webhook: listed(webhook.kind_labels), 50),
    Column(_("Federation"), lambda webhook: str(webhook.federation or ""), 24),
    Column(_("State"), lambda webhook: webhook.get_state_display(), 12),
    Column(_("Last success"), lambda webhook: webhook.last_success_at),
    Column(_("Made on"), lambda webhook: webhook.created_at),
)


def select_deliveries(user: Any, parameters: QueryDict) -> Selection:
    """Those of one webhook (``webhook``), newest first."""
    try:
        webhook = Webhook.objects.visible_to(user).get(pk=UUID(parameters.get("webhook", "")))
    except (ValueError, Webhook.DoesNotExist):
        raise Http404 from None
    form = LogForm(parameters)
    sent = WebhookDelivery.objects.visible_to(user).filter(webhook=webhook).with_context()
    if not form.is_valid():
        sent = sent.none()
    elif state := form.cleaned_data["state"]:
        sent = sent.filter(delivery__state=state)
    return Selection(sent, ("-created_at", "-id"), form, about=((_("Webhook"), webhook.name),))


DELIVERY_COLUMNS = (
    Column(_("Written"), lambda sent: sent.created_at),
    Column(_("Event"), lambda sent: sent.kind_label, 24),
    Column(_("State"), lambda sent: sent.delivery.get_state_display(), 12),
    Column(_("Tries"), lambda sent: sent.delivery.tries, 8),
    Column(_("Answer"), lambda sent: sent.response_status, 8),
    Column(_("Duration (ms)"), lambda sent: sent.duration_ms, 12),
    Column(_("Problem"), lambda sent: sent.get_problem_display(), 40),
    Column(_("Last try"), lambda sent: sent.tried_at),
    Column(_("Next try"), lambda sent: sent.next_try_at),
    Column("webhook-id", lambda sent: str(sent.event_id), 38),
)

exports.register(
    Export(
        "webhooks",
        _("Webhooks"),
        select=select_webhooks,
        columns=WEBHOOK_COLUMNS,
        resource="webhooks",
    )
)
exports.register(
    Export(
        "webhook-deliveries",
        _("Deliveries to webhooks"),
        select=select_deliveries,
        columns=DELIVERY_COLUMNS,
        parameters=frozenset({"webhook", "state"}),
        resource="webhooks",
    )
)
