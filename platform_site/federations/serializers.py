from __future__ import annotations

from typing import Any

from rest_framework import serializers

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.text.rest import LineSerializerField

from . import queries
from .models import Federation, Holding


class FederationCode(serializers.SlugRelatedField):
    """A federation by its code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="code", queryset=Federation.objects.current(), **kwargs)


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


class HoldingRowSerializer(ModelSerializer):
    """Who held a post from which day, and until when (the first day it is not held any more)."""

    federation = serializers.CharField(source="federation.code", read_only=True)
    phone = serializers.SerializerMethodField(
        help_text="whole for the own federation and the national officers, masked for others"
    )

    class Meta:
        model = Holding
        fields = (
            *("id", "federation", "post", "name", "title", "department", "phone"),
            *("since", "until", "version"),
        )
        read_only_fields = fields

    def get_phone(self, holding: Holding) -> str:
        return queries.phone_for(self.context["request"].user, holding)


class HoldingSerializer(HoldingRowSerializer):
    steps = serializers.SerializerMethodField(help_text="what the caller may do now")

    class Meta(HoldingRowSerializer.Meta):
        fields = (*HoldingRowSerializer.Meta.fields, "steps")
        read_only_fields = fields

    def get_steps(self, holding: Holding) -> list[str]:
        user = self.context["request"].user
        return ["end"] if queries.may_end(user, holding) else []


class HoldingAppoint(Serializer):
    """Who holds a post from a day on. A post for one person passes over from its former holder."""

    federation = FederationCode()
    post = serializers.ChoiceField(choices=Holding.Post.choices)
    name = LineSerializerField(max_length=64)
    title = LineSerializerField(max_length=64, required=False, allow_blank=True)
    department = LineSerializerField(max_length=64, required=False, allow_blank=True)
    phone = LineSerializerField(max_length=32, required=False, allow_blank=True)
    since = serializers.DateField()


class HoldingEnd(Serializer):
    until = serializers.DateField(help_text="the first day on which the post is no longer held")
