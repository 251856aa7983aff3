"""The outermost layer of every request: its id, the page for a server away, the safety headers."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

from platform_site.problems import Refused

from . import views

Handler = Callable[[HttpRequest], HttpResponse]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class ServerAwayMiddleware:
    """A database that cannot be reached answers 503 with a page that keeps what was typed.

    This handles what views raise; what a middleware raises reaches ``views.server_error``, which
    answers the same. Also names the request: a sane X-Request-ID from the proxy is kept, else one
    is made, so that the log, the trail and the page the user sees carry the same one.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        request.META["HTTP_X_REQUEST_ID"] = request_id
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OperationalError | InterfaceError):
            return views.server_away(request, exception)
        return None


class SecurityHeadersMiddleware:
    """What Django and the content security policy leave out."""

    PERMISSIONS = ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "browsing-topics",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "payment",
            "usb",
        )
    )

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "Cache-Control" not in response:
            # The cookie is asked, not request.user: that would cost a query, or fail on a 503.
            if settings.SESSION_COOKIE_NAME in request.COOKIES:
                response["Cache-Control"] = "no-store"
            elif request.path.startswith("/api/"):
                response["Cache-Control"] = "private, no-cache"
        return response


class ProblemsMiddleware:
    """A refusal that a view did not put beside a field becomes a page of its own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            return views.problem(request, exception)
        return None


class LogMiddleware(RequestMiddleware):
    """The log names every request once, when it is answered, but never the secret in the address of a
    calendar. The client's address is added where it is found out (``audit``).
    """

    def prepare(self, request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(request_id=request.META["HTTP_X_REQUEST_ID"])

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        if request.path.startswith("/calendar/"):
            return f"{request.method} /calendar/***"
        return f"{request.method} {request.get_full_path()}"
