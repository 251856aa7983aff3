"""``/api/v1/pass-downs/``: notices passed down; what the lower tier adds up to, and where figures are from."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api import versions
from platform_site.api.filters import ObjectFilter
from platform_site.api.router import router
from platform_site.api.views import ActViewSet, ResourceViewSet, step
from platform_site.casework.models import Rung
from platform_site.jobs.answers import accepted
from platform_site.jobs.serializers import JobSerializer
from platform_site.obligations.models import Obligation
from platform_site.problems import FieldProblem, Invalid, NotAllowed

from .. import queries, services
from ..jobs import start_chase
from ..models import PassDown, Report
from ..serializers import cascade as shapes
from ..serializers import reminding as reminding_shapes


class PassDownApiFilter(ObjectFilter):
    request = filters.UUIDFilter(field_name="obligation__round__request")
    federation = filters.CharFilter(field_name="federation__code", max_length=16)


class PassDownViewSet(ResourceViewSet):
    """Notices that a federation passed down to those directly below it, with terms of its own."""

    resource = "obligations"
    queryset = PassDown.objects.none()
    bodies = {"create": shapes.PassDownCreate, "chase": reminding_shapes.ChaseBody}
    filterset_class = PassDownApiFilter
    orderings = {"at": ("at", "pk")}
    default_ordering = "-at"
    http_method_names = ("get", "head", "post")
    #: One request goes to as many federations as are named in it.
    in_bulk = False

    def get_serializer_class(self) -> Any:
        return shapes.PassDownRowSerializer if self.action == "list" else shapes.PassDownSerializer

    def get_queryset(self) -> QuerySet[PassDown]:
        return PassDown.objects.visible_to(self.request.user).with_context()

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Pass the own obligation down to federations directly below, due before the own due date."""
        body = self.read_body()
        obligation = get_object_or_404(
            Obligation.objects.visible_to(request.user), pk=body.pop("obligation")
        )
        passed = services.pass_down(obligation, by=request.user, **body)
        return self.object_response(self.fresh(passed), status=201)

    @step("pass-further", body=shapes.PassFurther)
    def pass_further(
        self, request: Request, passed: PassDown, *, version: int, **body: Any
    ) -> PassDown:
        """Ask further federations the same."""
        return services.pass_further(passed, by=request.user, version=version, **body)

    def _followed(self) -> PassDown:
        passed: PassDown = self.get_object()
        if not queries.follows_lower(passed, self.request.user):
            raise Http404
        return passed

    @extend_schema(responses=reminding_shapes.ChasingSerializer)
    @action(detail=True, methods=["get"], url_path="chase")
    def chasing(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who of the lower tier is late and can be chased, and how often that was done."""
        passed = self._followed()
        owed, notice = passed.obligation, passed.obligation.round.request.notice
        found = {
            "late": queries.late_rows(notice, request.user, parent=owed),
            "nudges": queries.nudges_for(notice, parent=owed),
        }
        body = reminding_shapes.ChasingSerializer(found).data
        return Response(body, headers={"ETag": versions.etag(passed, body)})

    @extend_schema(responses={202: JobSerializer})
    @chasing.mapping.post
    def chase(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """催办: remind late federations of the lower tier at once: 202, and in Location the job."""
        passed = self._followed()
        owed, notice = passed.obligation, passed.obligation.round.request.notice
        if not request.user.has_perm("obligations.pass_down", owed):
            raise NotAllowed("not_yours", _("Only whoever passed it down chases for it."))
        body = self.read_body()
        late = {row.federation.code for row in queries.late_rows(notice, request.user, parent=owed)}
        problems = [
            FieldProblem(f"/federations/{number}", "not_late", _("This federation is not late."))
            for number, code in enumerate(body["federations"])
            if code not in late
        ]
        if problems:
            raise Invalid("not_late", _("Some federations are not late."), fields=problems)
        job = start_chase(
            notice,
            by=request.user,
            parent=owed,
            federations=list(dict.fromkeys(body["federations"])),
            sentence=body.get("sentence", ""),
            up_to=body.get("up_to", Rung.OFFICER),
            id=body.get("id"),
        )
        return accepted(request, job)


class RollingUp(ActViewSet):
    """Actions of ``/reports/``; the report itself is found by its viewset."""

    @extend_schema(responses=shapes.RollUpSerializer)
    @action(detail=True, methods=["get"], url_path="roll-up")
    def roll_up(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What the lower tier adds up to, beside the answers; 404 where nothing was passed down."""
        report: Report = self.get_object()
        seen = queries.sees_draft(report, request.user)
        found = queries.roll_up(report, request.user) if seen else None
        if found is None:
            raise Http404
        body = shapes.roll_up_body(report, found)
        return Response(body, headers={"ETag": versions.etag(report, body)})

    @step("take-over", body=shapes.TakeOver)
    def take_over(
        self, request: Request, report: Report, *, version: int, questions: Any = None
    ) -> Report:
        """采用: answer questions with what the lower tier adds up to; all of them where none is named."""
        return services.take_over_figures(
            report, by=request.user, version=version, questions=questions
        )

    @extend_schema(responses=shapes.FigureTraceSerializer)
    @action(detail=True, methods=["get"])
    def sources(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """每个数字的来源: every figure that was taken over, with the numbers it was added up from."""
        report: Report = self.get_object()
        live = queries.shows_live(report, request.user, queries.latest_version(report))
        content = queries.content_for(report, request.user)
        body = shapes.trace_body(report, queries.trace_of(report, request.user, content, live=live))
        return Response(body, headers={"ETag": versions.etag(report, body)})


router.register("pass-downs", PassDownViewSet, basename="pass-downs")
