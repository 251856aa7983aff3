"""The shape of a job in the REST interface, and what asks for an export."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.attachments.models import Attachment
from platform_site.lists import exports

from . import queries
from .answers import has_scope
from .models import Job


class ResultSerializer(ModelSerializer):
    content = serializers.SerializerMethodField(help_text="where the bytes are")

    class Meta:
        model = Attachment
        fields = ("id", "filename", "media_type", "size", "sha256", "content")
        read_only_fields = fields

    def get_content(self, attachment: Attachment) -> str:
        request: Any = self.context["request"]
        kwargs = {"version": request.version, "pk": attachment.pk}
        address: str = reverse("api:attachments-content", kwargs=kwargs)
        return request.build_absolute_uri(address)


class JobRowSerializer(ModelSerializer):
    """A job in a list: how far it is. What came of it stands in the job itself."""

    class Meta:
        model = Job
        fields = (
            *("id", "kind", "title", "state", "done", "total", "attempts"),
            *("queued_at", "started_at", "ended_at", "cancel_asked_at"),
            *("failed_reason", "version"),
        )
        read_only_fields = fields


class JobSerializer(ModelSerializer):
    result = ResultSerializer(
        read_only=True,
        allow_null=True,
        help_text="the file; null also where the caller, or the token, may not read it any more",
    )
    result_url = serializers.SerializerMethodField(help_text="the page of what was done, or null")
    steps = serializers.SerializerMethodField(help_text="what the caller may do now")

    class Meta:
        model = Job
        fields = (
            *("id", "kind", "title", "state", "done", "total", "attempts"),
            *("queued_at", "started_at", "ended_at", "cancel_asked_at"),
            *("summary", "failed_reason", "result", "result_swept_at", "result_url"),
            *("version", "steps"),
        )
        read_only_fields = fields

    def to_representation(self, job: Job) -> dict[str, Any]:
        """What came of the job is left out where its reader, or the token, may not read it."""
        shown: dict[str, Any] = super().to_representation(job)
        request: Any = self.context["request"]
        if job.state == Job.State.DONE and not (
            has_scope(request, job.read_scope) and queries.may_read(request.user, job)
        ):
            shown |= {"result": None, "result_url": None, "summary": ""}
        return shown

    def get_result_url(self, job: Job) -> str | None:
        if not job.result_url:
            return None
        url: str = self.context["request"].build_absolute_uri(job.result_url)
        return url

    def get_steps(self, job: Job) -> list[str]:
        return ["cancel"] if job.may_cancel else []


class LineSerializer(Serializer):
    at = serializers.DateTimeField(read_only=True)
    text = serializers.CharField(read_only=True)


class JobDetailSerializer(JobSerializer):
    log = LineSerializer(source="lines.all", many=True, read_only=True)

    class Meta(JobSerializer.Meta):
        fields = (*JobSerializer.Meta.fields, "log")
        read_only_fields = fields


class ExportBody(Serializer):
    """Which list, narrowed by the filters of its page; the file comes when the job is done."""

    id = serializers.UUIDField(required=False, help_text="your own: the same again starts nothing")
    list = serializers.CharField(max_length=40, help_text="notices, reports, federations …")
    filters = serializers.DictField(
        child=serializers.CharField(max_length=200, allow_blank=True), required=False
    )

    def validate_list(self, name: str) -> exports.Export:
        export = exports.find(name)
        if export is None or not export.resource:
            offered = [each.name for each in exports.all_exports() if each.resource]
            raise serializers.ValidationError(
                _("Choose one of: %(names)s.") % {"names": ", ".join(offered)},
                code="not_an_option",
            )
        return export

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        export, filters = data["list"], data.get("filters", {})
        unknown = sorted(set(filters) - export.parameters)
        if unknown:
            message = _("This filter is not known here. Known are: %(names)s.") % {
                "names": ", ".join(sorted(export.parameters))
            }
            raise serializers.ValidationError(
                {
                    "filters": {
                        name: [serializers.ErrorDetail(message, "unknown_parameter")]
                        for name in unknown
                    }
                }
            )
        return data
