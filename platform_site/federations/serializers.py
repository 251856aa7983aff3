from __future__ import annotations

from rest_framework import serializers

from platform_site.api.serializers import ModelSerializer

from .models import Federation


class FederationSerializer(ModelSerializer):
    """A federation with its names; ``parent``, ``first_tier`` and ``prefecture`` are codes."""

    parent = serializers.SlugRelatedField(slug_field="code", read_only=True)
    first_tier = serializers.SlugRelatedField(slug_field="code", read_only=True)
    prefecture = serializers.SlugRelatedField(slug_field="code", read_only=True)
    successor = serializers.SlugRelatedField(slug_field="code", read_only=True)

    class Meta:
        model = Federation
        fields = (
            "code",
            "level",
            "kind",
            "parent",
            "first_tier",
            "prefecture",
            "name_zh",
            "name_en",
            "short_zh",
            "short_en",
            "sort_key",
            "position",
            "valid_from",
            "valid_to",
            "successor",
            "version",
        )
        read_only_fields = fields
