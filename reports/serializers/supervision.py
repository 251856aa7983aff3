"""Shapes of the supervision log and of phone rounds in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.attachments.queries import of_owner
from platform_site.attachments.serializers import AttachmentSerializer
from platform_site.federations.serializers import FederationCode
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from ..models import PhoneRound, SupervisionKind, SupervisionRecord
from ..queries import supervision as queries
from ..workflow import PHONE_ROUND, SUPERVISION


# --- Records ----------------------------------------------------------------------------------------
class SupervisionRowSerializer(ModelSerializer):
    """督导记录: an exchange with a federation, without its texts."""

    federation = rest.CharField(source="federation.code")

    class Meta:
        model = SupervisionRecord
        fields = (
            *("id", "federation", "kind", "on", "state", "next_contact_on"),
            *("planned_at", "written_at", "accepted_at", "version"),
        )
        read_only_fields = fields


class SupervisionSerializer(SupervisionRowSerializer):
    """A record whole, with what the caller may do about it now."""

    attachments = rest.SerializerMethodField()
    action_points = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta(SupervisionRowSerializer.Meta):
        fields = (
            *SupervisionRowSerializer.Meta.fields,
            *("participants", "plan", "findings", "outcome", "return_reason"),
            *("attachments", "action_points", "steps"),
        )
        read_only_fields = fields

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, record: SupervisionRecord) -> list[dict[str, Any]]:
        files = of_owner(record, self.context["request"].user)
        return AttachmentSerializer(files, many=True, context=self.context).data

    @extend_schema_field(rest.ListField(child=rest.UUIDField()))
    def get_action_points(self, record: SupervisionRecord) -> list[str]:
        points = queries.action_points_of(record, self.context["request"].user)
        return [str(point.pk) for point in points]

    def get_steps(self, record: SupervisionRecord) -> list[str]:
        user = self.context["request"].user
        return [each.name for each in SUPERVISION.open_steps(record, user)]


class ContactSerializer(Serializer):
    """When a federation was last called or visited."""

    federation = rest.CharField(source="code")
    last_contact_on = rest.DateField(allow_null=True, help_text=_("Null: never."))
    days = rest.IntegerField(allow_null=True, help_text=_("Days since then."))
    next_contact_on = rest.DateField(allow_null=True)
    open_action_points = rest.IntegerField(source="actions.running")
    overdue_action_points = rest.IntegerField(source="actions.overdue")


class SupervisionCreate(Serializer):
    """A telephone exchange needs its `outcome`, a visit its `plan`."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    federation = FederationCode()
    kind = rest.ChoiceField(choices=SupervisionKind.choices)
    on = rest.DateField(help_text=_("The day it was held, or is planned for."))
    participants = ProseSerializerField(max_length=1000, required=False, allow_blank=True)
    plan = ProseSerializerField(max_length=5000, required=False, allow_blank=True)
    findings = ProseSerializerField(max_length=10_000, required=False, allow_blank=True)
    outcome = ProseSerializerField(max_length=5000, required=False, allow_blank=True)
    next_contact_on = rest.DateField(required=False, allow_null=True)
    attachments = rest.ListField(
        child=rest.UUIDField(), required=False, max_length=50, help_text=_("Its papers.")
    )


class SupervisionChange(Serializer):
    """What is not given stays."""

    on = rest.DateField(required=False)
    participants = ProseSerializerField(max_length=1000, required=False, allow_blank=True)
    plan = ProseSerializerField(max_length=5000, required=False)
    findings = ProseSerializerField(max_length=10_000, required=False, allow_blank=True)
    outcome = ProseSerializerField(max_length=5000, required=False, allow_blank=True)
    next_contact_on = rest.DateField(required=False, allow_null=True)


class Hold(Serializer):
    on = rest.DateField()
    participants = ProseSerializerField(max_length=1000)


class WriteUp(Serializer):
    findings = ProseSerializerField(max_length=10_000)
    outcome = ProseSerializerField(max_length=5000)
    next_contact_on = rest.DateField(required=False, allow_null=True)


# --- Rounds -----------------------------------------------------------------------------------------
class PhoneRoundRowSerializer(ModelSerializer):
    """集中电话交流: a round of calls, with how many federations were called."""

    total = rest.IntegerField(read_only=True, help_text=_("How many federations are called."))
    called = rest.IntegerField(read_only=True)

    class Meta:
        model = PhoneRound
        fields = (
            *("id", "title", "starts_on", "ends_on", "state", "total", "called"),
            *("opened_at", "closed_at", "version"),
        )
        read_only_fields = fields


class CallSerializer(Serializer):
    """One federation of a round. Whom to call stands at `/holdings/?federation=`."""

    federation = rest.CharField(source="federation.code")
    record = rest.UUIDField(
        source="record.pk", default=None, allow_null=True, help_text=_("Null until it is called.")
    )
    open_obligations = rest.IntegerField()
    late_obligations = rest.IntegerField()
    open_action_points = rest.IntegerField(source="actions.running")
    overdue_action_points = rest.IntegerField(source="actions.overdue")
    last_contact_on = rest.DateField(
        allow_null=True, help_text=_("Null where there never was one.")
    )
    days_since_contact = rest.IntegerField(source="days", allow_null=True)


class PhoneRoundSerializer(PhoneRoundRowSerializer):
    calls = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta(PhoneRoundRowSerializer.Meta):
        fields = (*PhoneRoundRowSerializer.Meta.fields, "calls", "steps")
        read_only_fields = fields

    @extend_schema_field(CallSerializer(many=True))
    def get_calls(self, round: PhoneRound) -> list[dict[str, Any]]:
        rows = queries.call_rows(round, self.context["request"].user)
        return CallSerializer(rows, many=True).data

    def get_steps(self, round: PhoneRound) -> list[str]:
        user = self.context["request"].user
        steps = [each.name for each in PHONE_ROUND.open_steps(round, user)]
        return ["record-call", *steps] if steps else []


class PhoneRoundCreate(Serializer):
    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    title = LineSerializerField(max_length=150)
    starts_on = rest.DateField()
    ends_on = rest.DateField()
    federations = FederationCode(many=True, allow_empty=False)


class RecordCall(Serializer):
    """What came of the call with one federation of the round."""

    federation = FederationCode()
    on = rest.DateField()
    outcome = ProseSerializerField(max_length=5000)
    participants = ProseSerializerField(max_length=1000, required=False, allow_blank=True)
    findings = ProseSerializerField(max_length=10_000, required=False, allow_blank=True)
    next_contact_on = rest.DateField(required=False, allow_null=True)
