from django.utils.translation import gettext_lazy as _

from platform_site.web.menu import MenuItem

GROUP = _("Administration")

MENU = [
    MenuItem(
        _("Accounts"),
        "account-list",
        permission="accounts.read_accounts",
        order=800,
        group=GROUP,
        icon="users",
    ),
    MenuItem(_("Exceptions"), "grant-list", order=880, group=GROUP, icon="shield-check"),
    MenuItem(_("API tokens"), "token-list", order=890, group=GROUP, icon="key-round"),
]
