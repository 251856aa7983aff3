from django.utils.translation import gettext_lazy as _

from platform_site.web.menu import MenuItem

MENU = [
    MenuItem(
        _("Decision trail"),
        "audit-list",
        permission="audit.read_trail",
        order=780,
        group=_("Oversight"),
        icon="history",
    )
]
