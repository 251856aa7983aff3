"""``/api/v1/summaries/``: what the reports of a notice add up to, its paragraphs, its frozen editions."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.filters import ObjectFilter
from platform_site.api.router import router
from platform_site.api.serializers import Nothing
from platform_site.api.views import ActViewSet, ObjectViewSet, ResourceViewSet, step
from platform_site.jobs.answers import accepted, require_scope
from platform_site.jobs.models import Job
from platform_site.jobs.serializers import JobSerializer

from .. import services
from ..jobs import start_build
from ..models import Notice, Summary, SummaryEdition, SummaryPart
from ..queries import round_of
from ..serializers import summaries as shapes
from .comparing import ComparingSummaries
from .tracing import TracingSummaries


class SummaryApiFilter(ObjectFilter):
    notice = filters.UUIDFilter(field_name="notice")
    search = filters.CharFilter(field_name="title", lookup_expr="icontains", max_length=150)


class SummaryViewSet(TracingSummaries, ComparingSummaries, ResourceViewSet):
    """Summaries: the working copy of what the accepted reports of a notice add up to."""

    resource = "summaries"
    queryset = Summary.objects.none()
    bodies = {"create": shapes.SummaryCreate, "partial_update": shapes.SummaryChange}
    filterset_class = SummaryApiFilter
    orderings = {"changed_at": ("changed_at", "id")}
    default_ordering = "-changed_at"
    http_method_names = ("get", "head", "post", "patch")

    def get_serializer_class(self) -> Any:
        return shapes.SummaryRowSerializer if self.action == "list" else shapes.SummarySerializer

    def get_queryset(self) -> QuerySet[Summary]:
        return Summary.objects.visible_to(self.request.user).with_notice().with_last_edition()

    @extend_schema(responses={200: shapes.SummarySerializer, 201: shapes.SummarySerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Begin the summary of a notice; begun before, it is answered as it is (200)."""
        body = self.read_body()
        notice = get_object_or_404(
            Notice.objects.visible_to(request.user).with_request(), pk=body.pop("notice")
        )
        round = round_of(notice, body.get("period", ""))
        existed = Summary.objects.visible_to(request.user).filter(round=round).exists()
        summary = services.start_summary(notice, by=request.user, **body)
        return self.object_response(self.fresh(summary), status=200 if existed else 201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change title or remark, what paragraphs are drawn from, their order, tables and charts."""
        summary, version = self.get_object(), self.version_from_request()
        services.edit_summary(summary, by=request.user, version=version, **self.read_body())
        return self.object_response(self.fresh(summary))

    @step("draw", body=Nothing)
    def draw(self, request: Request, summary: Summary, *, version: int) -> Summary:
        """Take in what was accepted since: a paragraph for each report that has none."""
        fresh, _many = services.draw_parts(summary, by=request.user, version=version)
        return fresh

    @step("freeze", body=shapes.Freeze)
    def freeze(self, request: Request, summary: Summary, *, version: int, **body: Any) -> Summary:
        """Keep it as the next numbered edition, which nobody changes any more."""
        services.freeze_summary(summary, by=request.user, version=version, **body)
        return summary


class _OfSummary(ObjectViewSet):
    """What hangs on one summary; the summary itself decides who sees it."""

    resource = "summaries"

    def get_summary(self) -> Summary:
        summaries = Summary.objects.visible_to(self.request.user).with_notice()
        return get_object_or_404(summaries, pk=self.kwargs["summary_id"])


class SummaryPartViewSet(_OfSummary, ResourceViewSet):
    """The paragraphs of a summary, by federation."""

    queryset = SummaryPart.objects.none()
    reads_instances = True
    serializer_class = shapes.SummaryPartSerializer
    lookup_field = "obligation__federation__code"
    lookup_url_kwarg = "federation"
    lookup_value_regex = "[A-Za-z0-9]{1,16}"
    bodies = {"partial_update": shapes.PartText}
    orderings = {"federation": ("obligation__federation__position", "id")}
    http_method_names = ("get", "head", "post", "patch")

    def get_queryset(self) -> QuerySet[SummaryPart]:
        if getattr(self, "swagger_fake_view", False):
            return SummaryPart.objects.none()
        return self.get_summary().parts.select_related(
            *("obligation__federation", "source", "edited_by"),
            *("summary__notice__request", "summary__notice__form_version", "summary__round"),
        )

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write the paragraph, or leave its report out with a reason."""
        part, version = self.get_object(), self.version_from_request()
        body = self.read_body() or {"text": ""}  # nothing at all is no paragraph
        part = services.edit_part(part, by=request.user, version=version, **body)
        return self.object_response(self.fresh(part))

    @step("redraw", body=Nothing)
    def redraw(self, request: Request, part: SummaryPart, *, version: int) -> SummaryPart:
        """Draw the paragraph from the accepted version again."""
        return services.redraw_part(part, by=request.user, version=version)


class SummaryEditionViewSet(_OfSummary, ResourceViewSet):
    """The frozen editions of a summary, by number."""

    queryset = SummaryEdition.objects.none()
    lookup_field = "number"
    lookup_value_regex = "[0-9]{1,6}"
    orderings = {"number": ("number", "id")}
    default_ordering = "-number"
    http_method_names = ("get", "head")

    def get_serializer_class(self) -> Any:
        return shapes.EditionRowSerializer if self.action == "list" else shapes.EditionSerializer

    def get_queryset(self) -> QuerySet[SummaryEdition]:
        if getattr(self, "swagger_fake_view", False):
            return SummaryEdition.objects.none()
        return self.get_summary().editions.all()


class BuildViewSet(ActViewSet):
    """Building a summary as a document or a workbook: a background job."""

    resource = "summaries"
    queryset = Job.objects.none()
    serializer_class = JobSerializer
    bodies = {"create": shapes.Build}
    http_method_names = ("post",)

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.visible_to(self.request.user)

    @extend_schema(responses={202: JobSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for DOCX, PDF or XLSX of an edition, or of the draft: 202, and in Location the job.

        The token also needs `summaries:read`.
        """
        require_scope(request, "summaries:read")
        summaries = Summary.objects.visible_to(request.user).with_notice()
        summary = get_object_or_404(summaries, pk=self.kwargs["summary_id"])
        body = self.read_body()
        if body.get("edition") is not None:
            get_object_or_404(summary.editions.all(), number=body["edition"])
        return accepted(request, start_build(summary, by=request.user, **body))


router.register("summaries", SummaryViewSet, basename="summaries")
OF_SUMMARY = r"summaries/(?P<summary_id>[0-9a-f-]{36})/"
router.register(OF_SUMMARY + "parts", SummaryPartViewSet, basename="summary-parts")
router.register(OF_SUMMARY + "editions", SummaryEditionViewSet, basename="summary-editions")
router.register(OF_SUMMARY + "files", BuildViewSet, basename="summary-files")
