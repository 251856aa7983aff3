"""``/api/v1/``: 四落实, what stands behind the work in each federation: matrix, statements, calls."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.filters import ObjectFilter, YesOrNoFilter
from platform_site.api.router import router
from platform_site.api.serializers import Nothing
from platform_site.api.views import ResourceViewSet, step
from platform_site.federations.models import Federation, Holding
from platform_site.problems import FieldProblem, Invalid

from .. import services
from ..models import WORK_COLUMNS, WorkRequest, WorkStatement, WorkSubject
from ..queries import Group, check_day
from ..queries import work_system as queries
from ..serializers import work_system as shapes
from .common import attachments_of


class WorkSystemApiFilter(filters.FilterSet):
    """Without one, today's matrix of all the caller's federations."""

    as_of = filters.DateFilter(label="as_of")
    state = filters.ChoiceFilter(choices=[("gap", "gap"), *queries.WorkState.choices])
    subject = filters.ChoiceFilter(choices=[(each.value, each.label) for each in WORK_COLUMNS])
    group = filters.ChoiceFilter(choices=Group.choices)
    under = filters.CharFilter(max_length=16)

    class Meta:
        model = Federation
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: Any) -> Any:
        wanted = {name: value for name, value in self.form.cleaned_data.items() if value}
        user = self.request.user
        if "as_of" in wanted:
            check_day(wanted["as_of"])
        if "under" in wanted:
            visible = Federation.objects.visible_to(user)
            found = visible.filter(code=wanted["under"]).first()
            if found is None:
                return queryset.none()
            wanted["under"] = found
        return queries.chosen_federations(user, **wanted)


class WorkSystemViewSet(ResourceViewSet):
    """What each federation has put behind the work: leader, department, staff, budget, material."""

    resource = gettext_noop("work-system")
    reads_instances = True
    queryset = Federation.objects.none()
    filterset_class = WorkSystemApiFilter
    orderings = {"position": ("level", "position", "id")}
    default_ordering = "position"
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9]{1,16}"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        listed = self.action == "list"
        return shapes.WorkFederationSerializer if listed else shapes.WorkFederationDetailSerializer

    def get_queryset(self) -> Any:
        if self.action == "list":
            if not queries.reads_work_system(self.request.user):
                return Federation.objects.none()
            return queries.chosen_federations(self.request.user)
        return Federation.objects.visible_to(self.request.user)

    def prepared(self, rows: list[Any]) -> list[Any]:
        queries.set_work(self.request.user, rows)
        return rows

    def get_object(self) -> Any:
        federation = super().get_object()
        if not queries.sees_work_of(self.request.user, federation):
            raise Http404
        return federation

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], Federation):
            self._tell(args[0])
        return super().get_serializer(*args, **kwargs)

    def _tell(self, federation: Any) -> None:
        """What the object says beyond its row: today's cells, its history, what the caller may do."""
        user = self.request.user
        federation.as_of = queries.today()
        queries.set_work(user, [federation])
        federation.timeline = queries.timeline_of(user, federation)
        own = user.has_perm("reports.state_work", WorkStatement(federation=federation))
        federation.steps = ["confirm"] if own else []

    @step("confirm", body=Nothing)
    def confirm(self, request: Request, federation: Federation, *, version: int) -> Federation:
        """情况无变化: all that is stated still holds today."""
        services.confirm_work(federation, by=request.user)
        return federation


class WorkStatementApiFilter(ObjectFilter):
    federation = filters.CharFilter(field_name="federation__code", max_length=16)
    subject = filters.ChoiceFilter(choices=WorkSubject.choices)
    corrected = YesOrNoFilter(field_name="corrected_at", lookup_expr="isnull", exclude=True)
    since__gte = filters.DateFilter(field_name="since", lookup_expr="gte")
    since__lte = filters.DateFilter(field_name="since", lookup_expr="lte")


class WorkStatementViewSet(ResourceViewSet):
    """What federations stated, each with its day and evidence; nothing is overwritten."""

    resource = gettext_noop("work-statements")
    queryset = WorkStatement.objects.none()
    bodies = {"create": shapes.WorkStatementCreate}
    filterset_class = WorkStatementApiFilter
    orderings = {"since": ("since", "id")}
    default_ordering = "-since"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        listed = self.action == "list"
        return shapes.WorkStatementRowSerializer if listed else shapes.WorkStatementSerializer

    def get_queryset(self) -> QuerySet[WorkStatement]:
        statements = WorkStatement.objects.visible_to(self.request.user)
        return statements.select_related("federation", "holding")

    @extend_schema(
        responses={200: shapes.WorkStatementSerializer, 201: shapes.WorkStatementSerializer}
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """State what there is; sent again with its `id`, it is answered as it is (200)."""
        body = self.read_body()
        statements = WorkStatement.objects.visible_to(request.user)
        existed = "id" in body and statements.filter(pk=body["id"]).exists()
        statement = services.state_work(body.pop("federation"), by=request.user, **self._said(body))
        return self.object_response(self.fresh(statement), status=200 if existed else 201)

    def _said(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with its files and its leader as objects."""
        body["attachments"] = attachments_of(self.request.user, body.pop("attachments", []))
        if "holding" in body:
            holdings = Holding.objects.visible_to(self.request.user)
            body["holding"] = holdings.filter(pk=body["holding"]).first()
            if body["holding"] is None:
                message = _("Choose a leader in charge of the own federation.")
                fields = [FieldProblem("/holding", "does_not_exist", message)]
                raise Invalid("no_such_leader", message, fields=fields)
        return body

    @step("correct", body=shapes.WorkStatementCorrect)
    def correct(
        self, request: Request, statement: WorkStatement, *, version: int, **body: Any
    ) -> WorkStatement:
        """Put another in the place of a wrong one; the answer is the new one."""
        return services.correct_statement(
            statement, by=request.user, version=version, **self._said(body)
        )

    @step("end", body=shapes.WorkStatementEnd)
    def end(
        self,
        request: Request,
        statement: WorkStatement,
        *,
        version: int,
        until: dt.date,
        note: str = "",
    ) -> WorkStatement:
        """It holds no more from that day on, and nothing takes its place."""
        return services.end_statement(
            statement, by=request.user, version=version, until=until, note=note
        )


class WorkRequestApiFilter(ObjectFilter):
    federation = filters.CharFilter(field_name="federation__code", max_length=16)
    done = YesOrNoFilter(field_name="done_at", lookup_expr="isnull", exclude=True)


class WorkRequestViewSet(ResourceViewSet):
    """Calls of the centre to close the gaps; each is a duty of its federation until none is left."""

    resource = gettext_noop("work-requests")
    queryset = WorkRequest.objects.none()
    serializer_class = shapes.WorkRequestSerializer
    bodies = {"create": shapes.WorkRequestCreate}
    filterset_class = WorkRequestApiFilter
    orderings = {"asked_at": ("asked_at", "id")}
    default_ordering = "-asked_at"
    http_method_names = ("get", "head", "post")

    def get_queryset(self) -> QuerySet[WorkRequest]:
        return WorkRequest.objects.visible_to(self.request.user).select_related("federation")

    @extend_schema(responses={200: shapes.WorkRequestSerializer, 201: shapes.WorkRequestSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask a federation; asked and not done yet, its call gets the new day (200)."""
        body = self.read_body()
        federation = body.pop("federation")
        calls = WorkRequest.objects.visible_to(request.user)
        running = set(calls.filter(federation=federation).values_list("pk", flat=True))
        call = services.ask_for_work(by=request.user, federations=[federation], **body)[0]
        return self.object_response(self.fresh(call), status=200 if call.pk in running else 201)


router.register("work-system", WorkSystemViewSet, basename="work-system")
router.register("work-statements", WorkStatementViewSet, basename="work-statements")
router.register("work-requests", WorkRequestViewSet, basename="work-requests")
