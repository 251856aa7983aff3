"""``/api/v1/jobs/`` and ``/api/v1/exports/``: long work for machines. HTTP only."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.filters import ChoicesFilter, ObjectFilter
from platform_site.api.router import router
from platform_site.api.views import ActViewSet, ResourceViewSet, step

from . import services
from .answers import accepted, require_scope
from .exporting import start_export
from .models import Job
from .serializers import ExportBody, JobDetailSerializer, JobRowSerializer, JobSerializer


class JobFilter(ObjectFilter):
    state = filters.ChoiceFilter(choices=Job.State.choices)
    state__in = ChoicesFilter(field_name="state", choices=Job.State.choices)
    kind = filters.CharFilter(max_length=40)


class JobViewSet(ResourceViewSet):
    """Long work that the token's owner asked for: how far it is, and what came of it."""

    resource = gettext_noop("jobs")
    queryset = Job.objects.none()
    filterset_class = JobFilter
    orderings = {"queued_at": ("queued_at", "id")}
    default_ordering = "-queued_at"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        return JobRowSerializer if self.action == "list" else JobDetailSerializer

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.visible_to(self.request.user).select_related("result")

    @step("cancel")
    def cancel(self, request: Request, job: Job, *, version: int) -> Job:
        """Ask it to end: at once where it waits, else as soon as it next tells how far it is."""
        return services.cancel(job, by=request.user, version=version)


class ExportViewSet(ActViewSet):
    """Asks for a list as an Excel file."""

    resource = gettext_noop("exports")
    queryset = Job.objects.none()
    serializer_class = JobSerializer
    bodies = {"create": ExportBody}
    http_method_names = ("post",)

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.visible_to(self.request.user)

    @extend_schema(responses={202: JobSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Start it: 202, and in Location the job whose `result` will be the file.

        The token also needs the read scope of what is exported, such as `notices:read`.
        """
        body = self.read_body()
        export = body["list"]
        require_scope(request, f"{export.resource}:read")
        job = start_export(export, body.get("filters", {}), by=request.user, id=body.get("id"))
        return accepted(request, job)


router.register("jobs", JobViewSet, basename="jobs")
router.register("exports", ExportViewSet, basename="exports")
