"""Messages and failed deliveries: what each list holds, for its page and for its export."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from .models import Delivery, PortalNotice


def select_messages(user: Any, parameters: QueryDict) -> Selection:
    """Newest first; ``show=unread`` leaves out what has been read."""
    notices = PortalNotice.objects.visible_to(user)
    unread = parameters.get("show") == "unread"
    return Selection(
        notices.unread() if unread else notices,
        ("-created_at", "-id"),
        about=((_("State"), _("Unread")),) if unread else (),
    )


MESSAGE_COLUMNS = (
    Column(_("Received"), lambda notice: notice.created_at),
    Column(_("Title"), lambda notice: notice.title, 50),
    Column(_("Text"), lambda notice: notice.body, 80),
    Column(_("Read on"), lambda notice: notice.read_at),
)


def select_deliveries(user: Any, parameters: QueryDict) -> Selection:
    """What could not be delivered, and why. No texts; addresses masked."""
    failed = Delivery.objects.visible_to(user).failed().defer("body")
    return Selection(failed, ("-created_at", "-id"))


def reads_deliveries(user: Any) -> bool:
    return bool(user.has_perm("notifications.read_deliveries"))


DELIVERY_COLUMNS = (
    Column(_("Written"), lambda delivery: delivery.created_at),
    Column(_("Channel"), lambda delivery: delivery.get_channel_display()),
    Column(_("Address"), lambda delivery: delivery.masked_address, 30),
    Column(_("Event"), lambda delivery: delivery.event, 24),
    Column(_("Tries"), lambda delivery: delivery.tries, 8),
    Column(_("Reason"), lambda delivery: delivery.failed_reason, 60),
    Column(_("sent again"), lambda delivery: delivery.resent, 10),
)

exports.register(
    Export(
        "messages",
        _("Messages"),
        select=select_messages,
        columns=MESSAGE_COLUMNS,
        parameters=frozenset({"show"}),
        resource="notifications",
    )
)
exports.register(
    Export(
        "deliveries",
        _("Failed deliveries"),
        select=select_deliveries,
        columns=DELIVERY_COLUMNS,
        may=reads_deliveries,
        resource="deliveries",
    )
)
