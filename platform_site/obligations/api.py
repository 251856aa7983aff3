"""``/api/v1/allowances/`` and ``/obligations/{id}/reminders/``: what one federation was granted and told.

Granting is a step of the obligation, whose resource its owner's app offers.
"""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_noop
from rest_framework.generics import get_object_or_404

from platform_site.api.router import router
from platform_site.api.views import ListViewSet, ResourceViewSet
from platform_site.casework.models import Channel, Reminder
from platform_site.casework.queries import reminders_of
from platform_site.casework.serializers import ReminderSerializer

from .models import Allowance, Obligation
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


router.register("allowances", AllowanceViewSet, basename="allowances")
router.register(
    r"obligations/(?P<obligation_id>[0-9a-f-]{36})/reminders",
    ReminderViewSet,
    basename="obligation-reminders",
)
