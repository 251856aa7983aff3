"""``/api/v1/me/``: what a token is, whose, and how much of its limits is left."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api import limits
from platform_site.api.router import router
from platform_site.api.views import ActViewSet

from . import queries
from .serializers import MeSerializer


class MeViewSet(ActViewSet):
    resource = ""  # every token may ask what it is
    serializer_class = MeSerializer
    http_method_names = ("get", "head")
    pagination_class = None

    def known_parameters(self) -> set[str]:
        return set()

    @extend_schema(
        operation_id="me_retrieve",
        tags=["me"],
        description="The token, its owner with the offices held today, and what is left of its limits."
        "\n\nNo scope is needed.",
        responses=MeSerializer,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        token: Any = request.auth
        found = {
            "owner": request.user,
            "offices": queries.offices_today(request.user),
            "token": token,
            "limits": limits.look(["read", *token.scopes], str(token.id)),
        }
        return Response(MeSerializer(found, context=self.get_serializer_context()).data)


router.register("me", MeViewSet, basename="me")
