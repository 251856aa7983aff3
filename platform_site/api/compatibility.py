"""Does a change of the schema break a client that was written against the released one?

What is sent may only become wider, what is answered only narrower or richer: the rule of
docs/api.md, "What may change".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

Schema = Mapping[str, Any]

#: Limits of what is sent, and whether a smaller number takes less than before.
_UPPER = ("maxLength", "maximum", "maxItems", "exclusiveMaximum")
_LOWER = ("minLength", "minimum", "minItems", "exclusiveMinimum")


def breaking(old: Schema, new: Schema, today: dt.date) -> list[str]:
    """Each change that breaks a client, in words; empty where there is none."""
    return list(_Comparison(old, new, today).operations())


class _Comparison:
    def __init__(self, old: Schema, new: Schema, today: dt.date) -> None:
        self.old, self.new, self.today = old, new, today

    def operations(self) -> Iterator[str]:
        now = _operations(self.new)
        for key, old in _operations(self.old).items():
            name = old["operationId"]
            if key not in now:
                if not self._may_go(old):
                    yield f"{name}: the operation is gone"
                continue
            new = now[key]
            if new["operationId"] != name:
                yield f"{name}: is called {new['operationId']} now"
            for scope in sorted(_scopes(new) - _scopes(old)):
                yield f"{name}: needs the scope {scope} now"
            yield from self._parameters(name, old, new)
            yield from self._body(name, old, new)
            yield from self._answers(name, old, new)

    def _may_go(self, operation: Schema) -> bool:
        """Announced, and its day has come."""
        sunset = operation.get("x-sunset", "")
        return bool(operation.get("deprecated") and sunset and sunset <= self.today.isoformat())

    # --- What is sent ----------------------------------------------------------------------------
    def _parameters(self, name: str, old: Schema, new: Schema) -> Iterator[str]:
        before, now = _parameters(old), _parameters(new)
        for key, parameter in before.items():
            at = f"{name}: parameter {key[1]}"
            if key not in now:
                yield f"{at} is gone"
                continue
            if now[key].get("required") and not parameter.get("required"):
                yield f"{at} is required now"
            yield from self._sent(at, parameter["schema"], now[key]["schema"], ())
        for key, parameter in now.items():
            if key not in before and parameter.get("required"):
                yield f"{name}: parameter {key[1]} is new and required"

    def _body(self, name: str, old: Schema, new: Schema) -> Iterator[str]:
        before, now = old.get("requestBody"), new.get("requestBody")
        if before is None:
            if now and now.get("required"):
                yield f"{name}: a body is required now"
            return
        if now is None:
            yield f"{name}: takes no body any more"
            return
        if now.get("required") and not before.get("required"):
            yield f"{name}: a body is required now"
        for kind, media in before["content"].items():
            if kind not in now["content"]:
                yield f"{name}: takes no {kind} any more"
                continue
            yield from self._sent(
                f"{name}: body", media["schema"], now["content"][kind]["schema"], ()
            )

    def _sent(self, at: str, old: Schema, new: Schema, seen: tuple[Any, ...]) -> Iterator[str]:
        if (pair := (repr(old), repr(new))) in seen:  # a thing that holds its like
            return
        seen = (*seen, pair)
        old, new = _plain(old, self.old), _plain(new, self.new)
        gone = _types(old) - _types(new)
        if gone and _types(new):
            yield f"{at} takes no {'/'.join(sorted(gone))} any more"
        if "enum" in new:
            for value in old.get("enum", ["everything"]):
                if value not in new["enum"]:
                    yield f"{at} takes {value} no more"
        for word in ("format", "pattern"):
            if new.get(word) and new.get(word) != old.get(word):
                yield f"{at} has another {word} now"
        for words, sign in ((_UPPER, 1), (_LOWER, -1)):
            for word in words:
                if word in new and (word not in old or sign * (new[word] - old[word]) < 0):
                    yield f"{at} takes less: {word} {new[word]}"
        yield from self._below(at, old, new, seen, self._sent)
        for member in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield f"{at}: the member {member} is required now"

    # --- What is answered ------------------------------------------------------------------------
    def _answers(self, name: str, old: Schema, new: Schema) -> Iterator[str]:
        for code, answer in old["responses"].items():
            if not code.startswith("2"):
                continue
            if code not in new["responses"]:
                yield f"{name}: does not answer {code} any more"
                continue
            content = new["responses"][code].get("content", {})
            for kind, media in answer.get("content", {}).items():
                if kind not in content:
                    yield f"{name}: does not answer {kind} any more"
                    continue
                yield from self._told(
                    f"{name}: answer {code}", media["schema"], content[kind]["schema"], ()
                )
            for header in sorted(
                answer.get("headers", {}).keys() - new["responses"][code].get("headers", {}).keys()
            ):
                yield f"{name}: answer {code} has no {header} any more"

    def _told(self, at: str, old: Schema, new: Schema, seen: tuple[Any, ...]) -> Iterator[str]:
        if (pair := (repr(old), repr(new))) in seen:  # a thing that holds its like
            return
        seen = (*seen, pair)
        old, new = _plain(old, self.old), _plain(new, self.new)
        come = _types(new) - _types(old)
        if _types(old) and (come or not _types(new)):
            yield f"{at} may be {'/'.join(sorted(come)) or 'anything'} now"
        if "enum" in old:
            if "enum" not in new:
                yield f"{at} is no longer one of a list"
            for value in old["enum"]:
                if value not in new.get("enum", [value]):
                    yield f"{at} is never {value} any more"
        if old.get("format") and old.get("format") != new.get("format"):
            yield f"{at} has another format now"
        yield from self._below(at, old, new, seen, self._told)
        for member in sorted(set(old.get("required", ())) - set(new.get("required", ()))):
            if member in new.get("properties", {}):
                yield f"{at}: the member {member} may be missing now"

    def _below(
        self, at: str, old: Schema, new: Schema, seen: tuple[Any, ...], compare: Any
    ) -> Iterator[str]:
        members = new.get("properties", {})
        for member, schema in old.get("properties", {}).items():
            if member not in members:
                yield f"{at}: the member {member} is gone"
            else:
                yield from compare(f"{at}.{member}", schema, members[member], seen)
        if "items" in old and "items" in new:
            yield from compare(f"{at}[]", old["items"], new["items"], seen)
        if isinstance(old.get("additionalProperties"), Mapping) and isinstance(
            new.get("additionalProperties"), Mapping
        ):
            yield from compare(
                f"{at}{{}}", old["additionalProperties"], new["additionalProperties"], seen
            )


def _operations(schema: Schema) -> dict[tuple[str, str], Schema]:
    """By method and address; what a part of the address is called is not seen by a client."""
    return {
        (method, re.sub(r"\{\w+\}", "{}", path)): operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def _parameters(operation: Schema) -> dict[tuple[str, str], Schema]:
    """Those of the query and the headers; the address has its own by place."""
    return {
        (each["in"], each["name"]): each
        for each in operation.get("parameters", ())
        if each["in"] != "path"
    }


def _scopes(operation: Schema) -> set[str]:
    return {scope for each in operation["security"] for scopes in each.values() for scope in scopes}


def _plain(schema: Schema, document: Schema) -> dict[str, Any]:
    """One flat schema: references followed, and a choice between something and null put together."""
    plain = dict(schema)
    while "$ref" in plain:
        name = plain.pop("$ref").rpartition("/")[2]
        plain = {**document["components"]["schemas"][name], **plain}
    for part in plain.pop("allOf", ()):
        plain = _with(plain, _plain(part, document))
    for word in ("oneOf", "anyOf"):
        parts = plain.pop(word, ())
        ways = [_plain(part, document) for part in parts if part != {"type": "null"}]
        if ways:
            plain = _with(plain, reduce(_either, ways))
        if {"type": "null"} in parts:
            plain["type"] = sorted(_types(plain) | {"null"})
            if "enum" in plain:
                plain["enum"] = [*plain["enum"], None]
    return plain


def _with(plain: Schema, inner: Schema) -> dict[str, Any]:
    kinds = sorted(_types(plain) | _types(inner))
    return {**plain, **inner, **({"type": kinds} if kinds else {})}


def _either(one: Schema, other: Schema) -> dict[str, Any]:
    """What holds of both: all their members, those required that both require, every value of a list."""
    both = _with(one, other)
    mine, theirs = one.get("properties", {}), other.get("properties", {})
    if mine or theirs:
        both["properties"] = {
            name: {"oneOf": [mine[name], theirs[name]]}
            if name in mine and name in theirs and mine[name] != theirs[name]
            else mine.get(name, theirs.get(name))
            for name in {**mine, **theirs}
        }
        both["required"] = [
            each for each in one.get("required", ()) if each in other.get("required", ())
        ]
    if "enum" in one and "enum" in other:
        both["enum"] = [*one["enum"], *(each for each in other["enum"] if each not in one["enum"])]
    else:
        both.pop("enum", None)
    return both


def _types(schema: Schema) -> set[str]:
    kinds = schema.get("type", ())
    return {kinds} if isinstance(kinds, str) else set(kinds)
