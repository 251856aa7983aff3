"""Shapes of the notice ledger in the REST API."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.serializers import Serializer
from platform_site.casework.queries import today
from platform_site.obligations.models import Obligation

from ..queries import ledger as queries
from ..queries.ledger import LedgerStep


class TakenSerializer(Serializer):
    """An edition of a summary that holds the report."""

    summary = rest.UUIDField()
    edition = rest.IntegerField()
    document_number = rest.CharField()


class LedgerLineSerializer(Serializer):
    """One line: what became of one notice at one federation. What did not happen is null."""

    obligation = rest.UUIDField(source="pk")
    notice = rest.UUIDField(source="round.request_id")
    round = rest.UUIDField(source="round_id")
    title = rest.CharField(source="round.request.title")
    number = rest.CharField(source="round.request.notice.number")
    period = rest.CharField(source="round.period")
    federation = rest.CharField(source="federation.code")
    name = rest.CharField(source="federation.name_zh")
    step = rest.SerializerMethodField()
    late = rest.SerializerMethodField()
    issued_at = rest.DateTimeField()
    due_on = rest.DateField(allow_null=True)
    signed_for_at = rest.DateTimeField(allow_null=True)
    filed_at = rest.DateTimeField(allow_null=True)
    accepted_at = rest.SerializerMethodField()
    summaries = TakenSerializer(
        source="taken",
        many=True,
        help_text=_("The editions that hold its report; for those who read summaries."),
    )

    @extend_schema_field(rest.ChoiceField(choices=LedgerStep.choices[:-1]))
    def get_step(self, owed: Obligation) -> str:
        return queries.step_of(owed).value

    def get_late(self, owed: Obligation) -> bool:
        return owed.is_late(today())

    @extend_schema_field(rest.DateTimeField(allow_null=True))
    def get_accepted_at(self, owed: Obligation) -> object:
        return rest.DateTimeField().to_representation(queries.accepted_at(owed))
