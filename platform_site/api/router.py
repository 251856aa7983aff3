"""The register of resources. An app's ``api.py`` says, when imported::

router.register("notices", NoticeViewSet, basename="notices")
"""

from __future__ import annotations

from rest_framework.routers import APIRootView, DefaultRouter

from .limits import Limited


class IndexView(Limited, APIRootView):
    """The resources of this version."""


class Router(DefaultRouter):
    APIRootView = IndexView
    include_format_suffixes = False
    root_view_name = "index"


router = Router()
