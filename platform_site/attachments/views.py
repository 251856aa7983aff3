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
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from platform_site.problems import Invalid, NotAllowed, Refused

from . import owners, queries, ranges, services, store
from .download import serve
from .forms import AnnounceForm
from .models import Attachment, Upload


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


@require_POST
def announce(request: HttpRequest) -> HttpResponse:
    """For the uploader's script: a large file is announced, and then sent in parts."""
    form = AnnounceForm(request.POST)
    if not form.is_valid():
        raise BadRequest("The uploader announces name, size and checksum.")
    name = form.cleaned_data["owner"]
    owner = owners.find(name, request.user) if name else None
    try:
        upload = services.announce(
            by=request.user,
            name=form.cleaned_data["filename"],
            size=form.cleaned_data["size"],
            sha256=form.cleaned_data["sha256"],
            owner=owner,
        )
    except Refused as problem:
        return _as_problem(problem)
    return JsonResponse(_so_far(upload), status=202)


@require_http_methods(["PUT"])
def put_content(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bytes of an announced file, or only the question how many are there."""
    upload = queries.unfinished(request.user, pk)
    if upload is None:
        attachment = queries.get_visible(request.user, pk)
        if attachment.uploaded_by_id != request.user.pk:
            raise NotAllowed("not_allowed", _("The bytes of a file never change."))
        return JsonResponse(_as_json(attachment))
    try:
        piece = ranges.sent(request.headers, upload.size, upload.sha256)
        done = services.receive(upload, request, piece, by=request.user)
    except Refused as problem:
        return _as_problem(problem)
    if isinstance(done, Upload):
        return JsonResponse(_so_far(done), status=202)
    return JsonResponse(_as_json(done), status=201)


@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    attachment = queries.get_visible(request.user, pk)
    return serve(attachment, request)


@require_POST
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    if upload := queries.unfinished(request.user, pk):
        services.abandon(upload)
        return HttpResponse(status=204)
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
        return _as_problem(problem)
    if request.headers.get("HX-Request"):
        context = {"problem": problem}
        return render(
            request, "attachments/attachment_refused.html", context, status=problem.status
        )
    if back:
        messages.error(request, str(problem.message))
        return redirect(back)
    raise problem


def _as_problem(problem: Refused) -> JsonResponse:
    body = {"code": problem.code, "detail": str(problem.message), "status": problem.status}
    return JsonResponse({**problem.extra, **body}, status=problem.status)


def _so_far(upload: Upload) -> dict[str, Any]:
    return {
        "id": str(upload.pk),
        "received": store.received(upload.pk),
        "content_url": reverse("attachment-content", args=[upload.pk]),
        "remove_url": reverse("attachment-remove", args=[upload.pk]),
    }


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
