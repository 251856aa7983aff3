"""The events as ``webhooks`` of OpenAPI 3.1: one for each kind that an app has registered.

Read when the schema is made, after all apps have registered theirs (``api.conf``).
"""

from __future__ import annotations

from typing import Any

from django.utils import translation
from drf_spectacular.utils import OpenApiWebhook

from . import kinds

_TEXT = {"type": "string"}
_HEADERS = {
    "webhook-id": "The same for every try of one event: whoever has seen it drops the rest.",
    "webhook-timestamp": "When this try was made, in seconds since 1970.",
    "webhook-signature": "One `v1,…` for each secret in force, parted by spaces.",
}


def _payload(kind: kinds.Kind) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {**_TEXT, "enum": [kind.code]},
            "timestamp": {**_TEXT, "format": "date-time", "description": "When it happened."},
            "data": {
                "type": "object",
                "required": ["id", "version", "state", "federation", "url"],
                "properties": {
                    "id": {**_TEXT, "format": "uuid"},
                    "version": {"type": "integer"},
                    "state": _TEXT,
                    "federation": {"type": ["string", "null"], "description": "Its code."},
                    "url": {**_TEXT, "format": "uri", "description": "Where to read the object."},
                },
            },
        },
    }


def _operation(kind: kinds.Kind) -> dict[str, Any]:
    with translation.override("en"):
        summary = str(kind.label)
    return {
        "operationId": f"webhook_{kind.code.replace('.', '_')}",
        "summary": summary,
        "description": f"Told to webhooks whose owner may see the object. Scope: `{kind.read_scope}`",
        "tags": ["webhooks"],
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": _TEXT, "description": text}
            for name, text in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _payload(kind)}},
        },
        "responses": {
            "2XX": {"description": "Received. Anything else is tried again, eight times in all."},
            "410": {"description": "The address is gone: the webhook is disabled."},
        },
    }


WEBHOOKS = [OpenApiWebhook(kind.code, {"post": _operation(kind)}) for kind in kinds.offered()]
