"""How answers are written: JSON in UTF-8, decimals as strings, instants with the local offset."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.utils import timezone
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def _default(value: Any) -> Any:
    if isinstance(value, Promise | Decimal):
        return str(value)
    if isinstance(value, datetime.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return JSONEncoder().default(value)


def dumps(data: Any) -> bytes:
    try:
        return orjson.dumps(data, default=_default, option=_OPTIONS)
    except TypeError:
        # orjson has no integer beyond 64 bits; a stored answer may be one.
        return json.dumps(data, cls=JSONEncoder, ensure_ascii=False).encode("utf-8", "replace")


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else dumps(data)


class AsItIs(BaseRenderer):
    """The file server answers itself, whatever type the caller would like."""

    media_type = "*/*"
    format = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return data
