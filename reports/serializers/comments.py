"""Shapes of the comments on a report in the REST API."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.casework.serializers import user_of
from platform_site.text.rest import ProseSerializerField

from .. import queries
from ..models import Comment


class CommentSerializer(ModelSerializer):
    """A comment on one answer of one submitted version, and its reply."""

    report = rest.UUIDField(source="report_version.report_id")
    report_version = rest.IntegerField(source="report_version.number")
    steps = rest.SerializerMethodField()

    class Meta:
        model = Comment
        fields = [
            "id",
            "report",
            "report_version",
            "question",
            "text",
            "by_name",
            "at",
            "reply",
            "replied_by_name",
            "replied_at",
            "version",
            "steps",
        ]

    def get_steps(self, comment: Comment) -> list[str]:
        return ["reply"] if queries.may_reply(comment, user_of(self)) else []


class CommentCreate(Serializer):
    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    question = rest.SlugField(max_length=60)
    text = ProseSerializerField(max_length=2000)


class CommentText(Serializer):
    text = ProseSerializerField(max_length=2000)
