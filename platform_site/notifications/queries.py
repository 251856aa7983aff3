"""What the header and the bell list ask."""

from __future__ import annotations

from typing import Any

from .models import PortalNotice


def unread_count(user: Any) -> int:
    """For the header's bell."""
    return PortalNotice.objects.visible_to(user).unread().count()
