from django.utils.translation import gettext_lazy as _

from platform_site.web.menu import MenuItem

MENU = [
    MenuItem(
        _("Federations"), "federation-list", order=700, group=_("Directory"), icon="building-2"
    )
]
