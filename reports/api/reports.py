"""``/api/v1/reports/``, with the comments on a report and its versions. HTTP only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters as filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api import versions
from platform_site.api.filters import ChoicesFilter, InstantFilter, ObjectFilter
from platform_site.api.router import router
from platform_site.api.serializers import NoteSerializer, OptionalNote
from platform_site.api.views import ResourceViewSet, step
from platform_site.attachments.models import Attachment
from platform_site.obligations.models import Obligation

from .. import queries, services
from ..models import Asks, Comment, Report, ReportQuerySet, ReportVersion
from ..serializers import comments as comment_shapes
from ..serializers import reports as shapes
from ..workflow import ReportState
from . import matrix as matrix_api
from .cascade import RollingUp
from .comparing import ComparingReports
from .papers import PaperOfReport
from .rounds import LastPeriodOfReport
from .workbooks import WorkbookOfReport


class ReportApiFilter(ObjectFilter):
    state = filters.ChoiceFilter(choices=ReportState.choices)
    state__in = ChoicesFilter(field_name="state", choices=ReportState.choices)
    kind = filters.ChoiceFilter(choices=Asks.choices)
    federation = filters.CharFilter(field_name="federation__code")
    notice = filters.UUIDFilter(field_name="obligation__round__request")
    period = filters.CharFilter(field_name="obligation__round__period", max_length=20)
    obligation = filters.UUIDFilter(field_name="obligation")
    submitted_at__gte = InstantFilter(field_name="submitted_at", lookup_expr="gte")
    submitted_at__lt = InstantFilter(field_name="submitted_at", lookup_expr="lt")
    search = filters.CharFilter(method="filter_search", max_length=150)

    def filter_search(self, queryset: ReportQuerySet, name: str, value: str) -> ReportQuerySet:
        return queryset.matching(value)


class ReportViewSet(
    LastPeriodOfReport,
    ComparingReports,
    RollingUp,
    PaperOfReport,
    WorkbookOfReport,
    ResourceViewSet,
):
    """Reports of federations: pilot plans, progress reports, information."""

    resource = "reports"
    queryset = Report.objects.none()
    bodies = {"create": shapes.ReportCreate, "partial_update": shapes.ReportChange}
    filterset_class = ReportApiFilter
    orderings = {
        "started_at": ("started_at", "id"),
        "submitted_at": ("submitted_at", "id"),
        "due_on": ("obligation__due_on", "id"),
    }
    default_ordering = "-started_at"

    def get_serializer_class(self) -> Any:
        return shapes.ReportRowSerializer if self.action == "list" else shapes.ReportSerializer

    def get_queryset(self) -> QuerySet[Report]:
        return (
            Report.objects.visible_to(self.request.user)
            .with_context()
            .select_related("sheet__form_version__form", "prepared_by", "submitted_by")
        )

    def known_parameters(self) -> set[str]:
        return {"as_of"} if self.action == "retrieve" else super().known_parameters()

    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"then": getattr(self, "then", None)}

    @extend_schema(parameters=[OpenApiParameter("as_of", OpenApiTypes.DATE)])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The report; with ``as_of`` as it stood at the end of that day, 404 before a submission."""
        report = self.get_object()
        if day := matrix_api.day_of(request.query_params):
            self.then = queries.report_then(report, request.user, day)
            if self.then is None or self.then.kept is None:
                raise Http404
        return self.object_response(report)

    @extend_schema(responses=shapes.ReadinessSerializer)
    @action(detail=True, methods=["get"])
    def findings(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What still blocks its submission, what is doubtful, and how far each section is."""
        report = self.get_object()
        queries.check_fills(report, request.user)
        body = shapes.readiness_of(report)
        return Response(body, headers={"ETag": versions.etag(report, body)})

    @extend_schema(responses={200: shapes.ReportSerializer, 201: shapes.ReportSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Open the report of an obligation; opened before, it is answered as it is (200)."""
        body = self.read_body()
        obligation = get_object_or_404(
            Obligation.objects.visible_to(request.user), pk=body.pop("obligation")
        )
        existed = Report.objects.visible_to(request.user).filter(obligation=obligation).exists()
        report = services.start_report(obligation, by=request.user, **body)
        return self.object_response(self.fresh(report), status=200 if existed else 201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Merge answers into a draft or a returned report."""
        report, version = self.get_object(), self.version_from_request()
        saved = services.save_report(
            report, by=request.user, version=version, strict=True, **self.read_body()
        )
        return self.object_response(self.fresh(saved.report))

    @step("sign-off", body=shapes.SignOff)
    def sign_off(
        self,
        request: Request,
        report: Report,
        *,
        version: int,
        scan: UUID | None = None,
        **fields: Any,
    ) -> Report:
        """Record which leader signed it off."""
        file = None
        if scan:
            file = get_object_or_404(
                Attachment.objects.visible_to(request.user).of(report), pk=scan
            )
        return services.sign_off_report(
            report, by=request.user, version=version, scan=file, **fields
        )

    @step("submit", body=shapes.Submit)
    def submit(
        self, request: Request, report: Report, *, version: int, explanation: str | None = None
    ) -> Report:
        """Submit it: all that is missing or doubtful is answered at once."""
        return services.submit_report(
            report, by=request.user, version=version, explanation=explanation
        )

    @step("recall", body=OptionalNote)
    def recall(self, request: Request, report: Report, *, version: int, note: str = "") -> Report:
        """Take a submission back, until a reviewer has acted."""
        return services.recall_report(report, by=request.user, version=version, note=note)

    @step("return", body=NoteSerializer)
    def return_report(self, request: Request, report: Report, *, version: int, note: str) -> Report:
        """Send it back for changes, with the reason."""
        return services.return_report(report, by=request.user, version=version, note=note)

    @step("accept", body=OptionalNote)
    def accept(self, request: Request, report: Report, *, version: int, note: str = "") -> Report:
        """Accept the version under review."""
        return services.accept_report(report, by=request.user, version=version, note=note)


class _OfReport(ResourceViewSet):
    """What hangs on one report; the report itself decides who sees it."""

    resource = "reports"

    def get_report(self) -> Report:
        reports = Report.objects.visible_to(self.request.user).with_context()
        return get_object_or_404(reports, pk=self.kwargs["report_id"])


class CommentViewSet(_OfReport):
    """Comments of reviewers on answers, and the replies to them."""

    queryset = Comment.objects.none()
    reads_instances = True
    serializer_class = comment_shapes.CommentSerializer
    bodies = {"create": comment_shapes.CommentCreate, "partial_update": comment_shapes.CommentText}
    orderings = {"at": ("at", "id")}

    def get_queryset(self) -> QuerySet[Comment]:
        if getattr(self, "swagger_fake_view", False):
            return Comment.objects.none()
        return queries.comments_for(self.get_report(), self.request.user)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Pin a comment to an answer of the version under review."""
        comment = services.add_comment(self.get_report(), by=request.user, **self.read_body())
        return self.object_response(comment, status=201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Reword one's own comment while the report is under review."""
        comment, version = self.get_object(), self.version_from_request()
        text = self.read_body().get("text", "")
        comment = services.edit_comment(comment, by=request.user, version=version, text=text)
        return self.object_response(comment)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take one's own comment away while the report is under review."""
        comment, version = self.get_object(), self.version_from_request()
        services.remove_comment(comment, by=request.user, version=version)
        return Response(status=204)

    @step("reply", body=comment_shapes.CommentText)
    def reply(self, request: Request, comment: Comment, *, version: int, text: str) -> Comment:
        """Answer the comment: one reply before the report is submitted again."""
        return services.reply_to_comment(comment, by=request.user, version=version, text=text)


class VersionViewSet(_OfReport):
    """The submitted versions of a report, each whole."""

    queryset = ReportVersion.objects.none()
    lookup_field = "number"
    lookup_value_regex = "[0-9]{1,6}"
    orderings = {"number": ("number", "id")}
    http_method_names = ("get", "head")

    def get_serializer_class(self) -> Any:
        return shapes.VersionRowSerializer if self.action == "list" else shapes.VersionSerializer

    def get_queryset(self) -> QuerySet[ReportVersion]:
        if getattr(self, "swagger_fake_view", False):
            return ReportVersion.objects.none()
        return self.get_report().versions.all()


router.register("reports", ReportViewSet, basename="reports")


OF_REPORT = r"reports/(?P<report_id>[0-9a-f-]{36})/"


router.register(OF_REPORT + "comments", CommentViewSet, basename="comments")


router.register(OF_REPORT + "versions", VersionViewSet, basename="report-versions")
