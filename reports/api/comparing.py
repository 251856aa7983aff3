"""Two versions of a report, or two editions of a summary, beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api import versions
from platform_site.api.views import ActViewSet
from platform_site.problems import FieldProblem, Unreadable

from ..models import Report, Summary
from ..queries import shown
from ..queries.editions import compare_editions
from ..serializers import comparing as shapes

_NUMBER = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
NUMBERS = [
    OpenApiParameter("from", _NUMBER, description="By default the one before “to”."),
    OpenApiParameter("to", _NUMBER, description="By default the newest."),
]


def _two(params: Mapping[str, str], numbers: list[int]) -> tuple[int, int]:
    """The numbers to compare; 400 for what is no number, 404 for one that is not there."""
    if len(numbers) < 2:
        raise Http404
    new = _number(params, "to", numbers, numbers[-1])
    earlier = [number for number in numbers if number < new]
    return _number(params, "from", numbers, earlier[-1] if earlier else numbers[0]), new


def _number(params: Mapping[str, str], name: str, numbers: list[int], default: int) -> int:
    given = params.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        message = _("This is no number of a version.")
        fields = [FieldProblem(f"/{name}", "invalid", message)]
        raise Unreadable("bad_filter", message, fields=fields)
    if int(given) not in numbers:
        raise Http404
    return int(given)


class _Comparing(ActViewSet):
    def known_parameters(self) -> set[str]:
        return {"from", "to"} if self.action == "compare" else super().known_parameters()


class ComparingReports(_Comparing):
    """The comparison as an action of ``/reports/``."""

    @extend_schema(parameters=NUMBERS, responses=shapes.ReportComparisonSerializer)
    @action(detail=True, methods=["get"])
    def compare(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Two submitted versions side by side; 404 before there are two."""
        report: Report = self.get_object()
        kept = {version.number: version for version in report.versions.order_by("number")}
        old, new = _two(request.query_params, list(kept))
        sections = shown(kept[new].content, before=kept[old].content)
        body = shapes.report_body(kept[old], kept[new], sections)
        return Response(body, headers={"ETag": versions.etag(report, body)})


class ComparingSummaries(_Comparing):
    """The comparison as an action of ``/summaries/``."""

    @extend_schema(parameters=NUMBERS, responses=shapes.EditionComparisonSerializer)
    @action(detail=True, methods=["get"])
    def compare(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Two frozen editions side by side: what is not the same; 404 before there are two."""
        summary: Summary = self.get_object()
        numbers = sorted(summary.editions.values_list("number", flat=True))
        old, new = (
            summary.editions.get(number=number) for number in _two(request.query_params, numbers)
        )
        body = shapes.edition_body(old, new, compare_editions(old.content, new.content))
        return Response(body, headers={"ETag": versions.etag(summary, body)})
