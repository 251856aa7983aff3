"""Pages by key, not by number: they stay right while rows are added, and page 9,000 is as fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from platform_site.lists import keyset
from platform_site.problems import FieldProblem, Unreadable

DEFAULT_SIZE = 50
MAX_SIZE = 200
PARAMETERS = ("cursor", "page_size")


class KeysetPagination(BasePagination):
    """``{next, previous, results}``, the two links also as a ``Link`` header (RFC 8288)."""

    def cut(
        self,
        queryset: QuerySet[Any, Any],
        request: Any,
        *,
        order: Sequence[str],
        columns: Sequence[str],
    ) -> list[tuple[Any, ...]]:
        """The rows, tuples of ``columns``, of the page that the request asks for."""
        cursor = request.query_params.get("cursor") or None
        size = self.page_size(request)
        page = keyset.page(queryset, order=order, size=size, cursor=cursor, columns=columns)
        here = request.build_absolute_uri()
        self.links = {
            name: replace_query_param(here, "cursor", mark) if mark else None
            for name, mark in (("next", page.next), ("previous", page.previous))
        }
        return page.rows

    @staticmethod
    def page_size(request: Any) -> int:
        given = request.query_params.get("page_size", str(DEFAULT_SIZE))
        # No int() of whatever came: it would also take signs, blanks and digits of other scripts.
        if given.isascii() and given.isdigit() and len(given) < 5 and 1 <= int(given) <= MAX_SIZE:
            return int(given)
        message = _("page_size is a number from 1 to %(limit)d.") % {"limit": MAX_SIZE}
        raise Unreadable(
            "page_size", message, fields=[FieldProblem("/page_size", "out_of_range", message)]
        )

    def get_paginated_response(self, data: list[Any]) -> Response:
        link = ", ".join(
            f'<{url}>; rel="{"prev" if name == "previous" else name}"'
            for name, url in self.links.items()
            if url
        )
        return Response({**self.links, "results": data}, headers={"Link": link} if link else None)

    # --- For the schema ----------------------------------------------------------------------
    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "Opaque; taken from the links of a page.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_SIZE,
                    "default": DEFAULT_SIZE,
                },
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }
