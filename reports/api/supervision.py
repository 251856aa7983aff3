"""``/api/v1/supervision-records/`` and ``/phone-rounds/``: the supervision log, and rounds of calls."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.filters import ChoicesFilter, ObjectFilter
from platform_site.api.router import router
from platform_site.api.serializers import NoteSerializer, Nothing, OptionalNote
from platform_site.api.views import ResourceViewSet, step
from platform_site.problems import FieldProblem, Invalid, NotAllowed

from .. import services
from ..exports.supervision import select_contacts
from ..models import PhoneRound, SupervisionKind, SupervisionRecord
from ..queries import supervision as queries
from ..serializers import supervision as shapes
from ..workflow import PhoneRoundState, SupervisionState
from .common import attachments_of

_OF_REPORT = ("findings", "outcome", "next_contact_on", "attachments")


class SupervisionApiFilter(ObjectFilter):
    federation = filters.CharFilter(field_name="federation__code", max_length=16)
    kind = filters.ChoiceFilter(choices=SupervisionKind.choices)
    state = filters.ChoiceFilter(choices=SupervisionState.choices)
    state__in = ChoicesFilter(field_name="state", choices=SupervisionState.choices)
    on__gte = filters.DateFilter(field_name="on", lookup_expr="gte")
    on__lte = filters.DateFilter(field_name="on", lookup_expr="lte")


class SupervisionViewSet(ResourceViewSet):
    """The supervision log: telephone exchanges, and visits from their plan to their accepted report."""

    resource = gettext_noop("supervision-records")
    queryset = SupervisionRecord.objects.none()
    bodies = {"create": shapes.SupervisionCreate, "partial_update": shapes.SupervisionChange}
    filterset_class = SupervisionApiFilter
    orderings = {"on": ("on", "id")}
    default_ordering = "-on"
    http_method_names = ("get", "head", "post", "patch")

    def get_serializer_class(self) -> Any:
        listed = self.action == "list"
        return shapes.SupervisionRowSerializer if listed else shapes.SupervisionSerializer

    def get_queryset(self) -> QuerySet[SupervisionRecord]:
        return SupervisionRecord.objects.visible_to(self.request.user).with_context()

    @extend_schema(responses={200: shapes.SupervisionSerializer, 201: shapes.SupervisionSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record a telephone exchange, or plan a visit; sent again with its `id`, it is answered as it is
        (200)."""
        body = self.read_body()
        records = SupervisionRecord.objects.visible_to(request.user)
        existed = "id" in body and records.filter(pk=body["id"]).exists()
        if body["kind"] == SupervisionKind.PHONE:
            del body["kind"]
            body.setdefault("outcome", "")
            body["attachments"] = attachments_of(request.user, body.get("attachments", []))
            record = services.record_call(by=request.user, **body)
        else:
            body.setdefault("plan", "")
            _refuse_report(body)
            record = services.plan_visit(by=request.user, **body)
        return self.object_response(self.fresh(record), status=200 if existed else 201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the plan, or go on writing; recorded or accepted, it stays as it is."""
        record, version = self.get_object(), self.version_from_request()
        services.edit_supervision(record, by=request.user, version=version, **self.read_body())
        return self.object_response(self.fresh(record))

    def known_parameters(self) -> set[str]:
        return set() if self.action == "contacts" else super().known_parameters()

    @extend_schema(parameters=[], filters=False, responses=shapes.ContactSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def contacts(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """When each federation of the first tier was last called or visited, the longest ago first."""
        if not queries.follows_supervision(request.user):
            raise NotAllowed(
                "not_yours", _("The contacts with all federations are read at the centre.")
            )
        chosen = select_contacts(request.user, request.query_params)
        rows = list(chosen.queryset.order_by(*chosen.order))
        queries.note_contacts(rows, request.user)
        return Response(shapes.ContactSerializer(rows, many=True).data)

    @step("hold", body=shapes.Hold)
    def hold(
        self, request: Request, record: SupervisionRecord, *, version: int, **body: Any
    ) -> SupervisionRecord:
        """The visit took place."""
        return services.hold_visit(record, by=request.user, version=version, **body)

    @step("write", body=shapes.WriteUp)
    def write(
        self, request: Request, record: SupervisionRecord, *, version: int, **body: Any
    ) -> SupervisionRecord:
        """Hand in the report of the visit."""
        return services.write_report(record, by=request.user, version=version, **body)

    @step("accept", body=OptionalNote)
    def accept(
        self, request: Request, record: SupervisionRecord, *, version: int, note: str = ""
    ) -> SupervisionRecord:
        """The report stands; another person than its writer says so."""
        return services.accept_supervision(record, by=request.user, version=version, note=note)

    @step("return", body=NoteSerializer)
    def return_report(
        self, request: Request, record: SupervisionRecord, *, version: int, note: str
    ) -> SupervisionRecord:
        """Back to its writer, with the reason."""
        return services.return_supervision(record, by=request.user, version=version, note=note)

    @step("cancel", body=NoteSerializer)
    def cancel(
        self, request: Request, record: SupervisionRecord, *, version: int, note: str
    ) -> SupervisionRecord:
        """The visit does not take place."""
        return services.cancel_visit(record, by=request.user, version=version, note=note)


def _refuse_report(body: dict[str, Any]) -> None:
    """A visit has no report before it was held: what is given of one must not be lost in silence."""
    given = [name for name in _OF_REPORT if body.pop(name, None)]
    if given:
        message = _("A visit is planned first; this comes with its report.")
        fields = [FieldProblem(f"/{name}", "not_yet", message) for name in given]
        raise Invalid("not_yet", message, fields=fields)


class PhoneRoundApiFilter(ObjectFilter):
    state = filters.ChoiceFilter(choices=PhoneRoundState.choices)


class PhoneRoundViewSet(ResourceViewSet):
    """Rounds of calls: whom to call, what lies beside each call, who was called."""

    resource = gettext_noop("phone-rounds")
    queryset = PhoneRound.objects.none()
    bodies = {"create": shapes.PhoneRoundCreate}
    filterset_class = PhoneRoundApiFilter
    orderings = {"starts_on": ("starts_on", "id")}
    default_ordering = "-starts_on"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        listed = self.action == "list"
        return shapes.PhoneRoundRowSerializer if listed else shapes.PhoneRoundSerializer

    def get_queryset(self) -> QuerySet[PhoneRound]:
        return PhoneRound.objects.visible_to(self.request.user).with_progress()

    @extend_schema(responses={200: shapes.PhoneRoundSerializer, 201: shapes.PhoneRoundSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Open a round; sent again with its `id`, it is answered as it is (200)."""
        body = self.read_body()
        rounds = PhoneRound.objects.visible_to(request.user)
        existed = "id" in body and rounds.filter(pk=body["id"]).exists()
        round = services.open_round(by=request.user, **body)
        return self.object_response(self.fresh(round), status=200 if existed else 201)

    @step("record-call", body=shapes.RecordCall)
    def record_call(
        self, request: Request, round: PhoneRound, *, version: int, **body: Any
    ) -> PhoneRound:
        """Write down the call with one federation of the round."""
        return services.record_call_of_round(round, by=request.user, version=version, **body)

    @step("close", body=Nothing)
    def close(self, request: Request, round: PhoneRound, *, version: int) -> PhoneRound:
        """End the round; who was not reached stays named in it."""
        return services.close_round(round, by=request.user, version=version)


router.register("supervision-records", SupervisionViewSet, basename="supervision-records")
router.register("phone-rounds", PhoneRoundViewSet, basename="phone-rounds")
