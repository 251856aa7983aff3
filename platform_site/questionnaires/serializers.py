"""Shapes of forms, their questions and the indicators in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer

from . import queries
from .models import Form, FormVersion, Indicator, Question
from .values import plain


class IndicatorSerializer(ModelSerializer):
    """A figure that is followed over time; ``adds_up`` says how federations' figures combine."""

    class Meta:
        model = Indicator
        fields = ("code", "name_zh", "name_en", "unit_zh", "unit_en", "measure", "adds_up")
        read_only_fields = fields


class BoundField(rest.DecimalField):
    """A bound as answers are written: no trailing zeros."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=20, decimal_places=4, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> str:  # type: ignore[override]
        return plain(value)


class OptionSerializer(Serializer):
    code = rest.CharField()
    zh = rest.CharField()
    en = rest.CharField(required=False)


class QuestionSerializer(ModelSerializer):
    """One question. ``code`` names its answer; outside of ``minimum`` and ``maximum`` it is refused,
    outside of the ``doubt_…`` bounds it wants an explanation."""

    indicator = rest.CharField(source="indicator.code", default=None, allow_null=True)
    minimum = BoundField()
    maximum = BoundField()
    doubt_below = BoundField()
    doubt_above = BoundField()
    options = OptionSerializer(many=True, help_text=_("What a choice offers; answer its code."))

    class Meta:
        model = Question
        fields = (
            *("code", "kind", "required", "name_zh", "name_en", "help_zh", "help_en"),
            *("indicator", "unit_zh", "unit_en", "decimals", "minimum", "maximum"),
            *("doubt_below", "doubt_above", "max_length", "doubt_shorter", "options"),
        )
        read_only_fields = fields


class SectionSerializer(Serializer):
    code = rest.CharField()
    name_zh = rest.CharField()
    name_en = rest.CharField()
    help_zh = rest.CharField()
    help_en = rest.CharField()
    questions = QuestionSerializer(many=True)


def sections_of(version: FormVersion | None) -> list[dict[str, Any]]:
    """The sections of a version with their questions, in order (one query)."""
    found: dict[str, dict[str, Any]] = {}
    for question in queries.questions_of(version) if version else ():
        section = question.section
        entry = found.setdefault(
            section.code,
            {
                name: getattr(section, name)
                for name in ("code", "name_zh", "name_en", "help_zh", "help_en")
            }
            | {"questions": []},
        )
        entry["questions"].append(QuestionSerializer(question).data)
    return list(found.values())


class FormSerializer(ModelSerializer):
    """A form by its code; ``current_version`` is the one that a new notice is drafted with."""

    current_version = rest.IntegerField(allow_null=True)

    class Meta:
        model = Form
        fields = ("code", "name_zh", "name_en", "purpose", "current_version")
        read_only_fields = fields


class FormDetailSerializer(FormSerializer):
    """A form with the questions of its current version."""

    sections = rest.SerializerMethodField()

    class Meta(FormSerializer.Meta):
        fields = (*FormSerializer.Meta.fields, "sections")
        read_only_fields = fields

    @extend_schema_field(SectionSerializer(many=True))
    def get_sections(self, form: Form) -> list[dict[str, Any]]:
        return sections_of(form.current())


class FormVersionSerializer(ModelSerializer):
    """A version of a form; frozen, it keeps its questions for good."""

    form = rest.CharField(source="form.code")

    class Meta:
        model = FormVersion
        fields = ("form", "number", "frozen_at")
        read_only_fields = fields


class FormVersionDetailSerializer(FormVersionSerializer):
    """A version with its questions."""

    sections = rest.SerializerMethodField()

    class Meta(FormVersionSerializer.Meta):
        fields = (*FormVersionSerializer.Meta.fields, "sections")
        read_only_fields = fields

    @extend_schema_field(SectionSerializer(many=True))
    def get_sections(self, version: FormVersion) -> list[dict[str, Any]]:
        return sections_of(version)
