"""Whose requests are counted under which limit (decision 0015); the counting is ``api.limits``."""

from __future__ import annotations

from typing import Any

from rest_framework.throttling import BaseThrottle

from platform_site.api import limits
from platform_site.audit.requests import client_address

from .authentication import needed_scope


class CallerThrottle(BaseThrottle):
    """A token's requests by scope, each with a bucket of its own; anybody else's by address."""

    def allow_request(self, request: Any, view: Any) -> bool:
        token = getattr(request, "auth", None)
        if token is None:
            limits.require("anonymous", client_address(request) or "", request)
        else:
            limits.require(needed_scope(request, view), str(token.id), request)
        return True
