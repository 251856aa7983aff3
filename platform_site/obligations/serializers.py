"""Shapes of what was granted to one federation by name, in the REST API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer
from platform_site.attachments.queries import of_owner
from platform_site.attachments.serializers import AttachmentSerializer

from .models import Allowance


class AllowanceSerializer(ModelSerializer):
    """延期, 免报: more time, or no report at all, for one federation, with the reason."""

    obligation = rest.UUIDField(source="obligation_id")
    request = rest.UUIDField(source="obligation.round.request_id")
    federation = rest.CharField(source="obligation.federation.code")

    class Meta:
        model = Allowance
        fields = (
            *("id", "obligation", "request", "federation", "kind", "from_due_on", "to_due_on"),
            *("to_on_time_until", "reason", "by_name", "at"),
        )
        read_only_fields = fields


class AllowanceDetailSerializer(AllowanceSerializer):
    attachments = rest.SerializerMethodField()

    class Meta(AllowanceSerializer.Meta):
        fields = (*AllowanceSerializer.Meta.fields, "attachments")
        read_only_fields = fields

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, allowance: Allowance) -> list[dict[str, Any]]:
        files = of_owner(allowance, self.context["request"].user)
        return AttachmentSerializer(files, many=True, context=self.context).data
