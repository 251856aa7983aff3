from __future__ import annotations

from rest_framework import serializers

from platform_site.api.serializers import Serializer

from .models import Federation


class FederationSerializer(Serializer):
    """A federation with its names; the federations it points at are given by their codes."""

    code = serializers.CharField(read_only=True)
    level = serializers.ChoiceField(choices=Federation.Level.choices, read_only=True)
    kind = serializers.ChoiceField(choices=Federation.Kind.choices, read_only=True)
    parent = serializers.CharField(source="parent.code", read_only=True, allow_null=True)
    first_tier = serializers.CharField(source="first_tier.code", read_only=True, allow_null=True)
    prefecture = serializers.CharField(source="prefecture.code", read_only=True, allow_null=True)
    name_zh = serializers.CharField(read_only=True)
    name_en = serializers.CharField(read_only=True)
    short_zh = serializers.CharField(read_only=True)
    short_en = serializers.CharField(read_only=True)
    sort_key = serializers.CharField(
        read_only=True, help_text="pinyin of the short name, a space between syllables"
    )
    position = serializers.IntegerField(read_only=True, help_text="place in the official order")
    valid_from = serializers.DateField(read_only=True, allow_null=True)
    valid_to = serializers.DateField(
        read_only=True, allow_null=True, help_text="the first day on which it no longer exists"
    )
    successor = serializers.CharField(source="successor.code", read_only=True, allow_null=True)
    version = serializers.IntegerField(read_only=True)
