"""Examples of the schema: what was really sent and answered, recorded by ``make schema``.

``data/examples.json`` holds, for each operation, the address, the body and the answer; the recorder
is tests/platform_site/api/test_examples.py.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("data") / "examples.json"

#: Values of parameters that no recording names, by their schema.
_BY_NAME = {
    "If-Match": '"v1"',
    "If-None-Match": '"v1-0123456789abcdef"',
    "cursor": "WzAsIi1pc3N1ZWRfYXQsLWlkIixbIjIwMjYtMDktMTQiLCIwIl1d",
    "search": "工会",
    "federation": "440000",
    "parent": "440000",
    "year": 2026,
    "page_size": 50,
}
_BY_FORMAT = {
    "date": "2026-09-14",
    "date-time": "2026-09-14T10:00:00+08:00",
    "uuid": "00000000-0000-4000-8000-000000000001",
}
_BY_TYPE = {"boolean": True, "integer": 1, "number": 1, "string": "text"}


#: What the recorder sends in another of its forms only.
_UNPLAYED: dict[tuple[str, str], Any] = {
    ("attachments_create", "application/json"): {
        "filename": "附件.txt",
        "size": 6,
        "sha256": "ffca36ee9cc47e86a2ae7b1de3e4b25b1b5fc9e9ecc5dcd4ec3d1bb1a3a5e7a1",
    },
    ("attachments_put_content", "application/octet-stream"): "摘要",
}


@functools.cache
def recorded() -> dict[str, dict[str, Any]]:
    examples: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return examples


def add_to(operation: dict[str, Any]) -> None:
    """Put the recorded example of the operation into it, where there is one."""
    example = recorded().get(operation["operationId"], {})
    for parameter in operation.get("parameters", ()):
        named = example.get("address", {})
        name = parameter["name"]
        value = named.get(name, _value(name, parameter["schema"]))
        parameter["example"] = int(value) if parameter["schema"].get("type") == "integer" else value
    for kind, media in operation.get("requestBody", {"content": {}})["content"].items():
        if (operation["operationId"], kind) in _UNPLAYED:
            media["example"] = _UNPLAYED[operation["operationId"], kind]
        elif "body" in example:
            media["example"] = example["body"]
    if "answer" in example:
        media = operation["responses"][example["status"]]["content"]["application/json"]
        media["example"] = example["answer"]


def _value(name: str, schema: dict[str, Any]) -> Any:
    if schema.get("type") == "array":
        return [_value(name.removesuffix("__in"), schema["items"])]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    value = _BY_NAME.get(name, _BY_TYPE[schema["type"]])
    least = schema.get("minimum", 0)
    return max(value, least) if schema["type"] == "integer" else value
