"""The register of resources. An app's ``api.py`` says, when imported::

router.register("notices", NoticeViewSet, basename="notices")
"""

from __future__ import annotations

from typing import Any

from rest_framework.routers import APIRootView, DefaultRouter, Route

from .limits import Limited


class IndexView(Limited, APIRootView):
    """The resources of this version."""


class Router(DefaultRouter):
    APIRootView = IndexView
    include_format_suffixes = False
    root_view_name = "index"

    #: One object at the address itself, without an id: what a person has once. Named as a list, so
    #: that the index shows it.
    SINGLE = Route(
        url=r"^{prefix}{trailing_slash}$",
        mapping={"get": "retrieve", "patch": "partial_update"},
        name="{basename}-list",
        detail=True,
        initkwargs={},
    )

    def get_routes(self, viewset: Any) -> list[Any]:
        """Without the bulk where there is nothing to do in one."""
        if getattr(viewset, "is_single", False):
            return [self.SINGLE]
        routes = super().get_routes(viewset)
        if getattr(viewset, "acts", dict)():
            return routes
        return [route for route in routes if route.mapping != {"post": "bulk"}]


router = Router()
