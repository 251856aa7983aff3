"""The workbook of a report: taken, filled in offline, sent back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api import tables
from platform_site.api.renderers import AsItIs
from platform_site.api.views import ActViewSet
from platform_site.attachments import store
from platform_site.attachments.download import serve_bytes
from platform_site.attachments.workbooks import read_sheets
from platform_site.lists.form_sheets import read_form

from .. import queries, services
from ..models import Report
from ..serializers import workbooks as shapes

XLSX = tables.FORMATS["xlsx"]


class WorkbookOfReport(ActViewSet):
    """Actions of ``/reports/``; the report itself is found by its viewset."""

    def before_body(self, request: Request) -> None:
        super().before_body(request)
        if self.action in ("take_in_workbook", "take_in_gathering"):
            store.refuse_announced(request.META.get("CONTENT_LENGTH"))

    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY})
    @action(detail=True, renderer_classes=[AsItIs])
    def workbook(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The report as an Excel workbook, to be filled in offline by whoever fills it in."""
        report: Report = self.get_object()
        filename, content = queries.workbook_of(services.open_to_filling(report, by=request.user))
        return serve_bytes(content, filename=filename, media_type=XLSX)

    @extend_schema(
        request={"multipart/form-data": shapes.WorkbookBody},
        responses=shapes.WorkbookAnswerSerializer,
    )
    @action(
        detail=True, methods=["post"], url_path="take-in-workbook", parser_classes=[MultiPartParser]
    )
    def take_in_workbook(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take the answers of a filled-in workbook in: all of them, or none where a cell cannot be read (422)
        or somebody else changed the same answer since the workbook was made (412).
        """
        report = services.open_to_filling(self.get_object(), by=request.user)
        with store.disk_full_in_words():
            body = self.read_body(shapes.WorkbookBody)
        filled = read_form(
            read_sheets(
                body["file"], most_rows=queries.MOST_ROWS, most_columns=queries.MOST_COLUMNS
            )
        )
        if body["dry_run"]:
            preview, version = queries.read_workbook_of(report, filled), report.version
        else:
            saved, preview = services.take_in_workbook(report, filled, by=request.user)
            version = saved.report.version
        applied = not body["dry_run"]
        return Response(shapes.workbook_body(preview, version=version, applied=applied))

    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY})
    @action(detail=True, renderer_classes=[AsItIs])
    def gathering(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """One workbook for the figures of all those below that have not filed, to be filled in offline."""
        report = services.open_to_filling(self.get_object(), by=request.user)
        filename, content = queries.gathering_workbook_of(report, request.user)
        return serve_bytes(content, filename=filename, media_type=XLSX)

    @extend_schema(
        request={"multipart/form-data": shapes.WorkbookBody},
        responses=shapes.WorkbookAnswerSerializer,
    )
    @action(
        detail=True,
        methods=["post"],
        url_path="take-in-gathering",
        parser_classes=[MultiPartParser],
    )
    def take_in_gathering(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take the numbers of a gathering workbook in: all of them, or none where a cell cannot be read (422)
        or a number was changed meanwhile (412). They count in the total of the lower tier.
        """
        report = services.open_to_filling(self.get_object(), by=request.user)
        with store.disk_full_in_words():
            body = self.read_body(shapes.WorkbookBody)
        filled = read_form(
            read_sheets(
                body["file"],
                most_rows=queries.MOST_GATHERED_ROWS,
                most_columns=queries.MOST_COLUMNS,
            )
        )
        if body["dry_run"]:
            preview, version = (
                queries.read_gathering_of(report, filled, request.user),
                report.version,
            )
        else:
            fresh, preview = services.take_in_gathering(report, filled, by=request.user)
            version = fresh.version
        applied = not body["dry_run"]
        return Response(shapes.workbook_body(preview, version=version, applied=applied))
