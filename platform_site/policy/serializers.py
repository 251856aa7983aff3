"""Shapes of policy documents in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.casework.serializers import user_of
from platform_site.editorial.models import (
    BODY_LENGTH,
    SUMMARY_LENGTH,
    TITLE_LENGTH,
    Audience,
    Piece,
)
from platform_site.editorial.serializers import ContentPieceSerializer
from platform_site.federations.lines import BusinessLine
from platform_site.text.rest import HtmlSerializerField, LineSerializerField, ProseSerializerField

from . import queries
from .models import (
    MOST_ISSUERS,
    NUMBER_LENGTH,
    Level,
    PolicyDocument,
    PolicyKind,
    PolicyRelation,
    Validity,
)
from .services import FACTS, MOST_RELATIONS


class RelationSerializer(Serializer):
    """How a document bears on a published one."""

    kind = rest.ChoiceField(choices=PolicyRelation.Kind.choices)
    target = rest.UUIDField(help_text=_("The id of a published document."))
    note = LineSerializerField(max_length=200, required=False, allow_blank=True)


class PolicyChange(Serializer):
    """Members that are left out stay as they are."""

    title = LineSerializerField(max_length=TITLE_LENGTH, required=False)
    summary = ProseSerializerField(max_length=SUMMARY_LENGTH, required=False, allow_blank=True)
    body = HtmlSerializerField(
        max_length=BODY_LENGTH,
        required=False,
        allow_blank=True,
        help_text=_("HTML of headings, paragraphs, lists, tables and links; all else is dropped."),
    )
    audience = rest.ChoiceField(choices=Audience.choices, required=False)
    publish_at = rest.DateTimeField(required=False, allow_null=True)
    expires_at = rest.DateTimeField(required=False, allow_null=True)
    number = LineSerializerField(max_length=NUMBER_LENGTH, required=False, allow_blank=True)
    index_number = LineSerializerField(max_length=40, required=False, allow_blank=True)
    kind = rest.ChoiceField(choices=PolicyKind.choices, required=False)
    level = rest.ChoiceField(choices=Level.choices, required=False)
    line = rest.ChoiceField(choices=BusinessLine.choices, required=False)
    issuers = rest.ListField(
        child=LineSerializerField(max_length=100), max_length=MOST_ISSUERS, required=False
    )
    made_on = rest.DateField(required=False, allow_null=True)
    issued_on = rest.DateField(required=False, allow_null=True)
    effective_from = rest.DateField(required=False, allow_null=True)
    effective_to = rest.DateField(required=False, allow_null=True)
    month_only = rest.BooleanField(required=False)
    abridged = rest.BooleanField(required=False)
    validity_set = rest.ChoiceField(
        choices=Validity.choices, required=False, allow_blank=True, help_text=_("With the reason.")
    )
    validity_reason = LineSerializerField(max_length=200, required=False, allow_blank=True)
    relations = RelationSerializer(many=True, required=False, max_length=MOST_RELATIONS)


class PolicyCreate(PolicyChange):
    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    title = LineSerializerField(max_length=TITLE_LENGTH)
    kind = rest.ChoiceField(choices=PolicyKind.choices)
    level = rest.ChoiceField(choices=Level.choices)
    issuers = rest.ListField(
        child=LineSerializerField(max_length=100), min_length=1, max_length=MOST_ISSUERS
    )


class PolicyFactsSerializer(Serializer):
    """What the head of the document says."""

    number = rest.CharField()
    index_number = rest.CharField()
    kind = rest.ChoiceField(choices=PolicyKind.choices)
    level = rest.ChoiceField(choices=Level.choices)
    line = rest.ChoiceField(choices=BusinessLine.choices)
    issuers = rest.ListField(child=rest.CharField())
    made_on = rest.DateField(allow_null=True)
    issued_on = rest.DateField(allow_null=True)
    effective_from = rest.DateField(allow_null=True)
    effective_to = rest.DateField(allow_null=True)
    month_only = rest.BooleanField()
    abridged = rest.BooleanField()
    validity_set = rest.CharField()
    validity_reason = rest.CharField()
    relations = RelationSerializer(many=True)


class PolicyDraftSerializer(ContentPieceSerializer):
    """The draft of a policy document: its text, its head, its reviews and steps."""

    facts = rest.SerializerMethodField()

    class Meta(ContentPieceSerializer.Meta):
        fields = (*ContentPieceSerializer.Meta.fields, "facts")
        read_only_fields = fields

    @extend_schema_field(PolicyFactsSerializer)
    def get_facts(self, piece: Piece) -> dict[str, Any]:
        return dict(PolicyFactsSerializer(piece.policy_draft).data)


class PolicyRowSerializer(ModelSerializer):
    """政策文件 as readers find it."""

    id = rest.UUIDField(source="piece_id")
    slug = rest.CharField(source="piece.slug")
    audience = rest.CharField(source="piece.audience")
    issuers = rest.ListField(child=rest.CharField())
    validity = rest.ChoiceField(choices=Validity.choices)

    class Meta:
        model = PolicyDocument
        fields = (
            *("id", "slug", "title", "summary", "audience", "validity", "dated"),
            *(name for name in FACTS if name != "validity_set"),
        )
        read_only_fields = fields


class BearingSerializer(Serializer):
    kind = rest.ChoiceField(choices=PolicyRelation.Kind.choices)
    document = rest.UUIDField(source="document.pk")
    title = rest.CharField(source="document.title")
    note = rest.CharField()


class PolicySerializer(PolicyRowSerializer):
    body = rest.CharField(source="piece.published.content.body", help_text=_("Clean HTML."))
    bears_on = rest.SerializerMethodField()
    borne_by = rest.SerializerMethodField()
    version = rest.IntegerField(source="piece.version")

    class Meta(PolicyRowSerializer.Meta):
        fields = (*PolicyRowSerializer.Meta.fields, "body", "bears_on", "borne_by", "version")
        read_only_fields = fields

    @extend_schema_field(BearingSerializer(many=True))
    def get_bears_on(self, document: PolicyDocument) -> list[dict[str, Any]]:
        onto, _by = queries.bearings_of(document, user_of(self))
        return list(BearingSerializer(onto, many=True).data)

    @extend_schema_field(BearingSerializer(many=True))
    def get_borne_by(self, document: PolicyDocument) -> list[dict[str, Any]]:
        _onto, by = queries.bearings_of(document, user_of(self))
        return list(BearingSerializer(by, many=True).data)
