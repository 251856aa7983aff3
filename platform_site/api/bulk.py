"""Many acts on one resource in one request, with an answer for each: ``POST /<resource>/bulk/``.

An item is the single operation over again: the same method of the viewset runs with the item's id,
version and body, so rights, checks and refusals cannot differ. Each item has a transaction of its
own; with ``atomic`` all of them share one, and either all are done or none is.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as rest
from rest_framework.decorators import action
from rest_framework.request import Request, clone_request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from platform_site.problems import FieldProblem, Invalid, Refused

from . import problems
from .serializers import Nothing, ProblemSerializer, Serializer

if TYPE_CHECKING:
    from .views import ActViewSet

logger = logging.getLogger(__name__)

MAX_ITEMS = 500
#: The acts that are no steps: their name here, the HTTP method, the method of the viewset.
_STANDARD = (
    ("create", "POST", "create"),
    ("change", "PATCH", "partial_update"),
    ("delete", "DELETE", "destroy"),
)
Item = dict[str, Any]
Answer = dict[str, Any]


class NotBegun(Refused):
    """The time of this request was over before this was begun."""

    status = 503


@dataclass(frozen=True)
class Act:
    """One kind of item: which method of the viewset runs, and what it reads."""

    name: str
    method: str
    handler: str
    body: type[BaseSerializer] = Nothing

    @property
    def path(self) -> str:
        """The last part of the single operation's address."""
        return "" if self.handler in {"create", "partial_update", "destroy"} else f"{self.name}/"


class BulkItem(Serializer):
    act = rest.CharField(max_length=40)
    id = rest.CharField(required=False, max_length=64)
    version = rest.IntegerField(required=False, min_value=1, max_value=999_999_999)
    body = rest.DictField(required=False)


class BulkBody(Serializer):
    items = BulkItem(many=True, min_length=1, max_length=MAX_ITEMS)
    atomic = rest.BooleanField(required=False, default=False)


