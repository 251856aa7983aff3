"""The shape of a file in the REST interface; the bytes travel apart, under ``content``."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

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
        # By name, not after the view at hand: notices and reports show their files too.
        request: Any = self.context["request"]
        kwargs = {"version": request.version, "pk": attachment.pk}
        address: str = reverse("api:attachments-content", kwargs=kwargs)
        return request.build_absolute_uri(address)


class UploadBody(Serializer):
    """multipart/form-data: the file, and the record it belongs to if there is one already."""

    # Emptiness and the name are judged by the service, in the same words as on the pages.
    file = serializers.FileField(allow_empty_file=True)
    owner = serializers.CharField(
        required=False, allow_blank=True, max_length=150, help_text="reports.report:<id>"
    )
