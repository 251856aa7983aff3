"""The schema and its page. Both are public: they tell what the API can do, not what it holds."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from .limits import Limited


class SchemaView(Limited, SpectacularJSONAPIView):
    api_version = "v1"


class DocsView(Limited, SpectacularSwaggerSplitView):
    """Swagger UI from our own server. The split view serves its start-up script from an address of
    its own, so the page needs no inline script and keeps the strict policy of all other pages.
    """

    url_name = "api:schema"
    template_name = "api/docs.html"
    title: Any = _("REST API")
