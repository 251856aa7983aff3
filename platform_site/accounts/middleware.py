"""Nothing under /w/ without signing in; and signed-in pages speak their reader's language."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

WORKBENCH = "/w/"
SIGNED_IN_PAGES = (WORKBENCH, "/accounts/")


class SignInRequiredMiddleware:
    """Denies by default: a new page under /w/ is closed before its view says anything."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path.startswith(SIGNED_IN_PAGES) and request.user.is_authenticated:
            # The account's language holds on signed-in pages, on whichever machine.
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        if path.startswith(WORKBENCH):
            if not request.user.is_authenticated:
                return _send(request, resolve_url(settings.LOGIN_URL), keep_place=True)
            if settings.MFA_COMPULSORY and not is_mfa_enabled(request.user):
                messages.info(request, _("Set up your second factor first; then you can go on."))
                return _send(request, reverse("mfa_activate_totp"), keep_place=False)
        return self.get_response(request)


def _send(request: HttpRequest, address: str, *, keep_place: bool) -> HttpResponse:
    """Lead to another page; a part of a page (htmx) is told to take the whole page there."""
    partial = request.headers.get("HX-Request") == "true"
    if keep_place:
        address = f"{address}?{urlencode({'next': _place(request, partial)})}"
    if partial:
        response = HttpResponse(status=401)
        response["HX-Redirect"] = address
        return response
    return redirect(address)


def _place(request: HttpRequest, partial: bool) -> str:
    """Where to come back to: the page itself, or for a fragment or a POST the page it came from."""
    if not partial and request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        parts = urlsplit(came_from)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return request.path if request.method in {"GET", "HEAD"} else resolve_url("home")
