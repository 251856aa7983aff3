"""``/api/v1/todo/ done/ started/ reminder-settings/ overview/``: what waits, and how things stand.

The secret address of the calendar is made on its page alone: it is a credential like a token, and a
token must not make one that outlives it. What the calendar shows is ``/todo/``.
"""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_noop
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.router import router
from platform_site.api.views import ListViewSet, ObjectViewSet
from platform_site.web import overview

from . import queries, services
from .models import Duty, ReminderPreference
from .serializers import (
    DutySerializer,
    OverviewSerializer,
    ReminderSettingsChange,
    ReminderSettingsSerializer,
)


# --- /todo/ /done/ /started/ -------------------------------------------------------------------------
class DutyFilter(filters.FilterSet):
    rule = filters.CharFilter(field_name="rule_code", max_length=60)
    federation = filters.CharFilter(field_name="federation__code", max_length=16)
    matter = filters.UUIDFilter(field_name="matter_id")
    due_on__gte = filters.DateFilter(field_name="due_on", lookup_expr="gte")
    due_on__lte = filters.DateFilter(field_name="due_on", lookup_expr="lte")
    search = filters.CharFilter(field_name="title", lookup_expr="icontains", max_length=150)


class _DutyViewSet(ListViewSet):
    resource = gettext_noop("duties")
    reads_instances = True
    queryset = Duty.objects.none()
    serializer_class = DutySerializer
    filterset_class = DutyFilter
    http_method_names = ["get", "head"]


class TodoViewSet(_DutyViewSet):
    """待办: what waits for the token's owner, the nearest date first, what has none last."""

    orderings = {"due_on": ("due_on", "id")}

    def get_queryset(self) -> QuerySet[Duty]:
        return queries.todo(self.request.user).select_related("federation", "subject_type")


class DoneViewSet(_DutyViewSet):
    """已办: what the token's owner did."""

    orderings = {"done_at": ("done_at", "id")}
    default_ordering = "-done_at"

    def get_queryset(self) -> QuerySet[Duty]:
        return queries.done(self.request.user).select_related("federation", "subject_type")


class StartedViewSet(_DutyViewSet):
    """我发起: what the acts of the token's owner gave others to do."""

    orderings = {"opened_at": ("opened_at", "id")}
    default_ordering = "-opened_at"

    def get_queryset(self) -> QuerySet[Duty]:
        return queries.started(self.request.user).select_related("federation", "subject_type")


# --- /reminder-settings/ -----------------------------------------------------------------------------
class ReminderSettingsViewSet(ObjectViewSet):
    """What reminders reach the token's owner how."""

    resource = gettext_noop("reminder-settings")
    queryset = ReminderPreference.objects.none()
    serializer_class = ReminderSettingsSerializer
    bodies = {"partial_update": ReminderSettingsChange}
    http_method_names = ["get", "head", "patch"]
    is_single = True

    def get_object(self) -> ReminderPreference:
        return queries.preference_of(self.request.user)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Choose. What is compulsory, and what comes from the due date on, comes anyway."""
        version, present = self.version_from_request(), self.get_object()
        chosen = {
            "by_mail": present.by_mail,
            "chat_address": present.chat_address,
            **self.read_body(),
        }
        return self.object_response(services.choose(by=request.user, version=version, **chosen))


# --- /overview/ --------------------------------------------------------------------------------------
class OverviewViewSet(ObjectViewSet):
    """The lines of business and the platform at a glance, each reader's own part of them."""

    resource = gettext_noop("overview")
    serializer_class = OverviewSerializer
    http_method_names = ["get", "head"]
    is_single = True

    def get_object(self) -> Any:
        if not overview.opens(self.request.user):
            raise Http404
        return overview.overview_for(self.request.user)


router.register("todo", TodoViewSet, basename="todo")
router.register("done", DoneViewSet, basename="done")
router.register("started", StartedViewSet, basename="started")
router.register("reminder-settings", ReminderSettingsViewSet, basename="reminder-settings")
router.register("overview", OverviewViewSet, basename="overview")
