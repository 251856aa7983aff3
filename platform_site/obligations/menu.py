"""Action points in the menu."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from platform_site.web.menu import MenuItem

from .models import ActionPointQuerySet


def reads_action_points(user: Any) -> bool:
    return bool(user.scope.holds(*ActionPointQuerySet.READERS))


MENU = [
    MenuItem(
        _("Action points"),
        "action-point-list",
        permission=reads_action_points,
        order=210,
        group=_("Supervision and work system"),
        icon="clipboard-check",
    )
]
