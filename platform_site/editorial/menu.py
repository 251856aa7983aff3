"""Content in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from platform_site.web.menu import MenuItem

from .queries import works_at_the_desk

MENU = [
    MenuItem(
        _("Content"),
        "piece-list",
        permission=works_at_the_desk,
        order=300,
        group=_("Platform content"),
        icon="file-text",
        holds=("policy/",),
    ),
]
