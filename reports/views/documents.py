"""Downloads of notices as official documents."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from platform_site.attachments.download import serve_bytes
from platform_site.documents.queries import MEDIA_TYPES
from platform_site.obligations.models import Obligation

from ..documents import document_of
from ..models import Notice


@require_safe
def notice_document(request: HttpRequest, pk: uuid.UUID, ending: str) -> HttpResponse:
    """The notice with the line of all its addressees."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user).with_request(), pk=pk)
    filename, content = document_of(notice, ending)
    return serve_bytes(content, filename=filename, media_type=MEDIA_TYPES[ending])


@require_safe
def obligation_document(request: HttpRequest, pk: uuid.UUID, ending: str) -> HttpResponse:
    """The copy of one recipient, which carries its name as the addressee."""
    visible = Obligation.objects.visible_to(request.user).select_related("federation", "round")
    obligation = get_object_or_404(visible, pk=pk)
    notices = Notice.objects.visible_to(request.user).with_request()
    notice = get_object_or_404(notices, pk=obligation.round.request_id)
    filename, content = document_of(notice, ending, obligation=obligation)
    return serve_bytes(content, filename=filename, media_type=MEDIA_TYPES[ending])
