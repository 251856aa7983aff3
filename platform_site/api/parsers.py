"""JSON as RFC 8259 has it, with limits: what is odd is refused, never guessed at."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser

from platform_site.problems import Text, TooLarge, Unreadable

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 50


def _refuse(code: str, message: Text, **extra: Any) -> Unreadable:
    return Unreadable(code, message, **extra)


def _no_constant(name: str) -> Any:
    raise _refuse("not_a_number", _("NaN and Infinity are no numbers of JSON."))


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _refuse("number_out_of_range", _("A number is too large."))
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _refuse("duplicate_member", _("An object names the same member twice."))
    return members


def _check(value: Any) -> None:
    """Depth and characters, level by level (no recursion, whatever the input)."""
    level, depth = [value], 0
    while level:
        below: list[Any] = []
        for item in level:
            if isinstance(item, str):
                if "\x00" in item or not _encodable(item):
                    raise _refuse(
                        "hostile_text",
                        _("The text holds characters that cannot be stored (NUL or half a pair)."),
                    )
            elif isinstance(item, dict):
                below += item.keys()
                below += item.values()
            elif isinstance(item, list):
                below += item
        depth += any(isinstance(item, dict | list) for item in level)
        if depth > MAX_DEPTH:
            raise _too_deep()
        level = below


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_deep() -> Unreadable:
    return _refuse(
        "too_deep", _("The JSON is nested more than %(limit)d levels deep.") % {"limit": MAX_DEPTH}
    )


def parse(raw: bytes) -> Any:
    """The value that ``raw`` stands for; :class:`Unreadable` for anything that is not plain JSON."""
    try:
        value = json.loads(
            raw.decode("utf-8"),
            parse_constant=_no_constant,
            parse_float=_finite,
            object_pairs_hook=_unique,
        )
    except UnicodeDecodeError as error:
        raise _refuse("not_utf8", _("The body is not UTF-8.")) from error
    except RecursionError as error:
        raise _too_deep() from error
    except json.JSONDecodeError as error:
        raise _refuse(
            "not_json",
            _("The body is not JSON: line %(line)d, column %(column)d.")
            % {"line": error.lineno, "column": error.colno},
        ) from error
    except ValueError as error:  # an integer of thousands of digits
        raise _refuse("number_out_of_range", _("A number is too large.")) from error
    _check(value)
    return value


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        # One byte more than the limit is read, so a missing or false Content-Length changes nothing.
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise TooLarge(
                "body_too_large",
                _("The body is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 1024 // 1024},
            )
        return parse(raw)
