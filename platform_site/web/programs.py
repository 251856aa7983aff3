"""Middleware that serves people's pages, and that requests of programs pass by.

A program that brings a token has no session, fills in no form and is shown no message; what it gets is
data. What these layers would do for it is for nothing, and was a twelfth of the time of a list.
"""

from __future__ import annotations

from typing import Any

from csp import middleware as csp
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest

#: What answers to programs say in place of the pages' policy: data brings nothing along.
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


def is_programs(request: HttpRequest) -> bool:
    """Whether a program asks: with a token, at the REST API."""
    return request.path.startswith("/api/") and "HTTP_AUTHORIZATION" in request.META


class _PassedBy:
    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if is_programs(request):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class CSPMiddleware(_PassedBy, csp.CSPMiddleware):
    def __call__(self, request: HttpRequest) -> Any:
        response = super().__call__(request)
        response.headers.setdefault("Content-Security-Policy", DATA_POLICY)
        return response


class SessionMiddleware(_PassedBy, sessions.SessionMiddleware):
    pass


class AuthenticationMiddleware(_PassedBy, auth.AuthenticationMiddleware):
    pass


class MessageMiddleware(_PassedBy, messages.MessageMiddleware):
    pass
