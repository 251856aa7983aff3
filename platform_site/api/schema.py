"""The OpenAPI schema: stable operation ids, the scopes, the versions and the refusals."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.plumbing import append_meta
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from . import bulk, tables
from .rows import Computed
from .serializers import Nothing, ProblemSerializer
from .views import ActViewSet

_REASONS = {
    "304": "Not changed since the ETag in If-None-Match.",
    "400": "Unreadable or hostile input, or an unknown query parameter.",
    "401": "No token, or one that is not valid.",
    "403": "The object is visible, but this is not for the caller or the token to do.",
    "404": "There is no such object, or it is not the caller's to see.",
    "409": "The object's state does not allow this.",
    "412": "Somebody changed the object since the version in If-Match.",
    "413": "The body is too large.",
    "415": "The type of the body is not accepted.",
    "422": "Fields are missing or wrong; `errors` points at each.",
    "428": "If-Match is missing.",
    "503": "Not available for the moment; see Retry-After.",
}


_FIELDS = "Only these members of each row, by name, with commas between."
_FORMAT = "The whole list as a table for download, without pages."


class AutoSchema(SpectacularAutoSchema):
    @property
    def _resource(self) -> ActViewSet | None:
        return self.view if isinstance(self.view, ActViewSet) else None

    @property
    def _handler(self) -> Any:
        return getattr(self.view, getattr(self.view, "action", None) or "", None)

    @property
    def _is_step(self) -> bool:
        return hasattr(self._handler, "step_path")

    @property
    def _needs_version(self) -> bool:
        if getattr(self._handler, "unversioned", False):
            return False
        return self._is_step or self.method in {"PUT", "PATCH", "DELETE"}

    def is_excluded(self) -> bool:
        return self._resource is None

    def get_operation_id(self) -> str:
        """``reports_list``, ``reports_submit``: a name that stays, whatever the address becomes."""
        name = getattr(self._handler, "step_path", None) or self.view.action
        return f"{self.view.basename}_{name}".replace("-", "_")

    def get_tags(self) -> list[str]:
        return [self.view.resource]

    def get_auth(self) -> list[dict[str, Any]]:
        return [{"token": []}]

    def get_description(self) -> str:
        scope = f"{self.view.resource}:{'read' if self.method == 'GET' else 'write'}"
        return f"{super().get_description() or ''}\n\nScope: `{scope}`".strip()

    def _refer(self, serializer: Any, direction: Any = "request") -> dict[str, Any]:
        return self.resolve_serializer(serializer, direction).ref

    def get_response_serializers(self) -> Any:
        if self.view.action == "bulk":
            shown = self.view.get_serializer()
            return {207: bulk.answered(lambda one: self._refer(one, "response"), shown)}
        return super().get_response_serializers()

    def get_request_serializer(self) -> Any:
        if self.view.action == "bulk":
            return {"application/json": bulk.asked(self.view, self._refer)}
        body = self._handler.step_body if self._is_step else self.view.bodies.get(self.view.action)
        if body is None:
            return super().get_request_serializer()
        return None if body is Nothing else body

    def get_override_parameters(self) -> list[Any]:
        view, found = self.view, list(super().get_override_parameters())
        if self._needs_version:
            found.append(
                OpenApiParameter(
                    "If-Match",
                    str,
                    OpenApiParameter.HEADER,
                    required=True,
                    description="The ETag of the version that the caller saw.",
                )
            )
        if self.method == "POST":
            found.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
                    OpenApiParameter.HEADER,
                    description="Your own name for this request, best a UUID: sent again within"
                    " 24 hours it is answered again, not done again.",
                )
            )
        if view.action == "retrieve":
            found.append(OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER))
        if view.action == "list":
            found += [OpenApiParameter(name, OpenApiTypes.STR) for name in view.filter_fields]
            found += [
                OpenApiParameter("fields", str, description=_FIELDS),
                OpenApiParameter("format", str, enum=list(tables.FORMATS), description=_FORMAT),
            ]
            if view.orderings:
                names = [sign + name for name in view.orderings for sign in ("", "-")]
                found.append(OpenApiParameter("ordering", OpenApiTypes.STR, enum=names))
        return found

    def map_renderers(self, attribute: str) -> list[Any]:
        # Formats are negotiated by Accept alone: there is no ?format= to describe.
        return [] if attribute == "format" else super().map_renderers(attribute)

    def _map_serializer_field(self, field: Any, *args: Any, **kwargs: Any) -> Any:
        """A computed member is described as the field it looks like."""
        if not isinstance(field, Computed):
            return super()._map_serializer_field(field, *args, **kwargs)
        found = super()._map_serializer_field(field.shape, *args, **kwargs)
        meta = self._get_serializer_field_meta(field, "response")
        return append_meta(found, meta)

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        if self._has_tag(responses):
            for code in {"200", "201"} & set(responses):
                responses[code].setdefault("headers", {})["ETag"] = {
                    "schema": {"type": "string"},
                    "description": '"v<version>-<hash>"',
                }
        schema = self.resolve_serializer(ProblemSerializer, "response").ref
        for code in self._refusals():
            content = {} if code == "304" else {"application/problem+json": {"schema": schema}}
            answer: dict[str, Any] = {"description": _REASONS[code]}
            responses.setdefault(code, {**answer, "content": content} if content else answer)
        return dict(sorted(responses.items()))

    def _has_tag(self, responses: dict[str, Any]) -> bool:
        return self.view.action != "list" and self.method != "DELETE"

    def _refusals(self) -> list[str]:
        codes = ["400", "401", "403", "503"]
        if self.view.action == "retrieve":
            codes.append("304")
        if "{" in self.path.split("/v1/")[-1]:
            codes.append("404")
        if self._needs_version:
            codes += ["409", "412", "428"]
        if self.method in {"POST", "PUT", "PATCH"}:
            codes += ["409", "413", "415", "422"]
        return codes