class BulkMixin:
    """For viewsets: every act that the resource offers one by one, for up to 500 objects at once."""

    #: False where a bulk makes no sense, because bodies are files, or answers hold secrets.
    in_bulk: ClassVar[bool] = True

    @classmethod
    def acts(cls: Any) -> dict[str, Act]:
        """What an item may ask for: create, change, delete where there are such methods; the steps."""
        if not cls.in_bulk:
            return {}
        offered = {name.upper() for name in cls.http_method_names}
        found = [
            Act(name, method, handler, cls.bodies.get(handler, Nothing))
            for name, method, handler in _STANDARD
            if method in offered and hasattr(cls, handler)
        ]
        found += [
            Act(handler.step_path, "POST", handler.__name__, handler.step_body)
            for handler in cls.get_extra_actions()
            if hasattr(handler, "step_path")
        ]
        # An answer that holds a secret is nobody's but its own request's.
        return {act.name: act for act in found if act.handler not in cls.shows_secret}

    @action(detail=False, methods=["post"], url_path="bulk")
    def bulk(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Up to 500 acts of this resource, each answered as if it had been asked for alone.

        An item that is refused never touches the others. With `atomic` all are done or none: if one
        is refused, the answer is 422 and `items` tells what stands in the way of each (424: nothing
        did). Whatever could not be begun in time is answered 503 and may be sent again.
        """
        body = self.read_body(BulkBody)
        items: list[Item] = body["items"]
        self._refuse_odd(items)
        refused: list[tuple[str, str, int]] = []
        if body["atomic"]:
            with transaction.atomic():
                answers = self._answers(items, refused, together=True)
                if failed := any("problem" in answer for answer in answers):
                    transaction.set_rollback(True)
            response: Any = _none_done(request, answers) if failed else None
        else:
            answers, response = self._answers(items, refused), None
        response = response or Response({"items": answers}, status=207)
        response.refused_items = refused  # for the trail, as the single requests would be in it
        return response

    def _refuse_odd(self, items: list[Item]) -> None:
        """What no single request could be made of: nothing is begun, each fault is pointed at."""
        acts, seen, wrong = self.acts(), set(), []
        for index, item in enumerate(items):
            at = f"/items/{index}"
            act = acts.get(item["act"])
            if act is None:
                message: Any = _("There is no act of this name here. Known are: %(names)s.") % {
                    "names": ", ".join(acts)
                }
                wrong.append(FieldProblem(f"{at}/act", "unknown_act", message))
                continue
            creates = act.name == "create"
            for name in ("id", "version"):
                if creates and name in item:
                    message = _("What is made has none yet; an id of your own stands in the body.")
                    wrong.append(FieldProblem(f"{at}/{name}", "not_here", message))
                elif not creates and name not in item:
                    message = _("This is needed.")
                    wrong.append(FieldProblem(f"{at}/{name}", "required", message))
            where = f"{at}/body/id" if creates else f"{at}/id"
            given = item.get("body", {}).get("id") if creates else item.get("id")
            key = str(given or "").replace("-", "").lower()
            if key and key in seen:
                message = _("Another item names the same object: one act for each at a time.")
                wrong.append(FieldProblem(where, "duplicate", message))
            seen.add(key)
        if wrong:
            message = _("The fields named in “errors” need attention; nothing was saved.")
            raise Invalid("invalid", message, fields=wrong)

    def _answers(
        self: Any,
        items: Iterable[Item],
        refused: list[tuple[str, str, int]],
        *,
        together: bool = False,
    ) -> list[Answer]:
        answers, acts, until = [], self.acts(), time.monotonic() + settings.BULK_SECONDS
        for item in items:
            act = acts[item["act"]]
            address = _address(self.request.path, act, item)
            try:
                if answers and time.monotonic() > until:
                    raise NotBegun(
                        "not_begun",
                        _("There was no time left for this. Send it again, with fewer beside it."),
                    )
                with transaction.atomic():
                    answer = _told(self._single(act, item))
            except Exception as fault:
                if together and isinstance(fault, NotBegun | OperationalError | InterfaceError):
                    raise  # nothing can be said about the rest, and nothing will be kept
                problem = _problem(fault, self.request, address)
                refused.append((act.method, address, problem["status"]))
                answer = {"status": problem["status"], "problem": problem}
            answers.append(answer)
        return answers

    def _single(self: Any, act: Act, item: Item) -> Response:
        """The single operation, through a view of its own and a request that holds the item alone."""
        kwargs = dict(self.kwargs)
        if act.name != "create":
            if not re.fullmatch(getattr(self, "lookup_value_regex", "[^/.]+"), item["id"]):
                raise Http404
            kwargs[self.lookup_url_kwarg or self.lookup_field] = item["id"]
        handler = getattr(type(self), act.handler)
        view: ActViewSet = type(self)(basename=self.basename, **getattr(handler, "kwargs", {}))
        request = clone_request(self.request, act.method)
        request._full_data = item.get("body", {})
        view.request, view.args, view.kwargs = request, (), kwargs
        view.action, view.format_kwarg = act.handler, None
        view.if_match = f'"v{item["version"]}"' if "version" in item else ""
        view.check_rights(request)
        response: Response = handler(view, request, **kwargs)
        return response


def _address(bulk: str, act: Act, item: Item) -> str:
    """The address of the single operation."""
    key = f"{item['id']}/" if act.name != "create" else ""
    return f"{bulk.removesuffix('bulk/')}{key}{act.path}"


def _told(response: Response) -> Answer:
    answer: Answer = {"status": response.status_code}
    for member, header in (("etag", "ETag"), ("location", "Location")):
        if header in response:
            answer[member] = response[header]
    if response.data is not None:
        answer["body"] = response.data
    return answer


def _problem(fault: Exception, request: Request, address: str) -> dict[str, Any]:
    """The refusal as the single operation would answer it; a defect of ours is logged, and said."""
    answer: Any = problems.handle(fault, {"request": request})
    if answer is None:
        logger.exception("An item of a bulk failed: %s", address, exc_info=fault)
        detail = _("Something went wrong on our side. Nothing was saved for this item.")
        answer = problems.problem(request._request, 500, "fault", detail)
    return {**answer.data, "instance": address}


def _none_done(request: Request, answers: list[Answer]) -> problems.ProblemResponse:
    """One refusal for all of them. 424: nothing was wrong with it but that another one failed."""
    told = [answer if "problem" in answer else {"status": 424} for answer in answers]
    errors = [
        {
            "pointer": f"/items/{index}",
            "code": answer["problem"]["code"],
            "detail": answer["problem"]["detail"],
        }
        for index, answer in enumerate(told)
        if "problem" in answer
    ]
    return problems.problem(
        request._request,
        422,
        "none_done",
        _("Some items were refused, so nothing was done: all or none was asked for."),
        errors=errors,
        extra={"items": told},
    )


# --- For the schema ------------------------------------------------------------------------------
Refer = Callable[[BaseSerializer], dict[str, Any]]


def asked(view: Any, refer: Refer) -> dict[str, Any]:
    """The body of this resource's bulk: one shape for each act."""
    shapes = [_shape(act, refer) for act in view.acts().values()]
    items = {
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_ITEMS,
        "items": {"oneOf": shapes} if len(shapes) > 1 else shapes[0],
    }
    return {
        "type": "object",
        "properties": {"items": items, "atomic": {"type": "boolean", "default": False}},
        "required": ["items"],
        "additionalProperties": False,
    }


def _shape(act: Act, refer: Refer) -> dict[str, Any]:
    properties: dict[str, Any] = {"act": {"type": "string", "enum": [act.name]}}
    needed = ["act"]
    if act.name != "create":
        properties["id"] = {"type": "string", "maxLength": 64}
        properties["version"] = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
        needed += ["id", "version"]
    if act.body is not Nothing:
        partial = act.handler == "partial_update"
        properties["body"] = refer(act.body(partial=partial))
        if not partial and any(field.required for field in act.body().fields.values()):
            needed.append("body")
    else:
        properties["body"] = {"type": "object", "maxProperties": 0}
    return {
        "type": "object",
        "properties": properties,
        "required": needed,
        "additionalProperties": False,
    }


def answered(refer: Refer, shown: BaseSerializer | None) -> dict[str, Any]:
    """The answers, in the order of the items."""
    properties: dict[str, Any] = {
        "status": {"type": "integer"},
        "etag": {"type": "string"},
        "location": {"type": "string", "format": "uri"},
        "problem": refer(ProblemSerializer()),
    }
    if shown is not None:
        properties["body"] = refer(shown)
    item = {"type": "object", "properties": properties, "required": ["status"]}
    return {
        "type": "object",
        "properties": {"items": {"type": "array", "items": item}},
        "required": ["items"],
    }
