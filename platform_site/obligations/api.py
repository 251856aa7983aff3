"""``/api/v1/allowances/``, ``/obligations/{id}/reminders/``, ``/action-points/``: what one federation was
granted and told, and what was agreed on with it.

Granting is a step of the obligation, whose resource its owner's app offers.
"""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.router import router
from platform_site.api.views import ListViewSet, ResourceViewSet, step
from platform_site.attachments.models import Attachment
from platform_site.casework.models import Channel, Reminder
from platform_site.casework.queries import reminders_of
from platform_site.casework.serializers import ReminderSerializer
from platform_site.problems import NotAllowed

from . import serializers as shapes
from . import services, sources
from .filters import ActionPointApiFilter
from .models import ActionPoint, Allowance, Obligation
from .serializers import AllowanceDetailSerializer, AllowanceSerializer


class AllowanceFilter(filters.FilterSet):
    obligation = filters.UUIDFilter(field_name="obligation")
    request = filters.UUIDFilter(field_name="obligation__round__request")
    federation = filters.CharFilter(field_name="obligation__federation__code", max_length=16)
    kind = filters.ChoiceFilter(choices=Allowance.Kind.choices)


class AllowanceViewSet(ResourceViewSet):
    """Extensions and waivers, a row for each act."""

    resource = gettext_noop("allowances")
    queryset = Allowance.objects.none()
    filterset_class = AllowanceFilter
    orderings = {"at": ("at", "id")}
    default_ordering = "-at"
    http_method_names = ("get", "head")

    def get_serializer_class(self) -> Any:
        return AllowanceSerializer if self.action == "list" else AllowanceDetailSerializer

    def get_queryset(self) -> QuerySet[Allowance]:
        return Allowance.objects.visible_to(self.request.user).select_related(
            "obligation__federation", "obligation__round"
        )


class ReminderFilter(filters.FilterSet):
    channel = filters.ChoiceFilter(choices=Channel.choices)
    state = filters.ChoiceFilter(choices=Reminder.State.choices)


class ReminderViewSet(ListViewSet):
    """What a federation was told about what it owes, newest first: for both sides to see."""

    resource = "obligations"
    reads_instances = True
    queryset = Reminder.objects.none()
    serializer_class = ReminderSerializer
    filterset_class = ReminderFilter
    orderings = {"recorded_at": ("recorded_at", "id")}
    default_ordering = "-recorded_at"
    http_method_names = ("get", "head")

    def get_queryset(self) -> QuerySet[Reminder]:
        if getattr(self, "swagger_fake_view", False):
            return Reminder.objects.none()
        owed = get_object_or_404(
            Obligation.objects.visible_to(self.request.user).select_related("round"),
            pk=self.kwargs["obligation_id"],
        )
        return reminders_of(owed.round.request_id, owed.federation_id)


class ActionPointViewSet(ResourceViewSet):
    """Action points: set from a record, reported done by their owner, verified or reopened."""

    resource = gettext_noop("action-points")
    queryset = ActionPoint.objects.none()
    bodies = {"create": shapes.ActionPointCreate}
    filterset_class = ActionPointApiFilter
    orderings = {"due_on": ("due_on", "id"), "set_at": ("set_at", "id")}
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        listed = self.action == "list"
        return shapes.ActionPointRowSerializer if listed else shapes.ActionPointSerializer

    def get_queryset(self) -> QuerySet[ActionPoint]:
        points = ActionPoint.objects.visible_to(self.request.user)
        return points.with_context().select_related("asking_federation")

    @extend_schema(responses={200: shapes.ActionPointSerializer, 201: shapes.ActionPointSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set an action point from a record; sent again with its `id`, it is answered as it is (200)."""
        body = self.read_body()
        source = sources.find(body.pop("source"), request.user)
        if not request.user.has_perm("obligations.set_action_point"):
            raise NotAllowed("not_yours", _("Only the centre sets action points."))
        points = ActionPoint.objects.visible_to(request.user)
        existed = "id" in body and points.filter(pk=body["id"]).exists()
        point = services.set_action_point(source, by=request.user, **body)
        return self.object_response(self.fresh(point), status=200 if existed else 201)

    @step("report", body=shapes.ReportDone)
    def report(
        self, request: Request, point: ActionPoint, *, version: int, **body: Any
    ) -> ActionPoint:
        """Report it done, with evidence."""
        files = Attachment.objects.visible_to(request.user)
        body["attachments"] = [
            get_object_or_404(files, pk=pk) for pk in body.get("attachments", [])
        ]
        return services.report_action_point(point, by=request.user, version=version, **body)

    @step("verify", body=shapes.ActionNote)
    def verify(
        self, request: Request, point: ActionPoint, *, version: int, note: str = ""
    ) -> ActionPoint:
        """It is done: another person than who reported it says so."""
        return services.verify_action_point(point, by=request.user, version=version, note=note)

    @step("reopen", body=shapes.ReopenAction)
    def reopen(
        self, request: Request, point: ActionPoint, *, version: int, **body: Any
    ) -> ActionPoint:
        """It is not done: back to its owner with the reason."""
        return services.reopen_action_point(point, by=request.user, version=version, **body)

    @step("cancel", body=shapes.CancelAction)
    def cancel(
        self, request: Request, point: ActionPoint, *, version: int, note: str
    ) -> ActionPoint:
        """Nobody has to do it any more."""
        return services.cancel_action_point(point, by=request.user, version=version, note=note)


router.register("action-points", ActionPointViewSet, basename="action-points")
router.register("allowances", AllowanceViewSet, basename="allowances")
router.register(
    r"obligations/(?P<obligation_id>[0-9a-f-]{36})/reminders",
    ReminderViewSet,
    basename="obligation-reminders",
)
