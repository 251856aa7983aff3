"""``/api/v1/ledger/``: from the number of a notice to the summary, a line for each federation."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from platform_site.api.filters import ObjectFilter
from platform_site.api.router import router
from platform_site.api.views import ListViewSet
from platform_site.obligations.models import Obligation

from ..models import BusinessLine
from ..queries import ledger as queries
from ..serializers.ledger import LedgerLineSerializer


class LedgerApiFilter(ObjectFilter):
    notice = filters.UUIDFilter(field_name="round__request")
    round = filters.UUIDFilter(field_name="round")
    federation = filters.CharFilter(field_name="federation__code", max_length=16)
    business_line = filters.ChoiceFilter(
        field_name="round__request__notice__business_line", choices=BusinessLine.choices
    )
    step = filters.ChoiceFilter(choices=queries.LedgerStep.choices, method="filter_step")
    issued_on__gte = filters.DateFilter(field_name="issued_at", lookup_expr="date__gte")
    issued_on__lte = filters.DateFilter(field_name="issued_at", lookup_expr="date__lte")

    def filter_step(self, lines: Any, name: str, value: str) -> Any:
        return queries.at_step(lines, value)


class LedgerViewSet(ListViewSet):
    """The notice ledger: number, recipient, signed for, filed, accepted, in which summary."""

    resource = "obligations"
    queryset = Obligation.objects.none()
    serializer_class = LedgerLineSerializer
    reads_instances = True
    filterset_class = LedgerApiFilter
    orderings = {"issued_at": ("issued_at", "id"), "federation": ("federation__position", "id")}
    default_ordering = "-issued_at"
    http_method_names = ("get", "head")

    def get_queryset(self) -> QuerySet[Obligation]:
        return queries.ledger_for(self.request.user)

    def prepared(self, rows: list[Any]) -> list[Any]:
        queries.prepare_ledger(rows, self.request.user)
        return rows


router.register("ledger", LedgerViewSet, basename="ledger")
