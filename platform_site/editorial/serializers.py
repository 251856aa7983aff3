"""Shapes of content in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.casework.serializers import step_names, user_of

from .models import Piece, Revision
from .queries import stages_of
from .workflow import PIECE, PieceState


class ContentPieceRowSerializer(ModelSerializer):
    """稿件: one text on its way to its readers."""

    federation = rest.CharField(source="federation.code")
    author_name = rest.CharField(source="author.name")

    class Meta:
        model = Piece
        fields = (
            *("id", "kind", "federation", "slug", "title", "state", "audience", "author_name"),
            *("begun_at", "changed_at", "publish_at", "expires_at"),
            *("first_published_at", "published_at", "withdrawn_at", "withdrawn_reason", "version"),
        )
        read_only_fields = fields


class StageSerializer(Serializer):
    """One of the three reviews of the latest revision; what is null has not been held."""

    stage = rest.ChoiceField(choices=PieceState.choices, source="state")
    waiting = rest.BooleanField()
    verdict = rest.CharField(source="review.verdict", default=None, allow_null=True)
    by_name = rest.CharField(source="review.by_name", default=None, allow_null=True)
    at = rest.DateTimeField(source="review.at", default=None, allow_null=True)
    note = rest.CharField(source="review.note", default="", allow_blank=True)


class RevisionRowSerializer(ModelSerializer):
    """A version as it went to review."""

    class Meta:
        model = Revision
        fields = ("number", "made_by_name", "made_at")
        read_only_fields = fields


class ContentPieceSerializer(ContentPieceRowSerializer):
    reviews = rest.SerializerMethodField()
    revisions = rest.SerializerMethodField()
    published_revision = rest.IntegerField(source="published.number", allow_null=True, default=None)
    steps = rest.SerializerMethodField()

    class Meta(ContentPieceRowSerializer.Meta):
        fields = (
            *ContentPieceRowSerializer.Meta.fields,
            *("summary", "body", "reviews", "revisions", "published_revision", "steps"),
        )
        read_only_fields = fields

    @extend_schema_field(StageSerializer(many=True))
    def get_reviews(self, piece: Piece) -> list[dict[str, Any]]:
        return list(StageSerializer(stages_of(piece), many=True).data)

    @extend_schema_field(RevisionRowSerializer(many=True))
    def get_revisions(self, piece: Piece) -> list[dict[str, Any]]:
        return list(RevisionRowSerializer(piece.revisions.defer("content"), many=True).data)

    def get_steps(self, piece: Piece) -> list[str]:
        return step_names(PIECE.open_steps(piece, user_of(self)))


class Segment(Serializer):
    kind = rest.CharField(help_text=_("same, del or ins."))
    text = rest.CharField()


class DifferenceSerializer(Serializer):
    """What one part said before and says now, in pieces."""

    label = rest.CharField()
    old = rest.SerializerMethodField()
    new = rest.SerializerMethodField()

    @extend_schema_field(Segment(many=True))
    def get_old(self, difference: Any) -> list[dict[str, str]]:
        return [{"kind": kind, "text": text} for kind, text in difference.old]

    @extend_schema_field(Segment(many=True))
    def get_new(self, difference: Any) -> list[dict[str, str]]:
        return [{"kind": kind, "text": text} for kind, text in difference.new]
