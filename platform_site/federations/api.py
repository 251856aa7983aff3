"""``/api/v1/federations/``: the directory of federations, by code; ``holdings/``: who holds which post."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.router import router
from platform_site.api.views import ResourceViewSet, step

from . import services
from .filters import FederationFilter, HoldingFilter
from .models import Federation, FederationQuerySet, Holding, HoldingQuerySet
from .serializers import (
    FederationSerializer,
    HoldingAppoint,
    HoldingEnd,
    HoldingRowSerializer,
    HoldingSerializer,
)
from .tables import ORDERINGS


class FederationViewSet(ResourceViewSet):
    """The national federation, the 43 first-tier units, prefectures and counties."""

    resource = "federations"
    queryset = Federation.objects.none()
    serializer_class = FederationSerializer
    filterset_class = FederationFilter
    orderings = ORDERINGS
    default_ordering = "position"
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9]+"
    http_method_names = ("get", "head", "options")

    def get_queryset(self) -> FederationQuerySet:
        return Federation.objects.visible_to(self.request.user).select_related(
            "parent", "first_tier", "prefecture", "successor"
        )


class HoldingViewSet(ResourceViewSet):
    """The register of posts: leader in charge, head of department, liaison officers, now and before.

    Seen: the own subtree, the federations above and the national one; all by the auditor.
    """

    resource = gettext_noop("holdings")
    reads_instances = True
    queryset = Holding.objects.none()
    bodies = {"create": HoldingAppoint}
    filterset_class = HoldingFilter
    orderings = {"since": ("since", "id")}
    default_ordering = "-since"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        return HoldingRowSerializer if self.action == "list" else HoldingSerializer

    def get_queryset(self) -> HoldingQuerySet:
        return Holding.objects.visible_to(self.request.user).select_related("federation")

    @extend_schema(responses={200: HoldingSerializer, 201: HoldingSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record who holds a post. The same name in the post already stays, with the new details (200)."""
        body = self.read_body()
        federation, post = body.pop("federation"), body.pop("post")
        held = self.get_queryset().on(body["since"]).filter(federation=federation, post=post)
        existed = held.filter(name=body["name"]).exists()
        holding = services.appoint(federation, post, by=request.user, **body)
        return self.object_response(self.fresh(holding), status=200 if existed else 201)

    @step("end", body=HoldingEnd)
    def end(self, request: Request, holding: Holding, *, version: int, until: dt.date) -> Holding:
        """Record from which day on the post is no longer held."""
        return services.end(holding, by=request.user, version=version, until=until)


router.register("federations", FederationViewSet, basename="federations")
router.register("holdings", HoldingViewSet, basename="holdings")
