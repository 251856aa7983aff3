"""The OpenAPI schema: stable operation ids, the scopes, the versions and the refusals.

Docstrings and help texts are its one source, in English. What they say in Chinese stands in the
catalogue, paragraph by paragraph (see :func:`platform_site.api.documents.document`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.plumbing import (
    append_meta,
    build_parameter_type,
    follow_model_field_lookup,
    get_doc,
    get_lib_doc_excludes,
    get_view_model,
    resolve_regex_path_parameter,
)
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from platform_site.text.rest import LineSerializerField, ProseSerializerField

from . import bulk, examples, tables, views
from .rows import Computed
from .serializers import KnownFieldsOnly, ModelSerializer, Nothing, ProblemSerializer, Serializer
from .views import ActViewSet

_REASONS = {
    "304": gettext_lazy("Not changed since the ETag in If-None-Match."),
    "400": gettext_lazy("Unreadable or hostile input, or an unknown query parameter."),
    "401": gettext_lazy("No token, or one that is not valid."),
    "403": gettext_lazy(
        "The object is visible, but this is not for the caller or the token to do."
    ),
    "404": gettext_lazy("There is no such object, or it is not the caller's to see."),
    "406": gettext_lazy("This is not offered in the format that Accept names."),
    "409": gettext_lazy("The object's state does not allow this."),
    "412": gettext_lazy("Somebody changed the object since the version in If-Match."),
    "413": gettext_lazy("The body is too large."),
    "415": gettext_lazy("The type of the body is not accepted."),
    "422": gettext_lazy("Fields are missing or wrong; `errors` points at each."),
    "428": gettext_lazy("If-Match is missing."),
    "429": gettext_lazy("Too many requests; Retry-After says when the next one is answered."),
    "503": gettext_lazy("Not available for the moment; see Retry-After."),
}
_DONE = {
    "200": gettext_lazy("Done, or read."),
    "201": gettext_lazy("Made."),
    "202": gettext_lazy("Begun: Location is the job to ask."),
    "204": gettext_lazy("Gone."),
}
_SUMMARIES = {"list": gettext_lazy("List"), "retrieve": gettext_lazy("Read one")}
_HEADERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "ETag": (gettext_lazy('The version: `"v<version>-<hash>"`.'), {"type": "string"}),
    "Location": (gettext_lazy("Where it is."), {"type": "string", "format": "uri"}),
    "Retry-After": (
        gettext_lazy("After how many seconds to ask again."),
        {"type": "integer", "minimum": 0},
    ),
    "RateLimit": (
        gettext_lazy("How many requests are left, and for how long."),
        {"type": "string"},
    ),
    "WWW-Authenticate": (gettext_lazy("Which kind of token is asked for."), {"type": "string"}),
}
_HEADERS_OF = {
    "201": ("ETag", "Location"),
    "202": ("Location", "Retry-After"),
    "401": ("WWW-Authenticate",),
    "429": ("Retry-After", "RateLimit"),
    "503": ("Retry-After",),
}
_PARAMETERS = {
    "search": gettext_lazy("Only rows in which these words occur."),
    "ordering": gettext_lazy("In which order; `-` before a name reverses it."),
    "page_size": gettext_lazy("How many rows a page has at most."),
    "cursor": gettext_lazy("Opaque; taken from the links of a page."),
    "as_of": gettext_lazy("How things stood at the end of this day, in Beijing."),
    "If-Match": gettext_lazy("The ETag of the version that the caller saw."),
    "If-None-Match": gettext_lazy("The ETag that the caller holds; 304 where it is still right."),
}
#: Parameters that narrow a list, by the end of their name.
_NARROWING = (
    ("__lte", gettext_lazy("Only rows whose `%(name)s` is this or less.")),
    ("__lt", gettext_lazy("Only rows whose `%(name)s` is less than this.")),
    ("__gte", gettext_lazy("Only rows whose `%(name)s` is this or more.")),
    ("__gt", gettext_lazy("Only rows whose `%(name)s` is more than this.")),
    ("__in", gettext_lazy("Only rows whose `%(name)s` is one of these.")),
    ("", gettext_lazy("Only rows whose `%(name)s` is this.")),
)
_SCOPE = gettext_lazy("Scope: `%(scope)s`")
#: Texts that are filled in here, so that no catalogue lists what they become.
COMPOSED = (*(text for _end, text in _NARROWING), _SCOPE)
#: What bounds a value, as filters and as the schema call it.
_LIMITS = {"max_length": "maxLength", "min_value": "minimum", "max_value": "maximum"}
#: An ETag as If-Match takes it; see versions.py.
_IF_MATCH = r'^"v[0-9]{1,9}(-[0-9a-f]{1,64})?"$'


class Generator(SchemaGenerator):
    """The key of an object is ``{id}`` in the address, as it is in the body."""

    def coerce_path(self, path: str, method: str, view: Any) -> str:
        return path.replace("{pk}", "{id}")


_FIELDS = gettext_lazy("Only these members of each row, by name, with commas between.")
_FORMAT = gettext_lazy("The whole list as a table for download, without pages.")
#: A list as a table; the types are those of tables.FORMATS without their parameters.
_TABLES = {
    "text/csv": {"schema": {"type": "string"}},
    tables.FORMATS["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
}
_KEY = gettext_lazy(
    "Your own name for this request, best a UUID: sent again within 24 hours it is answered again, not done"
    " again."
)


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

    # --- Words -----------------------------------------------------------------------------------
    def _own_words(self) -> list[str]:
        """The paragraphs that the action itself brings; a library's say nothing of ours."""
        module = getattr(self._handler, "__module__", "")
        doc = "" if module.startswith("rest_framework") else get_doc(self._handler)
        return _paragraphs(doc)

    def get_summary(self) -> str:
        own, name = self._own_words(), self.view.action
        if own:
            return own[0]
        return str(_SUMMARIES.get(name) or name.replace("_", " ").capitalize())

    def get_description(self) -> str:
        words = self._own_words()[1:] or _paragraphs(get_doc(self.view.__class__))
        return "\n\n".join([*words, str(_SCOPE) % {"scope": self.get_scope()}])

    def _refer(self, serializer: Any, direction: Any = "request") -> dict[str, Any]:
        return self.resolve_serializer(serializer, direction).ref

    def get_response_serializers(self) -> Any:
        if self.view.action == "bulk":
            shown = self.view.get_serializer()
            return {207: bulk.answered(lambda one: self._refer(one, "response"), shown)}
        return super().get_response_serializers()

    def get_scope(self) -> str:
        return f"{self.view.resource}:{'read' if self.method == 'GET' else 'write'}"

    def get_auth(self) -> list[dict[str, Any]]:
        return [{"token": [self.get_scope()] if self.view.resource else []}]

    def is_deprecated(self) -> bool:
        return self.view.deprecation() is not None

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        if deprecation := self.view.deprecation():
            operation["x-sunset"] = deprecation.sunset.isoformat()
        examples.add_to(operation)
        return operation

    # --- What is sent ----------------------------------------------------------------------------
    def get_request_serializer(self) -> Any:
        if self.view.action == "bulk":
            return {"application/json": bulk.asked(self.view, self._refer)}
        body = self._handler.step_body if self._is_step else self.view.bodies.get(self.view.action)
        if body is None:
            return super().get_request_serializer()
        return None if body is Nothing else body

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)
        if direction == "request" and isinstance(serializer, KnownFieldsOnly):
            schema["additionalProperties"] = False
        return schema

    def _map_serializer_field(self, field: Any, direction: Any, **options: Any) -> Any:
        if isinstance(field, Computed):  # it is described as the field it looks like
            shape = self._map_serializer_field(field.shape, direction, **options)
            return append_meta(shape, self._get_serializer_field_meta(field, "response"))
        schema = super()._map_serializer_field(field, direction, **options)
        if isinstance(field, LineSerializerField | ProseSerializerField):
            schema["maxLength"] = field.max_length
        if isinstance(field, serializers.ListField) and getattr(field.child, "allow_null", False):
            items = schema["items"]
            if "$ref" in items:
                schema["items"] = {"oneOf": [items, {"type": "null"}]}
        return schema

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        return [
            build_parameter_type(
                name=name,
                location=OpenApiParameter.PATH,
                schema=self._path_schema(name),
                description=_("Which one.") if name == variables[-1] else _("Of which one."),
            )
            for name in variables
        ]

    def _path_schema(self, name: str) -> dict[str, Any]:
        """As the address has it; where it takes anything, as the model has its key."""
        found = resolve_regex_path_parameter(self.path_regex, name)
        if found:
            # 36 hexadecimal digits and dashes: a UUID, which the address only narrows.
            is_uuid = "{36}" in found["schema"].get("pattern", "")
            return {"type": "string", "format": "uuid"} if is_uuid else found["schema"]
        field = "pk" if name == "id" else name
        model_field = follow_model_field_lookup(get_view_model(self.view), field)
        schema = self._map_model_field(model_field, direction=None)
        return {key: schema[key] for key in ("type", "format") if key in schema}

    def get_override_parameters(self) -> list[Any]:
        view, found = self.view, list(super().get_override_parameters())
        header = OpenApiParameter.HEADER
        if self._needs_version:
            found.append(
                OpenApiParameter("If-Match", str, header, required=True, pattern=_IF_MATCH)
            )
        if self.method == "POST":
            found.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
                    OpenApiParameter.HEADER,
                    description=_KEY,
                )
            )
        if view.action == "retrieve":
            found.append(OpenApiParameter("If-None-Match", str, header))
        if view.action == "list" and view.pagination_class is not None:
            found += [OpenApiParameter(name, OpenApiTypes.STR) for name in view.filter_fields]
            found += [
                OpenApiParameter(
                    "fields",
                    {
                        "type": "array",
                        "items": {"type": "string", "enum": self._members()},
                        "minItems": 1,
                        "uniqueItems": True,
                    },
                    explode=False,
                    description=_FIELDS,
                ),
                OpenApiParameter("format", str, enum=list(tables.FORMATS), description=_FORMAT),
            ]
            if view.orderings:
                names = [sign + name for name in view.orderings for sign in ("", "-")]
                found.append(OpenApiParameter("ordering", OpenApiTypes.STR, enum=names))
        return found

    def _members(self) -> list[str]:
        """What a row of the list holds."""
        fields = self.view.get_serializer().fields
        return [name for name, field in fields.items() if not field.write_only]

    def _get_parameters(self) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._get_parameters()
        filterset = getattr(self.view, "filterset_class", None)
        filters = filterset.base_filters if filterset else {}
        for parameter in parameters:
            if parameter["in"] == "query" and (narrowing := filters.get(parameter["name"])):
                parameter["schema"] |= {
                    ours: narrowing.extra[theirs]
                    for theirs, ours in _LIMITS.items()
                    if theirs in narrowing.extra
                }
            parameter["schema"].pop("title", None)
            parameter["schema"].setdefault("type", "string")
            given = parameter.get("description", "")
            # A list of choices alone does not say what they are chosen for.
            if not given or given.startswith("* "):
                parameter["description"] = f"{_words_for(parameter['name'])}\n\n{given}".strip()
        return parameters

    def map_renderers(self, attribute: str) -> list[Any]:
        # Formats are negotiated by Accept alone: there is no ?format= to describe.
        return [] if attribute == "format" else super().map_renderers(attribute)

    # --- What is answered ------------------------------------------------------------------------
    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        for code, answer in responses.items():
            words = _DONE.get(code) or _REASONS.get(code) or answer["description"]
            answer["description"] = str(words)
        if self._has_tag() and "200" in responses:
            responses["200"]["headers"] = _headers("ETag")
        if self.view.action == "list" and self.view.pagination_class is not None:
            responses["200"]["content"] |= _TABLES
        schema = self.resolve_serializer(ProblemSerializer, "response").ref
        for code in self._refusals():
            content = {} if code == "304" else {"application/problem+json": {"schema": schema}}
            answer = {"description": str(_REASONS[code])}
            responses.setdefault(code, {**answer, "content": content} if content else answer)
        for code in _HEADERS_OF.keys() & responses.keys():
            responses[code].setdefault("headers", {}).update(_headers(*_HEADERS_OF[code]))
        return dict(sorted(responses.items()))

    def _has_tag(self) -> bool:
        return self.view.action != "list" and self.method != "DELETE"

    def _refusals(self) -> list[str]:
        codes, view_action = ["400", "401", "403", "406", "429", "503"], self.view.action
        if self.view.action == "retrieve":
            codes.append("304")
        if "{" in self.path.split("/v1/")[-1]:
            codes.append("404")
        if self.method == "GET" and view_action not in {"list", "retrieve"}:
            codes.append("409")
        known = set(self.view.known_parameters())
        if "as_of" in known or (
            self.view.action != "list" and {"since", "year", "frequency"} & known
        ):
            # Each can be read, and the whole makes no sense: a day ahead, an end before its beginning.
            codes.append("422")
        if self._needs_version:
            codes += ["409", "412", "428"]
        if self.view.action in self.view.stamped:
            codes.append("412")
        if self.method in {"POST", "PUT", "PATCH"}:
            # 404: what the body names is not there, or not the caller's to see.
            codes += ["404", "409", "413", "415", "422"]
        return codes


