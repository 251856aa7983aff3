"""The shape of a file in the REST interface; the bytes travel apart, under ``content``."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.reverse import reverse

from platform_site.api.serializers import ModelSerializer, Serializer

from . import owners
from .models import Attachment


class AttachmentSerializer(ModelSerializer):
    owner = serializers.SerializerMethodField(help_text="app.model:id, or null while loose")
    uploaded_by = serializers.CharField(source="uploaded_by.name", read_only=True)
    content = serializers.SerializerMethodField(help_text="where the bytes are")

    class Meta:
        model = Attachment
        fields = (
            "id",
            "owner",
            "filename",
            "media_type",
            "size",
            "sha256",
            "uploaded_by",
            "created_at",
            "frozen",
            "removed_at",
            "version",
            "content",
        )
        read_only_fields = fields

    def get_owner(self, attachment: Attachment) -> str | None:
        owner = attachment.owner if attachment.owner_id is not None else None
        return None if owner is None else owners.name_of(owner)  # type: ignore[arg-type]

    def get_content(self, attachment: Attachment) -> str:
        view: Any = self.context["view"]
        return reverse(
            f"{view.request.resolver_match.namespace}:{view.basename}-content",
            kwargs={**view.request.resolver_match.kwargs, "pk": attachment.pk},
            request=view.request,
        )


class UploadBody(Serializer):
    """multipart/form-data: the file, and the record it belongs to if there is one already."""

    # Emptiness and the name are judged by the service, in the same words as on the pages.
    file = serializers.FileField(allow_empty_file=True)
    owner = serializers.CharField(required=False, max_length=150, help_text="reports.report:<id>")
