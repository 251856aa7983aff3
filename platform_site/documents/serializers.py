"""Shapes of series, numbers and templates in the REST API; the rules are in services."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from platform_site.api.rows import computed
from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.federations.serializers import FederationCode
from platform_site.text.rest import LineSerializerField

from .models import LAYOUTS, DocumentKind, DocumentNumber, DocumentTemplate, NumberSeries
from .numbers import LARGEST_NO, WORD_LENGTH, number_text


class SeriesSerializer(ModelSerializer):
    """机关代字 of one body, and how far its numbers are this year."""

    federation = serializers.CharField(source="federation.code", read_only=True)
    year = serializers.IntegerField(read_only=True, help_text="the current one")
    taken = serializers.IntegerField(read_only=True, help_text="numbers in use in that year")
    last = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="the highest of them, null without one"
    )
    first = serializers.IntegerField(read_only=True, help_text="with which it begins that year")

    class Meta:
        model = NumberSeries
        fields = (
            *("id", "federation", "word", "issuer", "label", "printed_by", "layout", "active"),
            *("year", "taken", "last", "first", "version"),
        )
        read_only_fields = fields


class SeriesAdd(Serializer):
    federation = FederationCode()
    word = LineSerializerField(max_length=WORD_LENGTH, help_text="such as 粤工发")
    issuer = LineSerializerField(max_length=60)
    label = LineSerializerField(max_length=60, required=False, allow_blank=True)
    printed_by = LineSerializerField(max_length=60, required=False, allow_blank=True)
    layout = serializers.ChoiceField(choices=LAYOUTS, required=False)


class SeriesChange(Serializer):
    """What is left out stays as it is; ``first`` is that of the current year."""

    issuer = LineSerializerField(max_length=60)
    label = LineSerializerField(max_length=60, allow_blank=True)
    printed_by = LineSerializerField(max_length=60, allow_blank=True)
    layout = serializers.ChoiceField(choices=LAYOUTS)
    active = serializers.BooleanField()
    first = serializers.IntegerField(min_value=1, max_value=LARGEST_NO)


class NumberSerializer(ModelSerializer):
    """发文登记: a number in use, once and for good."""

    number = computed(
        serializers.CharField(),
        lambda _context: number_text,
        needs=["word", "year", "no"],
        help_text="as it stands on the document",
    )
    series = serializers.UUIDField(source="series_id", read_only=True, allow_null=True)
    taken_by = serializers.CharField(source="taken_by.name", read_only=True, allow_null=True)

    class Meta:
        model = DocumentNumber
        fields = (
            *("id", "number", "series", "word", "year", "no", "subject", "by_hand"),
            *("taken_by", "taken_at"),
        )
        read_only_fields = fields


class TemplateRowSerializer(ModelSerializer):
    """A template that staff put in the shipped one's place; its bytes are under ``content/``."""

    uploaded_by = serializers.CharField(source="uploaded_by.name", read_only=True)

    class Meta:
        model = DocumentTemplate
        fields = (
            *("id", "kind", "number", "filename", "size", "sha256", "in_use"),
            *("uploaded_by", "uploaded_at"),
        )
        read_only_fields = fields


class TemplateSerializer(TemplateRowSerializer):
    steps = serializers.SerializerMethodField(help_text="what the caller may do now")

    class Meta(TemplateRowSerializer.Meta):
        fields = (*TemplateRowSerializer.Meta.fields, "steps")
        read_only_fields = fields

    def get_steps(self, template: DocumentTemplate) -> list[str]:
        user: Any = self.context["request"].user
        may = not template.in_use and user.has_perm("documents.replace_template")
        return ["use"] if may else []


class TemplateUpload(Serializer):
    """multipart/form-data: of which kind of document, and the Word file."""

    kind = serializers.ChoiceField(choices=DocumentKind.choices)
    file = serializers.FileField(help_text="DOCX, at most 2 MB")
