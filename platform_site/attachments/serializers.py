"""The shape of a file in the REST interface; the bytes travel apart, under ``content``."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework import serializers

from platform_site.api.serializers import ModelSerializer, Serializer

from . import owners, store
from .models import Attachment, Upload


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
        return _content(self, attachment.pk)


def _content(serializer: serializers.BaseSerializer, pk: UUID) -> str:
    # By name, not after the view at hand: notices and reports show their files too.
    request: Any = serializer.context["request"]
    kwargs = {"version": request.version, "pk": pk}
    address: str = reverse("api:attachments-content", kwargs=kwargs)
    return request.build_absolute_uri(address)


class UploadSerializer(ModelSerializer):
    """A file that was announced and is not whole yet."""

    received = serializers.SerializerMethodField(help_text="bytes that are there: go on from here")
    content = serializers.SerializerMethodField(help_text="where the bytes go, by PUT")

    class Meta:
        model = Upload
        fields = ("id", "filename", "size", "sha256", "received", "expires_at", "content")
        read_only_fields = fields

    def get_received(self, upload: Upload) -> int:
        return store.received(upload.pk)

    def get_content(self, upload: Upload) -> str:
        return _content(self, upload.pk)


class UploadBody(Serializer):
    """multipart/form-data: the file, and the record it belongs to if there is one already."""

    # Emptiness and the name are judged by the service, in the same words as on the pages.
    file = serializers.FileField(allow_empty_file=True)
    owner = serializers.CharField(
        required=False, allow_blank=True, max_length=150, help_text="reports.report:<id>"
    )
    sha256 = serializers.RegexField(
        r"^[0-9a-f]{64}$", required=False, help_text="what is not this file is refused"
    )


class AnnounceBody(Serializer):
    """A file that will come in parts; the record it belongs to if there is one already."""

    filename = serializers.CharField(max_length=500)
    size = serializers.IntegerField(min_value=0, max_value=2**40)
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")
    owner = serializers.CharField(
        required=False, allow_blank=True, max_length=150, help_text="reports.report:<id>"
    )
