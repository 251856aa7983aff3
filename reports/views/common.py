"""What the pages of this app share: finding notices and obligations, and taking in the files of a form."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from platform_site.attachments.models import Attachment
from platform_site.attachments.services import upload
from platform_site.obligations.models import Obligation
from platform_site.problems import Refused

from ..models import Notice

READ_METHODS = ["GET", "HEAD"]


def notices_for(user: Any) -> QuerySet[Notice]:
    """What the user may see, each row with its due date."""
    return Notice.objects.visible_to(user).with_request().with_due_date()


def find_obligation(request: HttpRequest, pk: uuid.UUID) -> Obligation:
    visible = Obligation.objects.visible_to(request.user).select_related(
        "federation",
        "leader",
        "signed_for_by",
        "parent__federation",
        "round__request__federation",
        "round__request__notice",
        "pass_down",
    )
    return get_object_or_404(visible, pk=pk)


def take_files(request: HttpRequest) -> tuple[list[Attachment], list[str]]:
    """The files posted with the form, kept at once so that none is chosen twice, and those that the
    uploader sent before it."""
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
