from django.utils.translation import gettext_lazy as _

from platform_site.web.menu import MenuItem

from .models import sees_drafts

MENU = [
    MenuItem(
        _("Forms"),
        "form-list",
        permission=sees_drafts,
        order=140,
        group=_("Reporting"),
        icon="clipboard-list",
    ),
    MenuItem(
        _("Indicators"),
        "indicator-list",
        permission=sees_drafts,
        order=145,
        group=_("Reporting"),
        icon="clipboard-list",
    ),
]
