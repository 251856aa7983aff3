"""Shapes of what was granted to one federation by name, in the REST API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.rows import computed
from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.attachments.queries import of_owner
from platform_site.attachments.serializers import AttachmentSerializer
from platform_site.casework.queries import today
from platform_site.federations.serializers import FederationCode
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from .models import ActionPoint, Allowance
from .workflow import ACTION_POINT, TO_DO


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


# --- Action points ----------------------------------------------------------------------------------
def _overdue(_context: Mapping[str, Any]) -> Callable[..., bool]:
    on = today()
    return lambda state, due_on: state in TO_DO and due_on < on


def _source_name(_context: Mapping[str, Any]) -> Callable[..., str]:
    return lambda app, model, pk: f"{app}.{model}:{pk}"


def _or_blank(_context: Mapping[str, Any]) -> Callable[..., str]:
    return lambda name: name or ""


class ActionPointRowSerializer(ModelSerializer):
    """整改事项: something promised or asked for. ``federation`` has to do it, ``concerns`` is it for."""

    federation = rest.CharField(source="federation.code")
    concerns = rest.CharField(source="concerns.code")
    person = computed(
        rest.CharField(),
        _or_blank,
        needs=["person__name"],
        help_text=_("Who of the federation was named; empty where nobody was."),
    )
    source = computed(
        rest.CharField(),
        _source_name,
        needs=["source_type__app_label", "source_type__model", "source_id"],
        help_text=_("The record it came from, such as reports.supervisionrecord:<id>."),
    )
    overdue = computed(rest.BooleanField(), _overdue, needs=["state", "due_on"])

    class Meta:
        model = ActionPoint
        fields = (
            *("id", "federation", "concerns", "person", "source", "task", "due_on", "state"),
            *("overdue", "set_at", "reported_at", "verified_at", "version"),
        )
        read_only_fields = fields


class ActionPointSerializer(ActionPointRowSerializer):
    """An action point with its evidence, and what the caller may do about it now."""

    attachments = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta(ActionPointRowSerializer.Meta):
        fields = (
            *ActionPointRowSerializer.Meta.fields,
            *("evidence", "reopen_reason", "attachments", "steps"),
        )
        read_only_fields = fields

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, point: ActionPoint) -> list[dict[str, Any]]:
        files = of_owner(point, self.context["request"].user)
        return AttachmentSerializer(files, many=True, context=self.context).data

    def get_steps(self, point: ActionPoint) -> list[str]:
        return [each.name for each in ACTION_POINT.open_steps(point, self.context["request"].user)]


class ActionPointCreate(Serializer):
    """A new action point. Without ``federation`` the one that the record is about has to do it."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    source = LineSerializerField(
        max_length=100,
        help_text=_("The record it came from, such as reports.supervisionrecord:<id>."),
    )
    task = ProseSerializerField(max_length=1000)
    due_on = rest.DateField()
    federation = FederationCode(required=False)
    person = LineSerializerField(
        max_length=64,
        required=False,
        allow_blank=True,
        help_text=_("User name of one of its people."),
    )


class ReportDone(Serializer):
    """How it was done: a text, files, or both."""

    evidence = ProseSerializerField(
        max_length=5000, allow_blank=True, help_text=_("May be blank where files show it.")
    )
    attachments = rest.ListField(
        child=rest.UUIDField(), required=False, max_length=50, help_text=_("Its papers.")
    )


class ActionNote(Serializer):
    note = ProseSerializerField(max_length=1000, required=False, allow_blank=True)


class CancelAction(Serializer):
    note = ProseSerializerField(max_length=1000)


class ReopenAction(Serializer):
    """Why it is not done; with ``due_on`` it gets a new date."""

    note = ProseSerializerField(max_length=1000)
    due_on = rest.DateField(required=False, allow_null=True)
