from typing import Any

from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.web.menu import MenuItem

from .models import KEEPING


def reads_numbers(user: Any) -> bool:
    return bool(user.scope.holds(*KEEPING, Role.AUDITOR))


MENU = [
    MenuItem(
        _("Document numbers"),
        "number-list",
        permission=reads_numbers,
        order=500,
        group=_("Official documents"),
        icon="clipboard-list",
    ),
    MenuItem(
        _("Document templates"),
        "document-template-list",
        permission="documents.replace_template",
        order=510,
        group=_("Official documents"),
        icon="file-pen",
    ),
]
