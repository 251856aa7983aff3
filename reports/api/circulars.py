"""``/api/v1/circulars/``: who filed on time, late or not at all, drafted, approved, issued."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.filters import ChoicesFilter, ObjectFilter
from platform_site.api.router import router
from platform_site.api.serializers import NoteSerializer, OptionalNote
from platform_site.api.views import ActViewSet, ResourceViewSet, step
from platform_site.federations.models import Federation
from platform_site.jobs.answers import accepted, require_scope
from platform_site.jobs.models import Job
from platform_site.jobs.serializers import JobSerializer
from platform_site.obligations.models import Round
from platform_site.problems import FieldProblem, Invalid

from .. import services
from ..jobs import start_build_circular
from ..models import Circular
from ..queries.circulars import rounds_for
from ..serializers import circulars as shapes
from ..services.circulars import require_drafter
from ..workflow import CircularState


class CircularApiFilter(ObjectFilter):
    state = filters.ChoiceFilter(choices=CircularState.choices)
    state__in = ChoicesFilter(field_name="state", choices=CircularState.choices)
    as_of__gte = filters.DateFilter(field_name="as_of", lookup_expr="gte")
    as_of__lte = filters.DateFilter(field_name="as_of", lookup_expr="lte")
    search = filters.CharFilter(field_name="title", lookup_expr="icontains", max_length=150)


class CircularViewSet(ResourceViewSet):
    """Circulars about rounds of notices: their lists come from what the federations filed."""

    resource = "circulars"
    queryset = Circular.objects.none()
    bodies = {"create": shapes.CircularCreate, "partial_update": shapes.CircularChange}
    filterset_class = CircularApiFilter
    orderings = {"as_of": ("as_of", "id"), "issued_at": ("issued_at", "id")}
    default_ordering = "-issued_at"
    http_method_names = ("get", "head", "post", "patch")

    def get_serializer_class(self) -> Any:
        listed = self.action == "list"
        return shapes.CircularRowSerializer if listed else shapes.CircularSerializer

    def get_queryset(self) -> QuerySet[Circular]:
        return Circular.objects.visible_to(self.request.user).with_context()

    @extend_schema(responses={200: shapes.CircularSerializer, 201: shapes.CircularSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Draft a circular; sent again with its `id`, it is answered as it is (200)."""
        federation = Federation.objects.national()
        require_drafter(Circular(federation=federation), request.user)
        body = self.read_body()
        body["rounds"] = _rounds(request.user, body["rounds"])
        circulars = Circular.objects.visible_to(request.user)
        existed = "id" in body and circulars.filter(pk=body["id"]).exists()
        circular = services.draft_circular(by=request.user, federation=federation, **body)
        return self.object_response(self.fresh(circular), status=200 if existed else 201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a draft; what its lists hold follows from the obligations."""
        circular, version = self.get_object(), self.version_from_request()
        body = self.read_body()
        if "rounds" in body:
            body["rounds"] = _rounds(request.user, body["rounds"])
        services.edit_circular(circular, by=request.user, version=version, **body)
        return self.object_response(self.fresh(circular))

    @step("set-line", body=shapes.SetLine)
    def set_line(
        self, request: Request, circular: Circular, *, version: int, **body: Any
    ) -> Circular:
        """A remark on the reports of one federation, or why it is left out."""
        return services.set_line(circular, by=request.user, version=version, **body)

    @step("approve", body=shapes.ApproveCircular)
    def approve(
        self, request: Request, circular: Circular, *, version: int, **body: Any
    ) -> Circular:
        """Approve it: another person than its drafter does; what it says is frozen."""
        return services.approve_circular(circular, by=request.user, version=version, **body)

    @step("send-back", body=NoteSerializer)
    def send_back(
        self, request: Request, circular: Circular, *, version: int, note: str
    ) -> Circular:
        """Make an approved circular a draft again."""
        return services.send_back_circular(circular, by=request.user, version=version, note=note)

    @step("issue", body=OptionalNote)
    def issue(
        self, request: Request, circular: Circular, *, version: int, note: str = ""
    ) -> Circular:
        """Issue it: it takes its number and goes to everybody whom its notices asked."""
        return services.issue_circular(circular, by=request.user, version=version, note=note)

    @step("withdraw", body=NoteSerializer)
    def withdraw(
        self, request: Request, circular: Circular, *, version: int, note: str
    ) -> Circular:
        """Take it back; it stays readable, marked as withdrawn."""
        return services.withdraw_circular(circular, by=request.user, version=version, note=note)


def _rounds(user: Any, ids: list[UUID]) -> list[Round]:
    """The rounds in the order given; 422 with a pointer to one that is out of sight."""
    found = {each.pk: each for each in rounds_for(user).filter(pk__in=ids)}
    message = _("There is no such round of an issued notice.")
    fields = [
        FieldProblem(f"/rounds/{place}", "not_found", message)
        for place, pk in enumerate(ids)
        if pk not in found
    ]
    if fields:
        raise Invalid("round_unknown", message, fields=fields)
    return [found[pk] for pk in ids]


class CircularBuildViewSet(ActViewSet):
    """Building a circular as a document or a workbook: a background job."""

    resource = "circulars"
    queryset = Job.objects.none()
    serializer_class = JobSerializer
    bodies = {"create": shapes.BuildCircular}
    http_method_names = ("post",)

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.visible_to(self.request.user)

    @extend_schema(responses={202: JobSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for DOCX, PDF or XLSX: 202, and in Location the job.

        The token also needs `circulars:read`.
        """
        require_scope(request, "circulars:read")
        circulars = Circular.objects.visible_to(request.user).with_context()
        circular = get_object_or_404(circulars, pk=self.kwargs["circular_id"])
        body = self.read_body()
        return accepted(request, start_build_circular(circular, by=request.user, **body))


router.register("circulars", CircularViewSet, basename="circulars")
router.register(
    r"circulars/(?P<circular_id>[0-9a-f-]{36})/files",
    CircularBuildViewSet,
    basename="circular-files",
)
