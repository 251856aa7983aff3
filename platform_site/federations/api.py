"""``/api/v1/federations/``: the directory of federations, by code."""

from __future__ import annotations

from platform_site.api.router import router
from platform_site.api.views import ResourceViewSet

from .filters import FederationFilter
from .models import Federation, FederationQuerySet
from .serializers import FederationSerializer
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


router.register("federations", FederationViewSet, basename="federations")
