"""``/api/v1/notifications/`` and ``/api/v1/deliveries/``: a person's messages; the operator's ledger."""

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

from platform_site.api.filters import YesOrNoFilter
from platform_site.api.router import router
from platform_site.api.serializers import Nothing
from platform_site.api.views import ResourceViewSet
from platform_site.problems import NotAllowed

from . import services
from .models import Delivery, PortalNotice
from .serializers import (
    DeliveryDetailSerializer,
    DeliverySerializer,
    NotificationDetailSerializer,
    NotificationSerializer,
    ReadAllSerializer,
)


class NotificationFilter(filters.FilterSet):
    unread = YesOrNoFilter(field_name="read_at", lookup_expr="isnull")
    event = filters.CharFilter(max_length=100)
    search = filters.CharFilter(field_name="title", lookup_expr="icontains", max_length=150)


class NotificationViewSet(ResourceViewSet):
    """What the token's owner was told in the portal, newest first; nobody else's."""

    resource = gettext_noop("notifications")
    queryset = PortalNotice.objects.none()
    bodies = {"read": Nothing, "read_all": Nothing}
    filterset_class = NotificationFilter
    orderings = {"created_at": ("created_at", "id")}
    default_ordering = "-created_at"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        return NotificationSerializer if self.action == "list" else NotificationDetailSerializer

    def get_queryset(self) -> QuerySet[PortalNotice]:
        return PortalNotice.objects.visible_to(self.request.user)

    # No version is asked for: whoever marks it twice has read it once.
    @extend_schema(responses=NotificationDetailSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Mark it as read; the first time counts. Needs no If-Match."""
        notice = self.get_object()
        self.read_body()
        return self.object_response(services.mark_read(notice, by=request.user))

    @extend_schema(responses=ReadAllSerializer)
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Mark all of the owner's messages as read."""
        self.read_body()
        return Response({"marked": services.mark_all_read(request.user, by=request.user)})


class DeliveryFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=Delivery.State.choices)
    channel = filters.ChoiceFilter(choices=Delivery.Channel.choices)
    event = filters.CharFilter(max_length=100)


class DeliveryViewSet(ResourceViewSet):
    """The ledger of what leaves by e-mail or chat, for the system administrator: without its texts."""

    resource = gettext_noop("deliveries")
    queryset = Delivery.objects.none()
    bodies = {"resend": Nothing}
    filterset_class = DeliveryFilter
    orderings = {"created_at": ("created_at", "id")}
    default_ordering = "-created_at"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        return DeliverySerializer if self.action == "list" else DeliveryDetailSerializer

    def get_queryset(self) -> QuerySet[Delivery]:
        return Delivery.objects.visible_to(self.request.user).defer("body", "subject")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        # An empty list would say that nothing was sent.
        if not request.user.has_perm("notifications.read_deliveries"):
            raise NotAllowed("not_yours", _("Only a system administrator reads the ledger."))
        return super().list(request, *args, **kwargs)

    # No version is asked for: the ledger has none, and only what has failed is sent again.
    @extend_schema(responses=DeliveryDetailSerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let a failed message be tried again; any other state is a 409. Needs no If-Match."""
        delivery = self.get_object()
        self.read_body()
        return self.object_response(services.resend_delivery(delivery, by=request.user))


router.register("notifications", NotificationViewSet, basename="notifications")
router.register("deliveries", DeliveryViewSet, basename="deliveries")