def _headers(*names: str) -> dict[str, Any]:
    return {
        name: {"description": str(_HEADERS[name][0]), "schema": _HEADERS[name][1]} for name in names
    }


def _words_for(parameter: str) -> str:
    if parameter in _PARAMETERS:
        return str(_PARAMETERS[parameter])
    end, text = next(each for each in _NARROWING if parameter.endswith(each[0]))
    return str(text) % {"name": parameter.removesuffix(end)}


# --- The document as a whole ---------------------------------------------------------------------
def doc_excludes() -> list[Any]:
    """Classes whose docstring tells programmers something, and callers nothing."""
    bases = [views.ActViewSet, views.ObjectViewSet, views.ResourceViewSet]
    return [*get_lib_doc_excludes(), *bases, KnownFieldsOnly, Serializer, ModelSerializer]


def add_tags(result: dict[str, Any], generator: Any, **_kwargs: Any) -> dict[str, Any]:
    """Each resource with the words of its viewset; of what hangs on it, the resource's speak."""
    words: dict[str, str] = {}
    for _path, _regex, _method, callback in sorted(generator.endpoints, key=lambda each: each[0]):
        if resource := getattr(callback.cls, "resource", ""):
            words.setdefault(resource, get_doc(callback.cls))
    result["tags"] = [
        # Redoc shows the name of a tag by this extension.
        {"name": name, "x-displayName": _(name), "description": words[name]}
        for name in sorted(words)
    ]
    return result


#: Where data stands that callers send or get: no words of ours.
_DATA = frozenset({"example", "examples", "default", "enum", "const", "security", "x-spec-enum-id"})
_WORDS = frozenset({"description", "summary", "title"})


def map_texts(schema: Any, function: Callable[[str], str], names: bool = False) -> Any:
    """``schema`` with ``function`` applied to each paragraph of words in it."""
    if isinstance(schema, list):
        return [map_texts(each, function) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    mapped = {}
    for key, value in schema.items():
        if not names and key in _DATA:
            mapped[key] = value
        elif not names and key in _WORDS and isinstance(value, str):
            mapped[key] = "\n\n".join(
                each if each.startswith("* ") else function(each) for each in _paragraphs(value)
            )
        else:
            # Below these, keys are names of fields or components, whatever they are called.
            below = not names and key in {"properties", "schemas"}
            mapped[key] = map_texts(value, function, names=below)
    return mapped


def _paragraphs(text: str) -> list[str]:
    """Lines belong to their paragraph, but those of a list stay lines."""
    return [
        each.strip() if each.lstrip().startswith("* ") else " ".join(each.split())
        for each in re.split(r"\n\s*\n", str(text).strip())
        if each.strip()
    ]
