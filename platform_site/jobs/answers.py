"""What a page and the API answer to somebody who has asked for long work."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from rest_framework.response import Response

from platform_site.problems import NotAllowed

from .models import Job

#: After how many seconds a client may ask how far it is.
ASK_AGAIN = 2


def follow(request: HttpRequest, job: Job) -> HttpResponse:
    """For a page: on to the job's own page, which tells how far it is."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(job.get_absolute_url())
    return redirect(job)


def accepted(request: Any, job: Job) -> Response:
    """For the API: 202, and in Location where to ask how far it is."""
    from .serializers import JobSerializer

    address = reverse("api:jobs-detail", kwargs={"version": request.version, "pk": job.pk})
    return Response(
        JobSerializer(job, context={"request": request}).data,
        status=202,
        headers={
            "Location": request.build_absolute_uri(address),
            "Retry-After": str(ASK_AGAIN),
        },
    )


def has_scope(request: Any, scope: str) -> bool:
    """Does the token of this request carry the scope? Whoever is signed in without one needs none."""
    scopes = getattr(request.auth, "scopes", None)
    return not scope or scopes is None or scope in scopes


def require_scope(request: Any, scope: str) -> None:
    """A file made of something opens no more than the token may read besides."""
    if not has_scope(request, scope):
        raise NotAllowed(
            "scope_missing",
            _("The token lacks the scope %(scope)s.") % {"scope": scope},
            scope=scope,
        )
