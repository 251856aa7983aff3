"""What every page's frame needs. Everything that asks the database is lazy: error pages do not."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .menu import ShownItem, menu_for, site_items


def layout(request: HttpRequest) -> dict[str, Any]:
    menu = SimpleLazyObject(lambda: menu_for(request))
    return {
        "menu": menu,
        "site_items": SimpleLazyObject(lambda: site_items(request.path)),
        "topbar_todo": SimpleLazyObject(lambda: _in_slot(menu, "todo")),
        "topbar_bell": SimpleLazyObject(lambda: _in_slot(menu, "bell")),
        "todo_badge": SimpleLazyObject(lambda: getattr(_in_slot(menu, "todo"), "badge", None)),
        **site(),
    }


def site() -> dict[str, Any]:
    """The settings that pages show; enough for a page that must render without a request."""
    return {
        "demo_mode": settings.DEMO_MODE,
        "site_owner": settings.SITE_OWNER,
        "icp_number": settings.ICP_NUMBER,
        "site_code": settings.SITE_CODE,
        "help_line": settings.HELP_LINE,
        "max_text_bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "attachment_max_bytes": settings.ATTACHMENT_MAX_BYTES,
    }


def _in_slot(menu: Any, slot: str) -> ShownItem | None:
    for group in menu:
        for item in group.items:
            if item.item.slot == slot:
                return item
    return None
