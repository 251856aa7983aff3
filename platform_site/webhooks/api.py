"""``/api/v1/webhooks/`` and ``/api/v1/webhook-deliveries/``. HTTP only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_filters as filters
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.router import router
from platform_site.api.views import ResourceViewSet, step
from platform_site.jobs.answers import require_scope
from platform_site.notifications.models import Delivery

from . import kinds, services
from .models import Webhook, WebhookDelivery
from .serializers import (
    RotateBody,
    WebhookChange,
    WebhookCreate,
    WebhookDeliverySerializer,
    WebhookSerializer,
    WebhookWithSecretSerializer,
)

RESOURCE = gettext_noop("webhooks")


class WebhookFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=Webhook.State.choices)


class WebhookViewSet(ResourceViewSet):
    """Addresses of the owner's programs that are told of events; see `webhooks` of this schema."""

    resource = RESOURCE
    shows_secret = frozenset({"create", "rotate_secret"})
    in_bulk = False
    queryset = Webhook.objects.none()
    reads_instances = True
    bodies = {"create": WebhookCreate, "partial_update": WebhookChange}
    filterset_class = WebhookFilter
    orderings = {"created_at": ("created_at", "id")}
    default_ordering = "-created_at"
    http_method_names = ("get", "head", "post", "patch", "delete")

    #: Of a secret that this request made.
    cleartext: str | None = None

    def get_serializer_class(self) -> Any:
        if self.action in ("create", "rotate_secret"):
            return WebhookWithSecretSerializer
        return WebhookSerializer

    def get_queryset(self) -> QuerySet[Webhook]:
        return Webhook.objects.visible_to(self.request.user).select_related("federation")

    def fresh(self, obj: Model) -> Model:
        found = super().fresh(obj)
        found.secret = self.cleartext  # type: ignore[attr-defined]
        return found

    def object_response(self, obj: Model, status: int = 200) -> Response:
        answer = super().object_response(obj, status)
        if self.cleartext:
            answer["Cache-Control"] = "no-store"
        return answer

    def _require_scopes(self, codes: Iterable[str]) -> None:
        """A token that may not read the objects has nobody told of them either."""
        for kind in map(kinds.find, codes):
            if kind is not None:
                require_scope(self.request, kind.read_scope)

    @extend_schema(responses={200: WebhookWithSecretSerializer, 201: WebhookWithSecretSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a webhook. `secret` is in this answer and in no other.

        The token also needs the read scope of what it is told of, such as `reports:read`.
        """
        body = self.read_body()
        self._require_scopes(body["kinds"])
        webhook, cleartext = services.create_webhook(by=request.user, **body)
        self.cleartext = cleartext or None
        return self.object_response(self.fresh(webhook), status=201 if cleartext else 200)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change its name, address, events or federation."""
        webhook, version = self.get_object(), self.version_from_request()
        body = self.read_body()
        self._require_scopes([*webhook.kinds, *body.get("kinds", [])])
        webhook = services.change_webhook(webhook, by=request.user, version=version, **body)
        return self.object_response(self.fresh(webhook))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take it away with its secrets and its log."""
        webhook, version = self.get_object(), self.version_from_request()
        services.delete_webhook(webhook, by=request.user, version=version)
        return Response(status=204)

    @step("rotate-secret", body=RotateBody)
    def rotate_secret(
        self, request: Request, webhook: Webhook, *, version: int, **body: Any
    ) -> Webhook:
        """Make a new secret, which is in this answer and in no other; the old one goes on for a while."""
        self._require_scopes(webhook.kinds)
        webhook, self.cleartext = services.rotate_secret(
            webhook, by=request.user, version=version, **body
        )
        return webhook

    @step("pause")
    def pause(self, request: Request, webhook: Webhook, *, version: int) -> Webhook:
        """Send nothing any more; what happens meanwhile is kept."""
        return services.pause_webhook(webhook, by=request.user, version=version)

    @step("resume")
    def resume(self, request: Request, webhook: Webhook, *, version: int) -> Webhook:
        """Go on sending; what was kept goes out now."""
        return services.resume_webhook(webhook, by=request.user, version=version)

    @step("ping")
    def ping(self, request: Request, webhook: Webhook, *, version: int) -> Webhook:
        """Send a test event, also while it is paused or disabled."""
        return services.ping_webhook(webhook, by=request.user, version=version)


class WebhookDeliveryFilter(filters.FilterSet):
    webhook = filters.UUIDFilter(field_name="webhook_id")
    state = filters.ChoiceFilter(field_name="delivery__state", choices=Delivery.State.choices)
    kind = filters.CharFilter(field_name="event__kind", max_length=60)


class WebhookDeliveryViewSet(ResourceViewSet):
    """What was sent to the owner's webhooks, how it went, and when it is tried again."""

    resource = RESOURCE
    queryset = WebhookDelivery.objects.none()
    reads_instances = True
    serializer_class = WebhookDeliverySerializer
    filterset_class = WebhookDeliveryFilter
    orderings = {"created_at": ("created_at", "id")}
    default_ordering = "-created_at"
    http_method_names = ("get", "head", "post")

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        return WebhookDelivery.objects.visible_to(self.request.user).with_context()

    @step("resend")
    def resend(self, request: Request, sent: WebhookDelivery, *, version: int) -> WebhookDelivery:
        """Let one that has ended go once more, under the same `webhook-id`."""
        return services.resend_delivery(sent, by=request.user, version=version)


router.register("webhooks", WebhookViewSet, basename="webhooks")
router.register("webhook-deliveries", WebhookDeliveryViewSet, basename="webhook-deliveries")
