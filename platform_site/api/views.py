"""Bases of all resources. A viewset finds the object, reads the body and calls one service."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django_filters import CharFilter, MultipleChoiceFilter
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from platform_site.lists import keyset, ordering
from platform_site.problems import FieldProblem, Unreadable

from . import idempotency, problems, tables, versions
from .bulk import BulkMixin
from .deprecations import Deprecation
from .limits import Limited
from .pagination import PARAMETERS
from .rows import Plan, Whole, plan_of, sparse
from .serializers import Nothing


class FilterBackend(DjangoFilterBackend):
    """django-filter, for views with a ``filterset_class``; a wrong value is a 400 that names it."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        filterset = getattr(view, "filterset_class", None)
        if filterset is None or not (filterset.base_filters.keys() & request.query_params.keys()):
            return queryset
        try:
            return super().filter_queryset(request, queryset, view)
        except ValidationError as error:
            fields = [
                FieldProblem(item["pointer"], item["code"], item["detail"])
                for item in problems.pointers(error.detail)
            ]
            message = _("A filter has a value that cannot be read.")
            raise Unreadable("bad_filter", message, fields=fields) from None


class ActViewSet(Limited, GenericViewSet):
    """An address at which something is asked for, and nothing is read.

    ``get_queryset()`` must begin with ``Model.objects.visible_to(self.request.user)``.
    """

    #: Names the scopes of a token, ``<resource>:read`` and ``<resource>:write``, and the tag.
    resource: ClassVar[str]
    #: What each action reads: {"create": NoticeCreate, "partial_update": NoticeChange}.
    bodies: ClassVar[Mapping[str, type[BaseSerializer]]] = {}
    #: Actions whose body carries the stamp of what the caller saw: 412 where that has changed.
    stamped: ClassVar[tuple[str, ...]] = ()
    #: Query parameters of the list beside paging and order; with a ``filterset_class``, its own too.
    filter_fields: ClassVar[tuple[str, ...]] = ()
    #: Names a caller may order by, and the columns each stands for.
    orderings: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    default_ordering: ClassVar[str] = ""
    filter_backends: ClassVar[list[Any]] = [FilterBackend]
    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "put", "patch", "delete"]
    #: What will go, by action ("*": all of them): the schema marks it, and answers carry the dates.
    deprecated: ClassVar[Mapping[str, Deprecation]] = {}
    #: Actions whose answer holds a secret that is shown once: no key replays it.
    shows_secret: ClassVar[frozenset[str]] = frozenset()
    #: Stands in for the header in a bulk, where each item names its own version.
    if_match: str | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # A method that is not offered (405) has no parameters to be wrong.
        if self.action is not None:
            self._refuse_unknown_parameters(request)
            self._refuse_unclear_parameters(request)
        if request.method == "POST" and hasattr(self, "post"):
            self.before_body(request)
            self.post = idempotency.once(self.post, self)

    def before_body(self, request: Request) -> None:
        """Refuse a POST for what its headers say, before its body is read, let alone hashed for its key."""

    def finalize_response(
        self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.setdefault("X-Request-ID", problems.request_id())
        # Whoever keeps an answer must ask again, and with the same token.
        response.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Authorization"])
        if deprecation := self.deprecation():
            deprecation.announce(request, response)
        return response

    def deprecation(self) -> Deprecation | None:
        return self.deprecated.get(self.action or "") or self.deprecated.get("*")

    # --- Reading ---------------------------------------------------------------------------------
    def object_response(self, obj: Model, status: int = status.HTTP_200_OK) -> Response:
        """The object with its ETag; 304 without a body where the caller already holds it."""
        body = self.get_serializer(obj).data
        headers = {"ETag": versions.etag(obj, body)}
        held = self.request.headers.get("If-None-Match")
        reading = self.request.method in {"GET", "HEAD"}
        if reading and held and versions.is_unchanged(held, headers["ETag"]):
            return Response(status=304, headers=headers)
        if status == 201:
            headers["Location"] = self.request.build_absolute_uri(self.address_of(obj))
        return Response(body, status=status, headers=headers)

    def address_of(self, obj: Model) -> str:
        key = self.lookup_url_kwarg or self.lookup_field
        field = "pk" if self.lookup_field == "pk" else self.lookup_field
        name = f"{self.request.resolver_match.namespace}:{self.basename}-detail"
        kwargs = {**self.kwargs, key: getattr(obj, field)}
        return reverse(name, kwargs=kwargs)

    def fresh(self, obj: Model) -> Model:
        """``obj`` read again as the list reads it; itself where a step took it out of sight."""
        return self.get_queryset().filter(pk=obj.pk).first() or obj

    # --- Writing ---------------------------------------------------------------------------------
    def version_from_request(self) -> int:
        """The version in If-Match: 428 when missing, 412 when it is no tag of ours."""
        header = self.request.headers.get("If-Match")
        return versions.version_from(header if self.if_match is None else self.if_match)

    def read_body(self, body: type[BaseSerializer] | None = None) -> dict[str, Any]:
        """The body as keyword arguments for a service; 422 with a pointer to each wrong field."""
        chosen = body or self.bodies.get(self.action or "", Nothing)
        serializer = chosen(
            data=self.request.data,
            partial=self.action == "partial_update",
            context=self.get_serializer_context(),
        )
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    # --- Order and parameters ----------------------------------------------------------------------
    def order_columns(self) -> tuple[str, ...]:
        if not self.orderings:
            return ("pk",)
        requested = self.request.query_params.get("ordering") or None
        default = self.default_ordering or next(iter(self.orderings))
        return ordering.resolve(requested, dict(self.orderings), default)

    def known_parameters(self) -> set[str]:
        if self.action != "list":
            return set()
        filterset = getattr(self, "filterset_class", None)
        known = {
            *(*PARAMETERS, "fields", "format"),
            *self.filter_fields,
            *(filterset.base_filters if filterset else ()),
        }
        return known | {"ordering"} if self.orderings else known

    def _refuse_unknown_parameters(self, request: Request) -> None:
        known = self.known_parameters()
        unknown = [name for name in request.query_params if name not in known]
        if not unknown:
            return
        if known:
            message = _("This parameter is not known here. Known are: %(names)s.") % {
                "names": ", ".join(sorted(known))
            }
        else:
            message = _("No query parameter is known here.")
        fields = [FieldProblem(f"/{name}", "unknown_parameter", message) for name in unknown]
        raise Unreadable("unknown_parameter", message, fields=fields, allowed=sorted(known))

    def _refuse_unclear_parameters(self, request: Request) -> None:
        """One value for each: of two, one would be lost in silence, and nothing is no value."""
        filterset = getattr(self, "filterset_class", None)
        filters = filterset.base_filters if filterset else {}
        fields = []
        for name, values in request.query_params.lists():
            takes_text = isinstance(filters.get(name), CharFilter)
            if len(values) > 1 and not isinstance(filters.get(name), MultipleChoiceFilter):
                message = _("This parameter is given more than once.")
                fields.append(FieldProblem(f"/{name}", "repeated_parameter", message))
            elif "" in values and not (takes_text or name in {"cursor", *self.filter_fields}):
                message = _("This parameter has no value. Give it one, or leave it out.")
                fields.append(FieldProblem(f"/{name}", "empty_parameter", message))
        if fields:
            raise Unreadable(fields[0].code, fields[0].message, fields=fields)


class ObjectViewSet(BulkMixin, ActViewSet):
    """Objects with an address, their steps, and a bulk; no list (see :class:`ResourceViewSet`)."""

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.object_response(self.get_object())


class ListViewSet(ActViewSet):
    """A list in keyset pages.

    Its serializer is read as :mod:`.rows` says: column by column, without instances, unless
    ``reads_instances`` says that its members cannot be had so.
    """

    reads_instances: ClassVar[bool] = False

    def prepared(self, rows: list[Any]) -> list[Any]:
        """The instances of a page, with what other tables say about them; for ``reads_instances``."""
        return rows

    # No docstring: the schema describes the list by the class.
    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        plan, order = self._row_plan(), self.order_columns()
        rows, columns = self.filter_queryset(self.get_queryset()), []
        if plan.columns:
            # In the order of the plan, then what the order of the list needs besides.
            columns = list(dict.fromkeys([*plan.columns, *keyset.columns_for(rows, order)]))
        context = self.get_serializer_context()
        if form := request.query_params.get("format"):
            chunks = keyset.chunks(rows, order=order, columns=columns)
            return tables.answer(form, chunks, plan=plan, context=context)
        page = self.paginator.cut(rows, request, order=order, columns=columns)
        return self.get_paginated_response(plan.shown(page, context))

    def _row_plan(self) -> Plan | Whole:
        serializer_class = self.get_serializer_class()
        plan: Plan | Whole
        if self.reads_instances:
            plan = Whole(serializer_class, self.prepared)
        else:
            plan = plan_of(serializer_class)
        wanted = self.request.query_params.get("fields")
        return plan if wanted is None else sparse(plan, wanted)


class ResourceViewSet(ListViewSet, ObjectViewSet):
    """A resource: a list in keyset pages, objects, steps."""


def step(
    url_path: str, *, body: type[BaseSerializer] = Nothing, **options: Any
) -> Callable[[Callable[..., Model | None]], Any]:
    """A POST that takes one step of a workflow: ``POST /reports/{id}/return/``.

    The decorated method gets the object, the version from If-Match and the fields of ``body``,
    calls one service and returns its object, which is answered with its new ETag (or None where the
    step ends it: 204)::

        @step("return", body=NoteSerializer)
        def return_report(self, request, report, *, version, note):
            return services.return_report(report, by=request.user, version=version, note=note)
    """

    def decorate(method: Callable[..., Model | None]) -> Any:
        @functools.wraps(method)
        def take(self: ActViewSet, request: Request, *args: Any, **kwargs: Any) -> Response:
            obj = self.get_object()
            version = self.version_from_request()
            fields = self.read_body(body)
            done = method(self, request, obj, version=version, **fields)
            if done is None:
                return Response(status=204)
            return self.object_response(self.fresh(done))

        # For the schema.
        take.step_path, take.step_body = url_path, body  # type: ignore[attr-defined]
        return action(detail=True, methods=["post"], url_path=url_path, **options)(take)

    return decorate


# --- Outside of the resources ----------------------------------------------------------------------
def index(request: HttpRequest) -> JsonResponse:
    """Which versions there are, and where they are described."""
    return JsonResponse(
        {
            "versions": {
                "v1": {
                    "resources": request.build_absolute_uri(
                        reverse("api:index", kwargs={"version": "v1"})
                    ),
                    "schema": request.build_absolute_uri(reverse("api:schema")),
                    "documentation": request.build_absolute_uri(reverse("api:docs")),
                }
            }
        }
    )


def explain_problem(request: HttpRequest, code: str) -> JsonResponse:
    """What a ``type`` of a problem leads to: how all of them are built."""
    return JsonResponse(
        {
            "code": code,
            "members": {
                "title": _("The kind of refusal, by its status."),
                "detail": _("What to do about it, in the language of Accept-Language."),
                "errors": _("Each field at fault: pointer, code, detail."),
                "request_id": _("Name it when you ask for help."),
            },
            "kinds": {str(number): title for number, title in problems.TITLES.items()},
        },
        json_dumps_params={"ensure_ascii": False},
    )


@csrf_exempt
def not_found(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address under /api/ that leads nowhere: a problem, not a page, whatever is sent there."""
    answer = problems.handle(Http404(), {"request": request})
    assert answer is not None  # nosec B101
    return answer
