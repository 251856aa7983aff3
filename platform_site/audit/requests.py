"""Where a request comes from, and the address of the one being answered (for the trail)."""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest

#: Set by ``middleware.RefusedRequestsMiddleware``; None in tasks and commands.
current_address: ContextVar[str | None] = ContextVar("client_address", default=None)


def client_address(request: HttpRequest) -> str | None:
    """The client's address. ``X-Forwarded-For`` is believed only as far as our own proxies wrote it:
    the entry that the outermost of them added; what stands left of it, anyone can write.
    """
    address = request.META.get("REMOTE_ADDR", "")
    proxies = getattr(settings, "AXES_IPWARE_PROXY_COUNT", 0) or 0
    if proxies:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        address = hops[-proxies] if len(hops) >= proxies else address
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
