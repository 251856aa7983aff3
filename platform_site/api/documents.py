"""The schema as a document: in two languages, as OpenAPI 3.1 and, for old generators, as 3.0."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import get_urlconf
from django.utils import translation
from django.utils.translation import gettext

from .schema import COMPOSED, Generator, map_texts

VERSIONS = ("3.1", "3.0")
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


def raw(language: str) -> dict[str, Any]:
    """What the generator says, docstrings in English."""
    with translation.override(language):
        schema = Generator(api_version="v1").get_schema(request=None, public=True)
        plain: dict[str, Any] = json.loads(json.dumps(schema, default=str))
    return plain


def document(language: str, oas: str = "3.1") -> dict[str, Any]:
    """The whole schema in ``language``; the same to everybody, whatever their rights."""
    with translation.override(language):
        schema: dict[str, Any] = map_texts(raw(language), gettext)
    return to_3_0(schema) if oas == "3.0" else schema


def served(language: str, oas: str) -> bytes:
    """The document as bytes, made once for each process."""
    return _served(language, oas, get_urlconf() or settings.ROOT_URLCONF)


@functools.lru_cache(maxsize=8)
def _served(language: str, oas: str, urlconf: str) -> bytes:
    return json.dumps(document(language, oas), ensure_ascii=False).encode()


def source_texts() -> set[str]:
    """The paragraphs that no code translates: docstrings and plain help texts, for the catalogue."""
    texts: list[set[str]] = []
    for language in LANGUAGES:
        words: set[str] = set()
        map_texts(raw(language), functools.partial(_kept, words))
        texts.append(words)
    # What code translates differs between the languages; what it composes is no text of its own.
    with translation.override("en"):
        composed = [
            re.compile(re.sub(r"%\\\(\w+\\\)s", ".+", re.escape(str(text)))) for text in COMPOSED
        ]
    return {
        text
        for text in set.intersection(*texts)
        if not any(pattern.fullmatch(text) for pattern in composed)
    }


def _kept(words: set[str], text: str) -> str:
    words.add(text)
    return text


# --- OpenAPI 3.0 -----------------------------------------------------------------------------------
def to_3_0(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A document of 3.1 in the words of 3.0.3, which knows neither lists of types nor ``null``, and no
    webhooks.
    """
    known = {name: value for name, value in schema.items() if name != "webhooks"}
    plain: dict[str, Any] = _older({**known, "openapi": "3.0.3"})
    for methods in plain["paths"].values():
        for operation in methods.values():
            # In 3.0 only OAuth has scopes; the description names them too.
            operation["security"] = [{name: [] for name in each} for each in operation["security"]]
    return plain


def _older(value: Any, names: bool = False) -> Any:
    if isinstance(value, list):
        return [_older(each) for each in value]
    if not isinstance(value, dict):
        return value
    if names:
        return {key: _older(each) for key, each in value.items()}
    older = {
        key: each
        if key in {"example", "examples", "default", "enum", "security"}
        else _older(each, names=key in {"properties", "schemas"})
        for key, each in value.items()
    }
    return _older_schema(older)


def _older_schema(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = schema.get("type")
    if isinstance(kinds, list):
        others = [kind for kind in kinds if kind != "null"]
        schema.pop("type")
        if len(others) == 1:
            schema["type"] = others[0]
        else:
            schema["anyOf"] = [{"type": kind} for kind in others]
        if "null" in kinds:
            schema["nullable"] = True
    for word in ("oneOf", "anyOf"):
        choices = schema.get(word)
        if isinstance(choices, list) and {"type": "null"} in choices:
            rest = [each for each in choices if each != {"type": "null"}]
            del schema[word]
            # A reference stands alone in 3.0: what is said beside it needs ``allOf``.
            schema |= {"allOf" if len(rest) == 1 else word: rest, "nullable": True}
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if schema.get("contentMediaType") and schema.get("type") == "string":
        schema.pop("contentMediaType")
        schema["format"] = "binary"
    if "$ref" in schema and len(schema) > 1:
        schema["allOf"] = [{"$ref": schema.pop("$ref")}]
    # An example of a schema is one value in 3.0; examples of a body or parameter have names in both.
    if isinstance(schema.get("examples"), list):
        schema["example"] = schema.pop("examples")[0]
    return schema
