"""Where a total of a summary is from, as an action of ``/summaries/``."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api import versions
from platform_site.api.views import ActViewSet

from ..models import Summary
from ..queries.tracing import edition_asked_for, trace_of
from ..serializers.summaries import TraceSerializer

INDICATOR = OpenApiParameter("indicator", OpenApiTypes.STR, OpenApiParameter.PATH)
EDITION = OpenApiParameter(
    "edition",
    {"type": "integer", "minimum": 1, "maximum": 999_999},
    description="By default the working copy.",
)


class TracingSummaries(ActViewSet):
    """The trace of a total."""

    def known_parameters(self) -> set[str]:
        return {"edition"} if self.action == "trace" else super().known_parameters()

    @extend_schema(parameters=[INDICATOR, EDITION], responses=TraceSerializer)
    @action(detail=True, methods=["get"], url_path="totals/(?P<indicator>[-a-zA-Z0-9_]{1,60})")
    def trace(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One total with every report it is made of, and what changed since the edition before."""
        summary: Summary = self.get_object()
        asked = edition_asked_for(summary, request.query_params.get("edition", ""))
        found = asked and trace_of(asked.content, asked.before, kwargs["indicator"])
        if not asked or not found:
            raise Http404
        body = {"edition": asked.number, "since": asked.since, **found}
        return Response(body, headers={"ETag": versions.etag(summary, body)})
