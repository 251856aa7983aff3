"""``/api/v1/obligations/``: what federations owe. HTTP only."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request

from platform_site.api.filters import ObjectFilter, YesOrNoFilter
from platform_site.api.router import router
from platform_site.api.views import ResourceViewSet, step
from platform_site.obligations.models import Obligation

from .. import services
from ..models import Notice
from ..serializers import cascade as cascade_shapes
from ..serializers import obligations as shapes
from .common import as_file, attachments_of, notice_document


class ObligationApiFilter(ObjectFilter):
    request = filters.UUIDFilter(field_name="round__request")
    parent = filters.UUIDFilter(field_name="parent")
    period = filters.CharFilter(field_name="round__period", max_length=20)
    federation = filters.CharFilter(field_name="federation__code")
    due_on__lte = filters.DateFilter(field_name="due_on", lookup_expr="lte")
    due_on__gte = filters.DateFilter(field_name="due_on", lookup_expr="gte")
    signed_for = YesOrNoFilter(field_name="signed_for_at", lookup_expr="isnull", exclude=True)
    filed = YesOrNoFilter(field_name="filed_at", lookup_expr="isnull", exclude=True)
    settled = YesOrNoFilter(field_name="settled_at", lookup_expr="isnull", exclude=True)
    search = filters.CharFilter(
        field_name="round__request__title", lookup_expr="icontains", max_length=150
    )


class ObligationViewSet(ResourceViewSet):
    """What federations owe: one row for each recipient of a notice, its dates frozen."""

    resource = "obligations"
    queryset = Obligation.objects.none()
    filterset_class = ObligationApiFilter
    orderings = {
        "issued_at": ("issued_at", "id"),
        "federation": ("federation__position", "id"),
    }
    default_ordering = "-issued_at"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        listed = self.action == "list"
        return shapes.ObligationRowSerializer if listed else shapes.ObligationSerializer

    def get_queryset(self) -> QuerySet[Obligation]:
        return Obligation.objects.visible_to(self.request.user).select_related(
            "federation",
            "leader",
            "parent__federation",
            "round__request__federation",
            "round__request__notice",
            "report",
        )

    def _notice(self, obligation: Obligation) -> Notice:
        visible = Notice.objects.visible_to(self.request.user).with_request()
        return get_object_or_404(visible, pk=obligation.round.request_id)

    @as_file("docx")
    def docx(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """This recipient's copy of the notice, with its name as the addressee, to be edited."""
        obligation = self.get_object()
        return notice_document(self._notice(obligation), "docx", obligation)

    @as_file("pdf")
    def pdf(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """This recipient's copy of the notice, with its name as the addressee, as it is printed."""
        obligation = self.get_object()
        return notice_document(self._notice(obligation), "pdf", obligation)

    @step("sign-for", body=shapes.SignFor)
    def sign_for(
        self, request: Request, obligation: Obligation, *, version: int, **fields: str
    ) -> Obligation:
        """签收: the federation has it, and names its leader in charge and responsible department."""
        return services.sign_for(obligation, by=request.user, version=version, **fields)

    @step("extend", body=shapes.Extend)
    def extend(
        self, request: Request, obligation: Obligation, *, version: int, **fields: Any
    ) -> Obligation:
        """延期: this one federation gets more time, by name and with the reason."""
        fields["attachments"] = attachments_of(request.user, fields.get("attachments", []))
        return services.extend_obligation(obligation, by=request.user, version=version, **fields)

    @step("take-back", body=cascade_shapes.TakeBack)
    def take_back(
        self, request: Request, obligation: Obligation, *, version: int, reason: str
    ) -> Obligation:
        """Take back what was passed down to this one federation; refused once anything was filed."""
        return services.take_back(obligation, by=request.user, version=version, reason=reason)

    @step("waive", body=shapes.Waive)
    def waive(
        self, request: Request, obligation: Obligation, *, version: int, **fields: Any
    ) -> Obligation:
        """免报: this one federation need not report; the reason is kept and told."""
        fields["attachments"] = attachments_of(request.user, fields.get("attachments", []))
        return services.waive_obligation(obligation, by=request.user, version=version, **fields)


router.register("obligations", ObligationViewSet, basename="obligations")
