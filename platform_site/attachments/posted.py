"""The files that come with a form of a page."""

from __future__ import annotations

import uuid

from django.http import HttpRequest

from platform_site.problems import Refused

from .models import Attachment
from .services import upload


def take_files(request: HttpRequest) -> tuple[list[Attachment], list[str]]:
    """The files posted with the form, kept at once so that none is chosen twice, and those that the
    uploader sent before it; and what is to be said of each that was refused."""
    told = []
    ids = []
    for given in request.POST.getlist("attachments"):
        try:
            ids.append(uuid.UUID(given))
        except ValueError:
            continue
    loose = list(
        Attachment.objects.visible_to(request.user).filter(
            pk__in=ids, owner_id=None, uploaded_by=request.user
        )
    )
    for file in request.FILES.getlist("file"):
        try:
            loose.append(upload(file, by=request.user, name=file.name or ""))
        except Refused as refused:
            told.append(f"{file.name}: {refused.message}")
    return loose, told
