"""Shapes of the trail in the REST API."""

from __future__ import annotations

from rest_framework import serializers

from platform_site.api.rows import computed
from platform_site.api.serializers import ModelSerializer

from . import actions
from .models import Entry


class StorySerializer(ModelSerializer):
    """What was done to one object, as its page tells it."""

    title = computed(
        serializers.CharField(),
        lambda _context: actions.label,
        needs=["action"],
        help_text="the act in the caller's language",
    )

    class Meta:
        model = Entry
        fields = (
            *("id", "at", "recorded_at", "actor_name", "actor_office", "action", "title"),
            *("from_state", "to_state", "note", "result"),
        )
        read_only_fields = fields


class EntrySerializer(ModelSerializer):
    """One act or one refusal, as the auditor reads it. ``facts`` holds no personal value."""

    title = computed(
        serializers.CharField(),
        lambda _context: actions.label,
        needs=["action"],
        help_text="the act in the caller's language",
    )
    federation = serializers.CharField(source="federation_code", read_only=True)
    facts = serializers.DictField(read_only=True)

    class Meta:
        model = Entry
        fields = (
            *("id", "at", "recorded_at", "actor_id", "actor_name", "actor_office"),
            *("action", "title", "subject_type", "subject_id", "subject_label", "federation"),
            *("from_state", "to_state", "note", "facts", "result", "request_id", "address"),
        )
        read_only_fields = fields
