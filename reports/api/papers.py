"""``/api/v1/report-scans/``: stamped scans, which find their version by the code on them."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.filters import ObjectFilter
from platform_site.api.router import router
from platform_site.api.views import ActViewSet, ResourceViewSet
from platform_site.attachments import store
from platform_site.attachments.services import remove, upload
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Refused

from .. import services
from ..models import Report, ReportScan, ReportVersion
from ..queries.papers import code_for, set_files
from ..serializers import papers as shapes


class PaperOfReport(ActViewSet):
    """What is printed on a report; the report itself is found by its viewset."""

    @extend_schema(responses=shapes.PaperCodeSerializer)
    @action(detail=True, methods=["get"], url_path="paper-code")
    def paper_code(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The code for a paper of one's own making: of the draft for whoever fills it in, else of the last
        submitted version.
        """
        report: Report = self.get_object()
        return Response(shapes.PaperCodeSerializer(code_for(report, request.user)).data)


class ReportScanApiFilter(ObjectFilter):
    report = filters.UUIDFilter(field_name="version_of__report")
    number = filters.NumberFilter(
        field_name="version_of__number", min_value=1, max_value=999_999, decimal_places=0
    )


class ReportScanViewSet(ResourceViewSet):
    """The stamped papers of submitted versions."""

    resource = gettext_noop("report-scans")
    queryset = ReportScan.objects.none()
    reads_instances = True
    serializer_class = shapes.ReportScanSerializer
    filterset_class = ReportScanApiFilter
    orderings = {"at": ("at", "id")}
    default_ordering = "-at"
    in_bulk = False
    parser_classes = (MultiPartParser,)
    http_method_names = ("get", "head", "post")

    def get_queryset(self) -> QuerySet[ReportScan]:
        scans = ReportScan.objects.visible_to(self.request.user)
        return scans.select_related("federation", "version_of")

    def prepared(self, rows: list[Any]) -> list[Any]:
        set_files(rows)
        return rows

    def get_object(self) -> Any:
        scan = super().get_object()
        set_files([scan])
        return scan

    def before_body(self, request: Request) -> None:
        if self.action == "create":
            store.refuse_announced(request.META.get("CONTENT_LENGTH"))

    @extend_schema(
        request={"multipart/form-data": shapes.ScanBody},
        responses={201: shapes.ReceivedSerializer},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Attach a scan to the version that the code on it names; where no code tells, name the version.

        A paper printed before submission is kept for the sign-off, as long as no answer has changed since.
        """
        if not request.user.has_perm("reports.fill_report"):
            raise NotAllowed("not_yours", _("Only officers of a federation hand in its papers."))
        with store.disk_full_in_words():
            body = self.read_body(shapes.ScanBody)
        version = self._version(body)
        file = upload(body["file"], by=request.user, name=body["file"].name)
        try:
            if version is None:
                received = services.receive_scan(file, by=request.user)
            else:
                received = services.attach_scan(file, version, by=request.user)
        except Refused:
            # Sent again it comes with its bytes; nothing loose is left behind.
            remove(file, by=request.user)
            raise
        if received.scan is not None:
            set_files([received.scan])
        told = shapes.ReceivedSerializer(received, context=self.get_serializer_context()).data
        return Response(told, status=201)

    def _version(self, body: dict[str, Any]) -> ReportVersion | None:
        """The version that the body names; both members, or none."""
        report, number = body.get("report"), body.get("number")
        if report is None and number is None:
            return None
        missing = [name for name in ("report", "number") if body.get(name) is None]
        if missing:
            message = _("Name the report and the number of its version, or neither.")
            fields = [FieldProblem(f"/{name}", "required", message) for name in missing]
            raise Invalid("half_named", message, fields=fields)
        found = get_object_or_404(Report.objects.visible_to(self.request.user), pk=report)
        return get_object_or_404(found.versions.select_related("report"), number=number)


router.register("report-scans", ReportScanViewSet, basename="report-scans")
