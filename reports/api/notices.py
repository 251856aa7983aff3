"""``/api/v1/notices/ obligations/ reports/``: the main job for machines. HTTP only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters as filters
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from platform_site.api import versions
from platform_site.api.filters import ChoicesFilter, InstantFilter, ObjectFilter, YesOrNoFilter
from platform_site.api.pagination import PARAMETERS, KeysetPagination
from platform_site.api.renderers import AsItIs
from platform_site.api.router import router
from platform_site.api.serializers import NoteSerializer
from platform_site.api.views import ResourceViewSet, step
from platform_site.attachments.download import serve_bytes
from platform_site.attachments.models import Attachment
from platform_site.documents.queries import MEDIA_TYPES
from platform_site.federations.models import Federation
from platform_site.jobs.answers import accepted, require_scope
from platform_site.jobs.serializers import JobSerializer
from platform_site.obligations.models import Obligation

from .. import queries, services
from ..documents import document_of
from ..jobs import start_export_matrix
from ..models import Asks, BusinessLine, Comment, Notice, Report, ReportQuerySet, ReportVersion
from ..queries.matrix import SIZE as MATRIX_SIZE
from ..serializers import cascade as cascade_shapes
from ..serializers import notices as shapes
from ..workflow import NoticeState, ReportState
from . import matrix as matrix_api
from .cascade import RollingUp
from .comparing import ComparingReports
from .papers import PaperOfReport
from .reminding import RemindingOfNotice
from .rounds import LastPeriodOfReport, RoundsOfNotice
from .workbooks import WorkbookOfReport


def _attachments(user: Any, ids: list[UUID]) -> list[Attachment]:
    return [get_object_or_404(Attachment.objects.visible_to(user), pk=pk) for pk in ids]


def _document(notice: Notice, ending: str, obligation: Obligation | None = None) -> HttpResponse:
    filename, content = document_of(notice, ending, obligation=obligation)
    return serve_bytes(content, filename=filename, media_type=MEDIA_TYPES[ending])


def _as_file(ending: str) -> Any:
    """An action whose answer is a file, and how the schema tells it."""

    def decorate(method: Any) -> Any:
        told = extend_schema(responses={(200, MEDIA_TYPES[ending]): OpenApiTypes.BINARY})
        return told(action(detail=True, renderer_classes=[AsItIs])(method))

    return decorate


# --- /notices/ --------------------------------------------------------------------------------------
class NoticeApiFilter(ObjectFilter):
    state = filters.ChoiceFilter(choices=NoticeState.choices)
    state__in = ChoicesFilter(field_name="state", choices=NoticeState.choices)
    asks = filters.ChoiceFilter(choices=Asks.choices)
    business_line = filters.ChoiceFilter(choices=BusinessLine.choices)
    search = filters.CharFilter(field_name="request__title", lookup_expr="icontains")


class NoticeViewSet(RoundsOfNotice, RemindingOfNotice, ResourceViewSet):
    """Notices: drafted, approved by another person, issued to federations, closed or withdrawn."""

    resource = "notices"
    queryset = Notice.objects.none()
    bodies = {
        **RemindingOfNotice.bodies,
        "create": shapes.NoticeCreate,
        "partial_update": shapes.NoticeChange,
        "export_overview": matrix_api.OverviewExport,
    }
    filterset_class = NoticeApiFilter
    orderings = {
        "drafted_at": ("drafted_at", "pk"),
        "issued_at": ("issued_at", "pk"),
    }
    default_ordering = "-drafted_at"

    def get_serializer_class(self) -> Any:
        return shapes.NoticeRowSerializer if self.action == "list" else shapes.NoticeSerializer

    def get_queryset(self) -> QuerySet[Notice]:
        notices = Notice.objects.visible_to(self.request.user)
        if self.action == "list":
            return notices.with_due_date()
        return notices.with_request()

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Draft a notice."""
        body = self.read_body()
        body["attachments"] = _attachments(request.user, body.pop("attachments", []))
        notice = services.draft_notice(
            by=request.user, federation=Federation.objects.national(), **body
        )
        return self.object_response(self.fresh(notice), status=201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a draft."""
        notice, version = self.get_object(), self.version_from_request()
        body = self.read_body()
        body["attachments"] = _attachments(request.user, body.pop("attachments", []))
        notice = services.edit_notice(notice, by=request.user, version=version, **body)
        return self.object_response(self.fresh(notice))

    @_as_file("docx")
    def docx(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The notice as an official document (GB/T 9704-2012), to be edited."""
        return _document(self.get_object(), "docx")

    @_as_file("pdf")
    def pdf(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The notice as an official document (GB/T 9704-2012), as it is printed."""
        return _document(self.get_object(), "pdf")

    def known_parameters(self) -> set[str]:
        if self.action == "overview":
            return {*matrix_api.PARAMETERS, *PARAMETERS}
        return {"as_of", "period"} if self.action == "matrix" else super().known_parameters()

    @extend_schema(
        parameters=matrix_api.OVERVIEW_PARAMETERS,
        responses=matrix_api.MatrixSerializer,
    )
    @action(detail=False, methods=["get"], url_path="matrix")
    def overview(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Federations × a page of issued notices, newest first; as of a past day with ``as_of``."""
        params = request.query_params
        size = KeysetPagination.page_size(request) if "page_size" in params else MATRIX_SIZE
        view = queries.matrix_for(
            request.user,
            matrix_api.wanted_of(params),
            cursor=params.get("cursor") or None,
            size=size,
        )
        here = request.build_absolute_uri()
        links = {
            name: replace_query_param(here, "cursor", mark) if mark else None
            for name, mark in (("next", view.next), ("previous", view.previous))
        }
        body = matrix_api.matrix_body(view, links)
        return Response(body, headers={"ETag": versions.etag(view, body)})

    @extend_schema(responses={202: JobSerializer})
    @action(detail=False, methods=["post"], url_path="matrix/export")
    def export_overview(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for the overview as an Excel file: 202, and in Location the job.

        The token also needs `obligations:read`.
        """
        require_scope(request, "obligations:read")
        body = self.read_body()
        job = start_export_matrix(
            by=request.user,
            given=matrix_api.filters_of(body),
            lines=body.get("lines", False),
            id=body.get("id"),
        )
        return accepted(request, job)

    @extend_schema(
        parameters=[
            OpenApiParameter("as_of", OpenApiTypes.DATE),
            OpenApiParameter(
                "period", OpenApiTypes.STR, description="The round; by default the newest."
            ),
        ],
        responses=matrix_api.NoticeMatrixSerializer,
    )
    @action(detail=True, methods=["get"])
    def matrix(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Where each recipient stands, with rates; ``as_of``: at the end of that day."""
        notice = self.get_object()
        params = request.query_params
        wanted = queries.Wanted(
            notice=notice.pk, period=params.get("period"), as_of=matrix_api.day_of(params)
        )
        view = queries.matrix_for(request.user, wanted)
        if not view.columns:  # a draft, or not issued by that day
            raise Http404
        body = matrix_api.notice_body(view)
        return Response(body, headers={"ETag": versions.etag(notice, body)})

    @step("approve", body=shapes.OptionalNote)
    def approve(self, request: Request, notice: Notice, *, version: int, note: str = "") -> Notice:
        """Approve it: another person than its drafter does."""
        return services.approve_notice(notice, by=request.user, version=version, note=note)

    @step("send-back", body=NoteSerializer)
    def send_back(self, request: Request, notice: Notice, *, version: int, note: str) -> Notice:
        """Make an approved notice a draft again."""
        return services.send_back_notice(notice, by=request.user, version=version, note=note)

    @step("issue", body=shapes.OptionalNote)
    def issue(self, request: Request, notice: Notice, *, version: int, note: str = "") -> Notice:
        """Issue it: each recipient gets one frozen obligation."""
        return services.issue_notice(notice, by=request.user, version=version, note=note)

    @step("close", body=shapes.OptionalNote)
    def close(self, request: Request, notice: Notice, *, version: int, note: str = "") -> Notice:
        """End it with all its rounds: no other opens."""
        return services.close_notice(notice, by=request.user, version=version, note=note)

    @step("withdraw", body=NoteSerializer)
    def withdraw(self, request: Request, notice: Notice, *, version: int, note: str) -> Notice:
        """Take an issued notice back."""
        return services.withdraw_notice(notice, by=request.user, version=version, note=note)


# --- /obligations/ ----------------------------------------------------------------------------------
class ObligationApiFilter(ObjectFilter):
    request = filters.UUIDFilter(field_name="round__request")
    parent = filters.UUIDFilter(field_name="parent")
    period = filters.CharFilter(field_name="round__period", max_length=20)
    federation = filters.CharFilter(field_name="federation__code")
    due_on__lte = filters.DateFilter(field_name="due_on", lookup_expr="lte")
    due_on__gte = filters.DateFilter(field_name="due_on", lookup_expr="gte")
    signed_for = YesOrNoFilter(field_name="signed_for_at", lookup_expr="isnull", exclude=True)
    filed = YesOrNoFilter(field_name="filed_at", lookup_expr="isnull", exclude=True)
    settled = YesOrNoFilter(field_name="settled_at", lookup_expr="isnull", exclude=True)
    search = filters.CharFilter(
        field_name="round__request__title", lookup_expr="icontains", max_length=150
    )


class ObligationViewSet(ResourceViewSet):
    """What federations owe: one row for each recipient of a notice, its dates frozen."""

    resource = "obligations"
    queryset = Obligation.objects.none()
    filterset_class = ObligationApiFilter
    orderings = {
        "issued_at": ("issued_at", "id"),
        "federation": ("federation__position", "id"),
    }
    default_ordering = "-issued_at"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        listed = self.action == "list"
        return shapes.ObligationRowSerializer if listed else shapes.ObligationSerializer

    def get_queryset(self) -> QuerySet[Obligation]:
        return Obligation.objects.visible_to(self.request.user).select_related(
            "federation",
            "leader",
            "parent__federation",
            "round__request__federation",
            "round__request__notice",
            "report",
        )

    def _notice(self, obligation: Obligation) -> Notice:
        visible = Notice.objects.visible_to(self.request.user).with_request()
        return get_object_or_404(visible, pk=obligation.round.request_id)

    @_as_file("docx")
    def docx(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """This recipient's copy of the notice, with its name as the addressee, to be edited."""
        obligation = self.get_object()
        return _document(self._notice(obligation), "docx", obligation)

    @_as_file("pdf")
    def pdf(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """This recipient's copy of the notice, with its name as the addressee, as it is printed."""
        obligation = self.get_object()
        return _document(self._notice(obligation), "pdf", obligation)

    @step("sign-for", body=shapes.SignFor)
    def sign_for(
        self, request: Request, obligation: Obligation, *, version: int, **fields: str
    ) -> Obligation:
        """签收: the federation has it, and names its leader in charge and responsible department."""
        return services.sign_for(obligation, by=request.user, version=version, **fields)

    @step("extend", body=shapes.Extend)
    def extend(
        self, request: Request, obligation: Obligation, *, version: int, **fields: Any
    ) -> Obligation:
        """延期: this one federation gets more time, by name and with the reason."""
        fields["attachments"] = _attachments(request.user, fields.get("attachments", []))
        return services.extend_obligation(obligation, by=request.user, version=version, **fields)

    @step("take-back", body=cascade_shapes.TakeBack)
    def take_back(
        self, request: Request, obligation: Obligation, *, version: int, reason: str
    ) -> Obligation:
        """Take back what was passed down to this one federation; refused once anything was filed."""
        return services.take_back(obligation, by=request.user, version=version, reason=reason)

    @step("waive", body=shapes.Waive)
    def waive(
        self, request: Request, obligation: Obligation, *, version: int, **fields: Any
    ) -> Obligation:
        """免报: this one federation need not report; the reason is kept and told."""
        fields["attachments"] = _attachments(request.user, fields.get("attachments", []))
        return services.waive_obligation(obligation, by=request.user, version=version, **fields)


# --- /reports/ --------------------------------------------------------------------------------------
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

    @step("recall", body=shapes.OptionalNote)
    def recall(self, request: Request, report: Report, *, version: int, note: str = "") -> Report:
        """Take a submission back, until a reviewer has acted."""
        return services.recall_report(report, by=request.user, version=version, note=note)

    @step("return", body=NoteSerializer)
    def return_report(self, request: Request, report: Report, *, version: int, note: str) -> Report:
        """Send it back for changes, with the reason."""
        return services.return_report(report, by=request.user, version=version, note=note)

    @step("accept", body=shapes.OptionalNote)
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
    serializer_class = shapes.CommentSerializer
    bodies = {"create": shapes.CommentCreate, "partial_update": shapes.CommentText}
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

    @step("reply", body=shapes.CommentText)
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


router.register("notices", NoticeViewSet, basename="notices")
router.register("obligations", ObligationViewSet, basename="obligations")
router.register("reports", ReportViewSet, basename="reports")
OF_REPORT = r"reports/(?P<report_id>[0-9a-f-]{36})/"
router.register(OF_REPORT + "comments", CommentViewSet, basename="comments")
router.register(OF_REPORT + "versions", VersionViewSet, basename="report-versions")
