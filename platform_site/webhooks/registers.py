"""What this app tells the rooms below it: how its channel is sent, its test event, its words."""

from django.utils.translation import gettext_lazy as _

from platform_site.audit import actions
from platform_site.notifications import delivery
from platform_site.notifications.models import Delivery

from . import kinds, metrics, sending
from .models import Webhook


def register() -> None:
    delivery.register(Delivery.Channel.WEBHOOK, sending.send, slow=True)
    kinds.register(kinds.Kind("ping", _("Test event"), Webhook, "webhooks", chosen=False))
    metrics.register()
    for code, label in {
        "webhooks.webhook.create": _("Made a webhook"),
        "webhooks.webhook.change": _("Changed a webhook"),
        "webhooks.webhook.rotate": _("Made a new secret for a webhook"),
        "webhooks.webhook.pause": _("Paused a webhook"),
        "webhooks.webhook.disable": _("Disabled a webhook"),
        "webhooks.webhook.resume": _("Resumed a webhook"),
        "webhooks.webhook.delete": _("Deleted a webhook"),
        "webhooks.delivery.resend": _("Sent an event to a webhook again"),
    }.items():
        actions.register(code, label)
