"""The pages that belong to no business line, and the pages for what goes wrong."""

from __future__ import annotations

import sys
from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from platform_site.problems import Refused

from . import overview as overviews
from .context import site
from .home import blocks_for

#: Seconds after which a client may try again when the database was away.
RETRY_AFTER = 15
#: How much of a body that is too large is read and thrown away, so that the browser is listening
#: when the answer comes (a closed connection would show as a network error).
DRAIN_LIMIT = 128 * 1024 * 1024


@require_GET
def front(request: HttpRequest) -> HttpResponse:
    return render(request, "front.html")


@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "help.html")


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The first screen after signing in: a leader's is the overview, the others' their own work."""
    if overviews.is_first_page(request.user):
        return overview(request)
    return render(request, "home.html", {"blocks": blocks_for(request)})


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The five lines and the platform on one page, each reader's own part of them."""
    if not overviews.opens(request.user):
        raise Http404
    return render(request, "overview.html", overviews.page_for(request))


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie, and on the account of whoever is signed in."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = redirect(target)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        user = request.user
        if user.is_authenticated and getattr(user, "language", language) != language:
            user.language = language
            user.save(update_fields=["language"])
    return response


# --- Health ---------------------------------------------------------------------------------


@never_cache
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, queue, migrations, worker and beat; 503 as soon as one of them has a problem."""
    from .health import run_checks

    checks = run_checks()
    ready = not any(checks.values())
    return JsonResponse(
        {
            "status": "ok" if ready else "unavailable",
            "checks": {name: str(problem or "ok") for name, problem in checks.items()},
        },
        status=200 if ready else 503,
    )


@never_cache
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for monitoring, to whoever brings METRICS_TOKEN; without one set there is no such page."""
    from .metrics import exposition

    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    if (
        not wanted
        or scheme.lower() != "bearer"
        or not compare_digest(given.encode(), wanted.encode())
    ):
        raise Http404
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


# --- What goes wrong ------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return too_large(request)
    told = exception.args[0] if type(exception) is BadRequest and exception.args else ""
    return _error(request, 400, _("The request could not be read"), detail=told)


def too_large(request: HttpRequest) -> HttpResponse:
    """More text than a form takes: 413, in words that say how to keep it."""
    _drain(request)
    limit = f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024)} MB"
    return _error(request, 413, _("Too much text at once"), template="413.html", limit=limit)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 403, _("You may not do this"), framed=True)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 404, _("Page not found"), framed=True)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _error(request, 403, _("This form is out of date"), template="403_csrf.html")


def server_error(request: HttpRequest) -> HttpResponse:
    exception = sys.exc_info()[1]
    if isinstance(exception, OperationalError | InterfaceError):
        return server_away(request, exception)
    return _error(request, 500, _("Something went wrong on our side"))


def server_away(request: HttpRequest, exception: Exception) -> HttpResponse:
    """503: the database is away or busy. What was typed comes back with the page."""
    response = _error(
        request,
        503,
        _("The platform is briefly unavailable"),
        typed=_typed(request),
        retry_after=RETRY_AFTER,
    )
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def problem(request: HttpRequest, refused: Refused) -> HttpResponse:
    return _error(
        request,
        refused.status,
        str(refused.message),
        template="problem.html",
        framed=True,
        code=refused.code,
        fields=refused.fields,
    )


#: The codes of what is refused before, or outside, the REST interface: as it says them itself.
_CODES = {
    400: "unreadable",
    403: "permission_denied",
    404: "not_found",
    413: "body_too_large",
    500: "error",
    503: "unavailable",
}


def _error(
    request: HttpRequest,
    status: int,
    title: str,
    *,
    template: str = "",
    framed: bool = False,
    code: str = "",
    detail: Any = "",
    **context: Any,
) -> HttpResponse:
    """One page for every error: what happened, what to do, and the number to quote.

    Only ``framed`` pages have the workbench around them; the others ask neither the database nor
    the session, because these may be what is broken.
    """
    if not hasattr(request, "LANGUAGE_CODE"):  # refused before the language was chosen
        translation.activate(translation.get_language_from_request(request))
    request_id = getattr(request, "request_id", "")
    if _wants_json(request):
        document = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": str(detail or title),
            "instance": request.path,
            "request_id": request_id,
            "code": code or _CODES.get(status, "refused"),
            "errors": [],
        }
        return JsonResponse(document, status=status, content_type="application/problem+json")
    context |= {"title": title, "status": status, "request_id": request_id}
    template = template or f"{status}.html"
    if framed and request.path.startswith("/w/") and request.user.is_authenticated:
        context["frame"] = "base_workbench.html"
        return render(request, template, context, status=status)
    context["frame"] = "base_plain.html"
    # Not `request=request`: the context processors may touch session and user.
    page = render_to_string(template, {**site(), **context})
    return HttpResponse(page, status=status)


def _wants_json(request: HttpRequest) -> bool:
    if request.path.startswith("/api/"):
        return True
    accept = request.headers.get("Accept", "")
    return "json" in accept and "text/html" not in accept


def _typed(request: HttpRequest) -> dict[str, Any] | None:
    """The fields of a POST that was lost, to be shown and sent again; never a password."""
    if request.method != "POST" or request.path.startswith("/accounts/"):
        return None
    try:
        posted = list(request.POST.lists())
        files = bool(request.FILES)
    except (
        UnreadablePostError,
        SuspiciousOperation,
        MultiPartParserError,
    ):  # the body itself cannot be read: then there is nothing to keep
        return None
    shown: list[tuple[str, str]] = []
    hidden: list[tuple[str, str]] = []
    for name, values in posted:
        if "password" in name.lower():
            continue
        for value in values:
            # Prose is shown, so that it can be copied; ids, choices and tokens travel along.
            long = len(value) > 64 or any(sign in value for sign in " \n。，、；")
            is_token = name == "csrfmiddlewaretoken"
            (shown if long and not is_token else hidden).append((name, value))
    return {
        "action": request.get_full_path(),
        "shown": shown,
        "hidden": hidden,
        "files": files,
    }


def _drain(request: HttpRequest) -> None:
    stream = getattr(request, "_stream", None)
    left = DRAIN_LIMIT
    while stream is not None and left > 0:
        chunk = stream.read(min(left, 1024 * 1024))
        if not chunk:
            return
        left -= len(chunk)
