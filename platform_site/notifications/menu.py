"""The bell in the header, and the operator's line in the menu."""

from django.utils.translation import gettext_lazy as _

from platform_site.web.menu import MenuItem

from . import queries

MENU = [
    MenuItem(
        _("Messages"),
        "notification-list",
        order=20,
        icon="bell",
        badge=queries.unread_count,
        place="bell",
    ),
    MenuItem(
        _("Failed deliveries"),
        "delivery-list",
        permission="notifications.read_deliveries",
        order=900,
        group=_("System"),
        icon="triangle-alert",
    ),
]
