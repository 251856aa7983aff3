"""Who asks, and after which objects: read once from the platform under test, by its own lists.

A new resource needs nothing here as long as its objects are found in a list of the API: one at
``/things/`` for ``/things/{id}/``. Whatever else names an object stands in :data:`ELSEWHERE`;
an address without any object to name stops the run.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import requests
import schemathesis

API = os.environ["CONTRACT_API"]
TOKENS: dict[str, str] = json.loads(os.environ["CONTRACT_TOKENS"])
#: Members of bodies that name objects which no list has, by the address of those objects.
ELSEWHERE = {"/attachments/{id}/": ("attachments", "result")}
ROWS = 25

#: By the address of an object: whoever sees it, and what fills the address.
Found = dict[str, list[tuple[str, dict[str, str]]]]


def _get(path: str, person: str, **params: Any) -> Any:
    answer = requests.get(
        API + path, params=params, headers={"Authorization": f"Bearer {TOKENS[person]}"}, timeout=30
    )
    return answer.json() if answer.status_code == 200 else None


def _named(body: Any, members: tuple[str, ...]) -> Iterator[str]:
    if isinstance(body, dict):
        for name, value in body.items():
            if name in members:
                rows = value if isinstance(value, list) else [value]
                yield from (row["id"] for row in rows if isinstance(row, dict))
            yield from _named(value, members)
    elif isinstance(body, list):
        for each in body:
            yield from _named(each, members)


def harvest() -> Found:
    schema = requests.get(API + "/openapi.json", timeout=60).json()
    paths = [path.removeprefix("/api/v1") for path in schema["paths"]]
    things = sorted(
        {match[0] for path in paths if (match := re.match(r".*\}/", path))}, key=lambda each: each.count("{")
    )
    found: Found = {path: [] for path in things}
    for path in things:
        parent, key = re.fullmatch(r"(.*)\{(\w+)\}/", path).groups()  # type: ignore[union-attr]
        above = re.match(r".*\}/", parent)
        begins = found[above[0]] if above else [(person, {}) for person in TOKENS]
        for person, filled in begins[: 4 * len(TOKENS)]:
            page = _get(parent.format(**filled), person, page_size=ROWS) if parent in paths else None
            for row in (page or {}).get("results", []):
                name = key if key in row else "id"
                found[path].append((person, {**filled, key: str(row[name])}))
    for path, members in ELSEWHERE.items():
        for thing in things:
            for person, filled in found[thing][:40]:
                body = _get(thing.format(**filled), person) if thing in paths else None
                found[path] += [(person, {"id": each}) for each in _named(body, members)]
    empty = sorted(path for path, rows in found.items() if not rows)
    assert not empty, f"no object to name at {empty}: see tests/contract/hooks.py"
    return found


FOUND = harvest()

#: Members of bodies whose right values only the platform under test knows.
VALUES: dict[str, Any] = json.loads(os.environ["CONTRACT_VALUES"])


def _thing(path: str) -> str | None:
    """``/reports/{id}/`` for ``/reports/{id}/submit/``."""
    match = re.match(r".*\}/", path.removeprefix("/api/v1"))
    return match[0] if match else None


def _is_positive(case: Any) -> bool:
    return case.meta is None or case.meta.generation.mode == schemathesis.GenerationMode.POSITIVE


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A request that keeps to the schema names an object that is there, and its version."""
    if not _is_positive(case):
        return
    # Nobody can make up what is opaque.
    (case.query or {}).pop("cursor", None)
    if isinstance(case.body, dict):
        for name in VALUES.keys() & case.body.keys():
            case.body[name] = VALUES[name]
    path = _thing(case.operation.path)
    if path is None:
        return
    rows = FOUND[path]
    person, filled = rows[hash(str(case.path_parameters)) % len(rows)]
    case.path_parameters = dict(filled)
    headers = case.headers or {}
    headers["Authorization"] = f"Bearer {TOKENS[person]}"
    if "If-Match" in headers:
        answer = requests.get(
            API + path.format(**filled), headers={"Authorization": headers["Authorization"]}, timeout=30
        )
        headers["If-Match"] = answer.headers.get("ETag", '"v1"')
    case.headers = headers


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Characters that cannot be kept are refused everywhere; a schema has no word for them."""
    if response.status_code != 400:
        return True
    return response.json().get("code") not in {"hostile_text", "unreadable", "not_utf8"}


@schemathesis.auth()
class SomebodysToken:
    """Each case asks as one of the people, chosen by what it sends, so that a failure comes again."""

    def get(self, case: Any, context: Any) -> str:
        people = sorted(TOKENS)
        return TOKENS[people[hash(str(case.body) + str(case.query)) % len(people)]]

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
