"""Shapes of handovers in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.text.rest import ProseSerializerField

from ..models import Handover
from ..queries import handovers as queries
from ..workflow import HANDOVER


class HandoverRowSerializer(ModelSerializer):
    """工作交接单: an office, its holder, and who confirmed the handover."""

    federation = rest.CharField(source="federation.code")
    office = rest.UUIDField(source="office_id")
    role = rest.CharField(source="office.role")
    holder = rest.CharField(source="office.user.name")

    class Meta:
        model = Handover
        fields = (
            *("id", "federation", "office", "role", "holder", "state", "note"),
            *("opened_at", "given_by_name", "given_at", "absent_reason"),
            *("taken_by_name", "taken_at", "version"),
        )
        read_only_fields = fields


class HandedOverItem(Serializer):
    """One open item; members that do not apply are missing."""

    title = rest.CharField()
    due_on = rest.DateField(allow_null=True, required=False)
    ends_on = rest.DateField(allow_null=True, required=False)
    signed_for_on = rest.DateField(required=False)
    rule = rest.CharField(required=False)
    state = rest.CharField(required=False)
    number = rest.CharField(required=False)
    files = rest.IntegerField(required=False)
    left = rest.IntegerField(required=False, help_text=_("Federations left to call."))
    named = rest.BooleanField(
        required=False, help_text=_("Given to the holder by name: it has to be given anew.")
    )
    url = rest.CharField(help_text=_("The page."))


class HandedOverSubstitution(Serializer):
    name = rest.CharField()
    since = rest.DateField()
    until = rest.DateField()


class HandoverContent(Serializer):
    """What is under way in the office: as it stands, or once handed over as it was then."""

    duties = HandedOverItem(many=True)
    reports = HandedOverItem(many=True)
    action_points = HandedOverItem(many=True)
    phone_rounds = HandedOverItem(many=True)
    notices = HandedOverItem(many=True)
    substitutions = HandedOverSubstitution(many=True)


class HandoverSerializer(HandoverRowSerializer):
    content = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta(HandoverRowSerializer.Meta):
        fields = (*HandoverRowSerializer.Meta.fields, "content", "steps")
        read_only_fields = fields

    @extend_schema_field(HandoverContent)
    def get_content(self, handover: Handover) -> dict[str, Any]:
        content = queries.content_of(handover)
        return {name: rows for name, rows in content.items() if name != "office"}

    def get_steps(self, handover: Handover) -> list[str]:
        user = self.context["request"].user
        return [each.name for each in HANDOVER.open_steps(handover, user)]


class HandoverCreate(Serializer):
    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    office = rest.UUIDField(help_text=_("One of `/handovers/offices/`."))
    note = ProseSerializerField(max_length=2000, required=False, allow_blank=True)


class HandoverOfficeSerializer(Serializer):
    """An office that the caller can begin the handover of."""

    id = rest.UUIDField(source="pk")
    role = rest.CharField()
    federation = rest.CharField(source="federation.code")
    holder = rest.CharField(source="user.name")
    since = rest.DateField()
    until = rest.DateField(allow_null=True)
