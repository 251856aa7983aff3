"""What a token is told about itself and its owner."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers as rest

from platform_site.api.serializers import Serializer

from .models import ApiToken, User
from .roles import Role


class OwnerSerializer(Serializer):
    id = rest.UUIDField()
    username = rest.CharField()
    name = rest.CharField()
    language = rest.ChoiceField(choices=User.Language.choices)


class OfficeSerializer(Serializer):
    """An office held today."""

    role = rest.ChoiceField(choices=Role.choices)
    role_name = rest.CharField(source="get_role_display")
    federation = rest.CharField(source="federation.code")
    federation_name = rest.CharField(source="federation.name")
    until = rest.DateField(allow_null=True)


class OwnTokenSerializer(Serializer):
    id = rest.UUIDField()
    name = rest.CharField()
    kind = rest.ChoiceField(choices=ApiToken.Kind.choices)
    system = rest.CharField(help_text="Of a machine token; else empty.")
    prefix = rest.CharField(source="token_key")
    scopes = rest.ListField(child=rest.CharField())
    networks = rest.ListField(
        child=rest.CharField(), help_text="From which it may be used; empty: from anywhere."
    )
    expires_at = rest.DateTimeField(source="expiry")
    last_day = rest.DateField()


class LimitSerializer(Serializer):
    """``quota`` requests at once, and so many again in each ``window`` of seconds."""

    policy = rest.CharField(help_text="A scope of the token, or `read` for what needs none.")
    quota = rest.IntegerField(source="rate.quota")
    window = rest.IntegerField(source="rate.window")
    remaining = rest.IntegerField()


@extend_schema_serializer(many=False)
class MeSerializer(Serializer):
    owner = OwnerSerializer()
    offices = OfficeSerializer(many=True)
    token = OwnTokenSerializer()
    limits = LimitSerializer(many=True)
