"""Refuses what no browser sends: hostile characters in the address, the query or a header.

Values of form fields are left alone: the form itself refuses them (``clean.py``), so that the
message stands beside the field and what was typed is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from .clean import find_hostile

# Headers are decoded as latin-1, so bytes above 0x7f say nothing here.
_HEADER_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


class HostileInputMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        environ = getattr(request, "environ", {})
        # Bytes of the path that are not UTF-8 are already percent-encoded again: a path like any
        # other, at which there is nothing.
        if find_hostile(request.path):
            raise BadRequest(_("Characters in the address cannot be read."))
        query = environ.get("QUERY_STRING", "").encode("latin-1", "replace")
        try:
            if find_hostile(unquote_to_bytes(query.replace(b"+", b" ")).decode()):
                raise BadRequest(_("Characters in the query cannot be read."))
        except UnicodeDecodeError:
            raise BadRequest(_("Bytes in the query are not UTF-8.")) from None
        for name, value in environ.items():
            if name.startswith("HTTP_") and _HEADER_CONTROL.search(str(value)):
                raise BadRequest(_("A header holds control characters."))
        return self.get_response(request)
