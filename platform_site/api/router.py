"""The register of resources. An app's ``api.py`` says, when imported::

router.register("notices", NoticeViewSet, basename="notices")
"""

from __future__ import annotations

from typing import Any

from rest_framework.routers import APIRootView, DefaultRouter, Route


class IndexView(APIRootView):
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
        return (
            [self.SINGLE] if getattr(viewset, "is_single", False) else super().get_routes(viewset)
        )


router = Router()
