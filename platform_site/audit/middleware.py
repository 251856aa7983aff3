"""Writes into the trail what signed-in people were refused, and which whole lists they took out."""

from __future__ import annotations

import logging
from collections.abc import Callable

import structlog
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from . import services
from .models import Entry
from .requests import client_address, current_address

logger = logging.getLogger(__name__)

_REFUSALS = frozenset({403, 404})
_PREFIXES = ("/w/", "/api/")
_PATH_LENGTH = 200


class RefusedRequestsMiddleware:
    """One entry for each request of a signed-in person, by session or by token, that ends in 403 or
    404, and for each such item of a bulk: method, path, status and address. The query is left out,
    for it may hold what was typed.

    Also one for each list that was taken out whole, as a table: which, in what form, narrowed by which
    parameters. It lends the client's address to every entry written while the request is answered.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        address = client_address(request)
        structlog.contextvars.bind_contextvars(ip=address)
        token = current_address.set(address)
        try:
            response = self.get_response(request)
            if request.path.startswith(_PREFIXES):
                if response.status_code in _REFUSALS:
                    self._record(request, request.method, request.path, response.status_code)
                # What a bulk was refused, item by item, as if each had been asked for alone.
                for method, path, status in getattr(response, "refused_items", ()):
                    if status in _REFUSALS:
                        self._record(request, method, path, status)
            if taken_out := getattr(response, "taken_out", None):
                services.record("list.taken_out", None, by=request.user, facts=taken_out)
            return response
        finally:
            current_address.reset(token)

    @staticmethod
    def _record(request: HttpRequest, method: str | None, path: str, status: int) -> None:
        try:
            # DRF puts the owner of a token on this same request.
            user = getattr(request, "user", None)
            if user is None or not user.is_authenticated:
                return
            with transaction.atomic():
                services.record(
                    "request.refused",
                    None,
                    by=user,
                    facts={
                        "method": method,
                        "path": path[:_PATH_LENGTH],
                        "status": status,
                    },
                    result=Entry.Result.REFUSED,
                )
        except Exception:
            # The answer stands whatever happens to its trail; a refusal must not become a 500.
            logger.exception("A refused request could not be recorded.")
