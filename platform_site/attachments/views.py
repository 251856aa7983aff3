"""Upload, download and removal of files. A file is only ever downloaded, never shown in a page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import (
    HttpRequest,
    HttpResponse,
    JsonResponse,
    UnreadablePostError,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from platform_site.problems import Invalid, Refused

from . import owners, queries, services, store
from .download import serve
from .models import Attachment


@csrf_exempt  # the inner view checks it, after the size has been looked at
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Refuse by the announced size before a byte is read, and name a full disk while reading."""
    try:
        store.refuse_announced(request.META.get("CONTENT_LENGTH"))
        with store.disk_full_in_words():
            len(request.FILES)  # reads the body
    except Refused as problem:
        # The form could not be read, so there is no `next` to go back to: a page says it.
        return _refused(request, problem, back="")
    except UnreadablePostError as error:
        raise BadRequest("The upload broke off.") from error
    return _upload(request)


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    back = _back(request)
    try:
        name = request.POST.get("owner", "")
        owner = owners.find(name, request.user) if name else None
        file = request.FILES.get("file")
        if file is None:
            raise Invalid("no_file", _("Choose a file first."))
        attachment = services.upload(file, by=request.user, name=file.name or "", owner=owner)
    except Refused as problem:
        return _refused(request, problem, back=back)
    if _wants_json(request):
        return JsonResponse(_as_json(attachment), status=201)
    if request.headers.get("HX-Request"):
        context = {"attachment": attachment, "may_remove": True, "next": back}
        return render(request, "attachments/attachment_item.html", context, status=201)
    messages.success(request, _("%(name)s was uploaded.") % {"name": attachment.filename})
    return redirect(back or reverse("home"))


@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    attachment = queries.get_visible(request.user, pk)
    return serve(attachment, request.headers.get("If-None-Match", ""))


@require_POST
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    attachment = queries.get_visible(request.user, pk)
    back = _back(request)
    name = attachment.filename
    try:
        services.remove(attachment, by=request.user)
    except Refused as problem:
        return _refused(request, problem, back=back)
    if _wants_json(request):
        return HttpResponse(status=204)
    if request.headers.get("HX-Request"):
        return HttpResponse()  # the row is swapped for nothing
    messages.success(request, _("%(name)s was removed.") % {"name": name})
    return redirect(back or reverse("home"))


def _refused(request: HttpRequest, problem: Refused, *, back: str) -> HttpResponse:
    """In the way the caller asked: JSON, a fragment, or back to the form with the message."""
    if _wants_json(request):
        body = {"code": problem.code, "detail": str(problem.message), "status": problem.status}
        return JsonResponse(body, status=problem.status)
    if request.headers.get("HX-Request"):
        context = {"problem": problem}
        return render(
            request, "attachments/attachment_refused.html", context, status=problem.status
        )
    if back:
        messages.error(request, str(problem.message))
        return redirect(back)
    raise problem


def _as_json(attachment: Attachment) -> dict[str, Any]:
    return {
        "id": str(attachment.pk),
        "filename": attachment.filename,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "size_text": store.size_in_words(attachment.size),
        "url": attachment.get_absolute_url(),
        "remove_url": reverse("attachment-remove", args=[attachment.pk]),
    }


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _back(request: HttpRequest) -> str:
    """Where the form said to return to, if that is a page of this site."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if target and safe else ""
