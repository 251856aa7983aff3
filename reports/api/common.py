"""What the addresses of this app share: attachments named by id, and files as answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404

from platform_site.api.renderers import AsItIs
from platform_site.attachments.download import serve_bytes
from platform_site.attachments.models import Attachment
from platform_site.documents.queries import MEDIA_TYPES
from platform_site.obligations.models import Obligation

from ..documents import document_of
from ..models import Notice


def attachments_of(user: Any, ids: list[UUID]) -> list[Attachment]:
    return [get_object_or_404(Attachment.objects.visible_to(user), pk=pk) for pk in ids]


def notice_document(
    notice: Notice, ending: str, obligation: Obligation | None = None
) -> HttpResponse:
    filename, content = document_of(notice, ending, obligation=obligation)
    return serve_bytes(content, filename=filename, media_type=MEDIA_TYPES[ending])


def as_file(ending: str) -> Any:
    """An action whose answer is a file, and how the schema tells it."""

    def decorate(method: Any) -> Any:
        told = extend_schema(responses={(200, MEDIA_TYPES[ending]): OpenApiTypes.BINARY})
        return told(action(detail=True, renderer_classes=[AsItIs])(method))

    return decorate
