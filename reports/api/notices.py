"""``/api/v1/notices/``: drafting, approving, issuing, ending them. HTTP only."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from platform_site.api import versions
from platform_site.api.filters import ChoicesFilter, ObjectFilter
from platform_site.api.pagination import PARAMETERS, KeysetPagination
from platform_site.api.router import router
from platform_site.api.serializers import NoteSerializer, OptionalNote
from platform_site.api.views import ResourceViewSet, step
from platform_site.federations.models import Federation
from platform_site.jobs.answers import accepted, require_scope
from platform_site.jobs.serializers import JobSerializer

from .. import queries, services
from ..jobs import start_export_matrix
from ..models import Asks, BusinessLine, Notice
from ..queries.matrix import SIZE as MATRIX_SIZE
from ..serializers import notices as shapes
from ..workflow import NoticeState
from . import matrix as matrix_api
from .common import as_file, attachments_of, notice_document
from .reminding import RemindingOfNotice
from .rounds import RoundsOfNotice


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
        body["attachments"] = attachments_of(request.user, body.pop("attachments", []))
        notice = services.draft_notice(
            by=request.user, federation=Federation.objects.national(), **body
        )
        return self.object_response(self.fresh(notice), status=201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a draft."""
        notice, version = self.get_object(), self.version_from_request()
        body = self.read_body()
        body["attachments"] = attachments_of(request.user, body.pop("attachments", []))
        notice = services.edit_notice(notice, by=request.user, version=version, **body)
        return self.object_response(self.fresh(notice))

    @as_file("docx")
    def docx(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The notice as an official document (GB/T 9704-2012), to be edited."""
        return notice_document(self.get_object(), "docx")

    @as_file("pdf")
    def pdf(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The notice as an official document (GB/T 9704-2012), as it is printed."""
        return notice_document(self.get_object(), "pdf")

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

    @step("approve", body=OptionalNote)
    def approve(self, request: Request, notice: Notice, *, version: int, note: str = "") -> Notice:
        """Approve it: another person than its drafter does."""
        return services.approve_notice(notice, by=request.user, version=version, note=note)

    @step("send-back", body=NoteSerializer)
    def send_back(self, request: Request, notice: Notice, *, version: int, note: str) -> Notice:
        """Make an approved notice a draft again."""
        return services.send_back_notice(notice, by=request.user, version=version, note=note)

    @step("issue", body=OptionalNote)
    def issue(self, request: Request, notice: Notice, *, version: int, note: str = "") -> Notice:
        """Issue it: each recipient gets one frozen obligation."""
        return services.issue_notice(notice, by=request.user, version=version, note=note)

    @step("close", body=OptionalNote)
    def close(self, request: Request, notice: Notice, *, version: int, note: str = "") -> Notice:
        """End it with all its rounds: no other opens."""
        return services.close_notice(notice, by=request.user, version=version, note=note)

    @step("withdraw", body=NoteSerializer)
    def withdraw(self, request: Request, notice: Notice, *, version: int, note: str) -> Notice:
        """Take an issued notice back."""
        return services.withdraw_notice(notice, by=request.user, version=version, note=note)


router.register("notices", NoticeViewSet, basename="notices")
