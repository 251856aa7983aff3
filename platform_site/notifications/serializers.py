"""Shapes of portal messages and of the delivery ledger in the REST API."""

from __future__ import annotations

from rest_framework import serializers

from platform_site.api.rows import computed
from platform_site.api.serializers import ModelSerializer, Serializer

from .models import Delivery, PortalNotice, masked_address


class NotificationSerializer(ModelSerializer):
    """A message to the token's owner. ``url`` is the page that it leads to, below the platform's own."""

    class Meta:
        model = PortalNotice
        fields = (
            *("id", "event", "title", "body", "url", "subject_type", "subject_id"),
            *("created_at", "read_at"),
        )
        read_only_fields = fields


class NotificationDetailSerializer(NotificationSerializer):
    steps = serializers.SerializerMethodField()

    class Meta(NotificationSerializer.Meta):
        fields = (*NotificationSerializer.Meta.fields, "steps")
        read_only_fields = fields

    def get_steps(self, notice: PortalNotice) -> list[str]:
        return [] if notice.read_at else ["read"]


class ReadAllSerializer(Serializer):
    marked = serializers.IntegerField(help_text="how many were unread until now")


class DeliverySerializer(ModelSerializer):
    """One message on its way out: no text, the address masked."""

    address = computed(
        serializers.CharField(), lambda _context: masked_address, needs=["channel", "address"]
    )

    class Meta:
        model = Delivery
        fields = (
            *("id", "channel", "address", "event", "state", "tries", "created_at", "due_at"),
            *("sent_at", "resent", "failed_reason"),
        )
        read_only_fields = fields


class DeliveryDetailSerializer(DeliverySerializer):
    steps = serializers.SerializerMethodField()

    class Meta(DeliverySerializer.Meta):
        fields = (*DeliverySerializer.Meta.fields, "steps")
        read_only_fields = fields

    def get_steps(self, delivery: Delivery) -> list[str]:
        may = delivery.state == Delivery.State.FAILED and self.context["request"].user.has_perm(
            "notifications.resend_delivery", delivery
        )
        return ["resend"] if may else []
