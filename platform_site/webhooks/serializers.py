"""The shapes of webhooks and their deliveries in the REST interface."""

from __future__ import annotations

from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.federations.serializers import FederationCode
from platform_site.text.rest import LineSerializerField

from .models import Webhook, WebhookDelivery
from .outgoing import URL_LENGTH
from .services import LONGEST_OVERLAP


class WebhookSerializer(ModelSerializer):
    federation = rest.CharField(
        source="federation.code",
        default=None,
        read_only=True,
        allow_null=True,
        help_text="only what concerns it or a federation below it; null: all that the owner sees",
    )
    state_reason = rest.CharField(
        read_only=True, help_text="owner, failures or gone; empty while it is active"
    )
    kinds = rest.ListField(child=rest.CharField(), read_only=True, help_text="events it is told of")
    steps = rest.ListField(
        child=rest.CharField(), read_only=True, help_text="what the caller may do now"
    )

    class Meta:
        model = Webhook
        fields = (
            *("id", "name", "url", "kinds", "federation", "state", "state_reason", "failures"),
            *("last_success_at", "created_at", "version", "steps"),
        )
        read_only_fields = fields


class WebhookWithSecretSerializer(WebhookSerializer):
    secret = rest.CharField(
        read_only=True,
        allow_null=True,
        help_text="shown this once; null where the same request was answered before",
    )

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")
        read_only_fields = fields


class WebhookChange(Serializer):
    name = LineSerializerField(max_length=80)
    url = LineSerializerField(max_length=URL_LENGTH, help_text="https, at a public address")
    kinds = rest.ListField(
        child=rest.CharField(max_length=60),
        min_length=1,
        max_length=50,
        help_text="such as report.submitted; the token needs the read scope of their objects",
    )
    federation = FederationCode(
        required=False,
        allow_null=True,
        help_text="a code: only what concerns it or a federation below it",
    )


class WebhookCreate(WebhookChange):
    id = rest.UUIDField(required=False, help_text="your own: the same again makes nothing")


class RotateBody(Serializer):
    overlap_hours = rest.IntegerField(
        required=False,
        min_value=0,
        max_value=LONGEST_OVERLAP,
        help_text="how long the old secret signs beside the new one; 24 unless given",
    )


class WebhookDeliverySerializer(ModelSerializer):
    webhook = rest.UUIDField(source="webhook_id", read_only=True)
    webhook_id = rest.UUIDField(
        source="event_id", read_only=True, help_text="what its header webhook-id says"
    )
    kind = rest.CharField(source="event.kind", read_only=True)
    state = rest.ChoiceField(
        source="delivery.state",
        choices=WebhookDelivery.delivery.field.related_model.State.choices,
        read_only=True,
    )
    tries = rest.IntegerField(source="delivery.tries", read_only=True)
    next_try_at = rest.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text="null too while it is kept until the webhook is resumed",
    )
    problem = rest.CharField(read_only=True)
    sent_at = rest.DateTimeField(source="delivery.sent_at", read_only=True, allow_null=True)
    steps = rest.ListField(
        child=rest.CharField(), read_only=True, help_text="what the caller may do now"
    )

    class Meta:
        model = WebhookDelivery
        fields = (
            *("id", "webhook", "webhook_id", "kind", "state", "tries", "response_status"),
            *("duration_ms", "problem", "created_at", "tried_at", "next_try_at", "sent_at"),
            *("version", "steps"),
        )
        read_only_fields = fields
