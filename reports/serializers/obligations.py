"""Shapes of what a federation owes, and of signing for it, extending and waiving it, in the REST API."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as rest

from platform_site.api.rows import computed
from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.casework.queries import today
from platform_site.casework.serializers import user_of
from platform_site.obligations.models import LATENESS, MARKS, Obligation, is_late, state_of
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from .. import queries
from .rounds import PERIOD_HELP


def _report_of(context: Mapping[str, Any]) -> Callable[..., Any]:
    """The id of its report, once the caller may read it."""
    own = queries.federations_that_draft(context["request"].user)

    def find(report: Any, submitted_at: Any, federation_id: int) -> Any:
        return report if submitted_at or federation_id in own else None

    return find


def lateness(_context: Mapping[str, Any]) -> Callable[..., bool]:
    return functools.partial(is_late, today=today())


def _or_blank(value: Any) -> Any:
    return value or ""


class ObligationRowSerializer(ModelSerializer):
    """What one federation owes to one notice. ``standing`` takes its report into account."""

    request = rest.UUIDField(source="round.request_id", help_text=_("The notice."))
    title = rest.CharField(source="round.request.title")
    period = rest.CharField(source="round.period", help_text=PERIOD_HELP)
    federation = rest.CharField(source="federation.code")
    parent = rest.UUIDField(
        source="parent_id",
        allow_null=True,
        help_text=_("In a cascade the obligation that it was passed down from."),
    )
    state = computed(
        rest.ChoiceField(choices=Obligation.State.choices),
        lambda _context: state_of,
        needs=MARKS,
    )
    standing = computed(
        rest.ChoiceField(choices=queries.Standing.choices),
        lambda _context: lambda report, *marks: queries.refined(state_of(*marks), report),
        needs=["report__state", *MARKS],
    )
    late = computed(
        rest.BooleanField(),
        lateness,
        needs=LATENESS,
    )
    leader_in_charge = computed(
        rest.CharField(),
        lambda _context: _or_blank,
        needs=["leader__name"],
    )
    report = computed(
        rest.UUIDField(allow_null=True),
        _report_of,
        needs=["report__id", "report__submitted_at", "federation_id"],
        help_text=_("Its report, once the caller may read it."),
    )

    class Meta:
        model = Obligation
        fields = [
            "id",
            "request",
            "title",
            "period",
            "federation",
            "parent",
            "due_on",
            "on_time_until",
            "locks_on",
            "state",
            "standing",
            "late",
            "signed_for_at",
            "leader_in_charge",
            "department",
            "filed_at",
            "settled_at",
            "waived_at",
            "report",
            "version",
        ]


class ObligationSerializer(ObligationRowSerializer):
    """An obligation, with what the caller may do about it now."""

    steps = rest.SerializerMethodField()

    class Meta:
        model = Obligation
        fields = [*ObligationRowSerializer.Meta.fields, "steps"]

    def get_steps(self, obligation: Obligation) -> list[str]:
        return queries.obligation_steps(obligation, user_of(self))


class Extend(Serializer):
    """延期: the new due date of one federation, and why."""

    due_on = rest.DateField()
    on_time_until = rest.DateField(required=False, allow_null=True)
    locks_on = rest.DateField(required=False, allow_null=True)
    reason = ProseSerializerField(max_length=1000)
    attachments = rest.ListField(
        child=rest.UUIDField(), required=False, max_length=50, help_text=_("Its papers.")
    )


class Waive(Serializer):
    """免报: why this federation need not report."""

    reason = ProseSerializerField(max_length=1000)
    attachments = rest.ListField(
        child=rest.UUIDField(), required=False, max_length=50, help_text=_("Its papers.")
    )


class SignFor(Serializer):
    """签收: who leads, and which department does the work."""

    leader_name = LineSerializerField(max_length=40)
    leader_title = LineSerializerField(max_length=60, required=False, allow_blank=True)
    department = LineSerializerField(max_length=80)
