"""Refusals as ``application/problem+json`` (RFC 9457), one shape for all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from platform_site.problems import FieldProblem, Refused, Text

from .renderers import dumps
from .tracing import request_id

__all__ = ["TITLES", "ProblemResponse", "handle", "pointers", "problem", "request_id"]

TYPE_PREFIX = "/api/v1/problems/"
RETRY_AFTER = 5

TITLES: dict[int, Text] = {
    400: _("The request cannot be read"),
    401: _("Sign-in is needed"),
    403: _("This is not yours to do"),
    404: _("There is no such thing here"),
    405: _("This method is not offered here"),
    406: _("There is no answer in that format"),
    409: _("This step is not open"),
    412: _("Changed in the meantime"),
    413: _("Too large"),
    415: _("This type is not accepted"),
    416: _("There is no such part"),
    422: _("Some fields need attention"),
    428: _("The version is missing"),
    429: _("Too many requests"),
    500: _("Something went wrong"),
    503: _("Not available for the moment"),
    507: _("There is no room left"),
}


class ProblemResponse(HttpResponse):
    """Rendered at once, so it does not depend on what formats the view offers."""

    def __init__(self, data: dict[str, Any], *, headers: Mapping[str, str]) -> None:
        self.data = data
        super().__init__(
            dumps(data),
            status=data["status"],
            content_type="application/problem+json",
            headers=dict(headers),
        )


def problem(
    request: HttpRequest | None,
    status: int,
    code: str,
    detail: Text,
    *,
    errors: list[dict[str, Any]] | None = None,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """One refusal. ``code`` is stable; ``detail`` says in the caller's language what to do."""
    data: dict[str, Any] = {
        "type": TYPE_PREFIX + code,
        "title": TITLES.get(status, _("Something went wrong")),
        "status": status,
        "detail": detail,
        "instance": request.path if request is not None else "",
        "request_id": request_id(),
        "code": code,
        "errors": errors or [],
    }
    # An extension never takes the place of a standard member.
    data = {**(extra or {}), **data}
    return ProblemResponse(
        data,
        headers={
            "X-Request-ID": data["request_id"],
            "Cache-Control": "no-store",
            **(headers or {}),
        },
    )


def handle(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """DRF's exception handler; None (a real fault) lets Django log it and answer 500."""
    answer = _answer(exc, context.get("request"))
    if answer is not None:
        set_rollback()
    return answer


def _answer(exc: Exception, request: Any) -> ProblemResponse | None:
    if isinstance(exc, Refused):
        errors = [_field(field) for field in exc.fields]
        headers = {} if exc.retry_after is None else {"Retry-After": str(exc.retry_after)}
        return problem(
            request,
            exc.status,
            exc.code,
            exc.message,
            errors=errors,
            extra=exc.extra,
            headers=headers,
        )
    if isinstance(exc, DjangoValidationError):
        exc = exceptions.ValidationError(get_error_detail(exc))
    if isinstance(exc, exceptions.ValidationError):
        errors = list(pointers(exc.detail))
        detail = _("The fields named in “errors” need attention; nothing was saved.")
        return problem(request, 422, "invalid", detail, errors=errors)
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if isinstance(exc, exceptions.APIException):
        return _from_drf(exc, request)
    if isinstance(exc, RequestDataTooBig):
        return problem(request, 413, "body_too_large", _("The body is too large."))
    if isinstance(exc, SuspiciousOperation | BadRequest):
        return problem(request, 400, "unreadable", _("The request cannot be read."))
    if isinstance(exc, DataError):
        # A number, a day or an instant beyond what PostgreSQL keeps.
        return problem(request, 400, "out_of_range", _("A value is beyond what can be stored."))
    if isinstance(exc, OperationalError | InterfaceError):
        detail = _("The database does not answer at the moment. Nothing was saved; try again soon.")
        headers = {"Retry-After": str(RETRY_AFTER)}
        return problem(request, 503, "unavailable", detail, headers=headers)
    return None


def _from_drf(exc: exceptions.APIException, request: Any) -> ProblemResponse:
    status, headers = exc.status_code, {}
    if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        status = 401
        headers["WWW-Authenticate"] = getattr(exc, "auth_header", None) or "Bearer"
    if isinstance(exc, exceptions.Throttled) and exc.wait is not None:
        headers["Retry-After"] = str(math.ceil(exc.wait))
    codes = exc.get_codes()
    code = codes if isinstance(codes, str) else exc.default_code
    detail = exc.detail if isinstance(exc.detail, str) else exc.default_detail
    if status == 404:
        # One wording for what is missing and for what is not theirs to see.
        code, detail = "not_found", _("There is no such object, or it is not yours to see.")
    return problem(request, status, code, detail, headers=headers)


def _field(field: FieldProblem) -> dict[str, Any]:
    return {"pointer": field.pointer, "code": field.code, "detail": field.message}


def pointers(detail: Any, at: str = "") -> Iterator[dict[str, Any]]:
    """DRF's nested dicts and lists of errors as a flat list with JSON pointers (RFC 6901)."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            here = name == api_settings.NON_FIELD_ERRORS_KEY
            token = str(name).replace("~", "~0").replace("/", "~1")
            yield from pointers(inner, at if here else f"{at}/{token}")
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            # A list of messages belongs to the field itself; a list of dicts, to its items.
            nested = isinstance(inner, Mapping | list | tuple)
            yield from pointers(inner, f"{at}/{index}" if nested else at)
    else:
        yield {"pointer": at, "code": getattr(detail, "code", None) or "invalid", "detail": detail}
