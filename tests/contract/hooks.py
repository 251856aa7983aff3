"""Who asks, and after which objects: read once from the platform under test, by its own lists.

A new resource needs nothing here as long as its objects are found in a list of the API: one at
``/things/`` for ``/things/{id}/``. Whatever else names an object stands in :data:`ELSEWHERE`;
an address without any object to name stops the run.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import requests
import schemathesis

from platform_site.text.clean import find_hostile

from . import BYTES

API = os.environ["CONTRACT_API"]
TOKENS: dict[str, str] = json.loads(os.environ["CONTRACT_TOKENS"])
#: Members of bodies that name objects which no list has, by the address of those objects.
ELSEWHERE = {"/attachments/{id}/": ("attachments", "result")}
#: What nobody can make up: a cursor, the names of columns, a file that hangs on this very record.
MADE_UP = {"cursor", "fields", "scan", "owner"}
#: Headers that must be true of the bytes beside them.
OF_BYTES = {"Content-Range", "Content-Digest", "Repr-Digest"}
#: Whoever asks keeps account and office: what ends them is tried on others.
PERSONAL = {"/accounts/{id}/", "/offices/{id}/"}
ROWS = 25
#: Made for this run: more rows for an address, or what one operation is to be tried on first.
GIVEN: dict[str, list[Any]] = json.loads(os.environ["CONTRACT_FOUND"])
#: What each phase may spend of what is given: in each, something must succeed.
SHARES = {operation: -(-len(given) // 4) for operation, given in GIVEN.items()}
SPENT: Counter[tuple[str, Any]] = Counter()

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


SCHEMA = requests.get(API + "/openapi.json", timeout=60).json()
PATHS = {path.removeprefix("/api/v1"): each for path, each in SCHEMA["paths"].items()}
#: Addresses that answer what stands there.
READ = {path for path, operations in PATHS.items() if "get" in operations}


def harvest() -> Found:
    paths = list(PATHS)
    things = sorted(
        {match[0] for path in paths if (match := re.match(r".*\}/", path))},
        key=lambda each: each.count("{"),
    )
    found: Found = {path: [] for path in things}
    for path in things:
        parent, key = re.fullmatch(r"(.*)\{(\w+)\}/", path).groups()  # type: ignore[union-attr]
        above = re.match(r".*\}/", parent)
        begins = found[above[0]] if above else [(person, {}) for person in TOKENS]
        for person, filled in begins[: 4 * len(TOKENS)]:
            page = (
                _get(parent.format(**filled), person, page_size=ROWS) if parent in paths else None
            )
            for row in (page or {}).get("results", []):
                if path in PERSONAL and row["username"] in TOKENS:
                    continue
                # ``report_id`` and ``form_code`` name what its own list calls ``id`` and ``code``.
                name = key if key in row else key.rpartition("_")[2]
                found[path].append((person, {**filled, key: str(row[name])}))
    for path, members in ELSEWHERE.items():
        for thing in things:
            for person, filled in found[thing][:40]:
                body = _get(thing.format(**filled), person) if thing in paths else None
                found[path] += [(person, {"id": each}) for each in _named(body, members)]
    for path in found.keys() & GIVEN.keys():
        found[path] += [(person, filled) for person, filled in GIVEN[path]]
    empty = sorted(path for path, rows in found.items() if not rows)
    assert not empty, f"no object to name at {empty}: see tests/contract/hooks.py"
    return found


FOUND = harvest()

#: Members of bodies whose right values only the platform under test knows, by operation.
VALUES: dict[str, dict[str, Any]] = json.loads(os.environ["CONTRACT_VALUES"])
#: Whose business it is alone, by operation.
ASKERS: dict[str, str] = json.loads(os.environ["CONTRACT_ASKERS"])
#: Whom an operation refused: somebody else asks next time, as long as there is somebody.
REFUSED: set[tuple[str, str]] = set()


def _thing(path: str) -> str | None:
    """``/reports/{id}/`` for ``/reports/{id}/submit/``."""
    match = re.match(r".*\}/", path.removeprefix("/api/v1"))
    return match[0] if match else None


def _is_positive(case: Any) -> bool:
    return case.meta is None or case.meta.generation.mode == schemathesis.GenerationMode.POSITIVE


def _without_hostile(value: Any) -> Any:
    """Characters that cannot be kept are refused everywhere; a schema has no word for them."""
    if isinstance(value, dict):
        return {_without_hostile(key): _without_hostile(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_hostile(each) for each in value]
    if isinstance(value, str):
        return "".join(each for each in value if not find_hostile(each)) or "字"
    return value


def _welcome(label: str, people: list[str]) -> list[str]:
    return [each for each in people if (label, each) not in REFUSED] or people


def _ask_for(path: str, person: str) -> requests.Response:
    return requests.get(
        API + path, headers={"Authorization": f"Bearer {TOKENS[person]}"}, timeout=30
    )


def _fresh(value: Any) -> Any:
    """A value with what no other may have: ``{new}`` for names, ``{字}`` for words in Chinese."""
    if not isinstance(value, str):
        return value
    word = "".join(chr(0x4E00 + int(digit, 16)) for digit in uuid.uuid4().hex[:8])
    return value.replace("{new}", uuid.uuid4().hex[:8]).replace("{字}", word)


def _given(case: Any) -> Any:
    """What this operation is to be tried on first: who, the address, and members of the body."""
    operation = case.operation.definition.raw["operationId"]
    phase = case.meta.phase.name if case.meta else None
    if not GIVEN.get(operation) or SPENT[operation, phase] >= SHARES[operation]:
        return None
    SPENT[operation, phase] += 1
    person, filled, *body = GIVEN[operation].pop()
    return person, filled, body[0] if body else {}


def _drop_sparse(case: Any) -> None:
    """Rows of which only some members were asked for, and rightly, are not those of the schema."""
    path = case.operation.path.removeprefix("/api/v1")
    asked = case.query.get("fields") if isinstance(case.query, dict) else None
    if not isinstance(asked, list) or "get" not in PATHS.get(path, {}):
        return
    known = next(
        (
            each["schema"]["items"]["enum"]
            for each in PATHS[path]["get"]["parameters"]
            if each["name"] == "fields"
        ),
        [],
    )
    if asked and all(name in known for name in asked) and len(asked) == len(set(map(str, asked))):
        del case.query["fields"]


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A request that keeps to the schema names an object that is there, and its version."""
    _drop_sparse(case)
    if not _is_positive(case):
        return
    values = VALUES["*"] | VALUES.get(case.operation.definition.raw["operationId"], {})
    for part in (case.query, case.body):
        if isinstance(part, dict):
            for name in MADE_UP & part.keys():
                del part[name]
            for name in part:
                part[name] = (
                    _fresh(values[name]) if name in values else _without_hostile(part[name])
                )
    if isinstance(case.query, dict) and "format" in case.query:
        case.query.pop("page_size", None)  # a table has no pages
    for name in OF_BYTES & set(case.headers or {}):
        del case.headers[name]
    if "Range" in (case.headers or {}):
        # How long a file is no schema says: a part behind its end is refused (416), as it should be.
        case.headers["Range"] = "bytes=0-9"
    if case.media_type == "application/octet-stream":
        case.body = BYTES
    if "Idempotency-Key" in (case.headers or {}):
        # Made-up keys are short and come again, with another request: which is refused.
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if case.method == "POST" and isinstance(case.body, dict) and "id" in case.body:
        case.body["id"] = str(uuid.uuid4())  # the example's belongs to the first who sent it
    path, label = _thing(case.operation.path), case.operation.label
    same = case.operation.path.removeprefix("/api/v1")
    headers = case.headers or {}
    given = _given(case)
    if given and isinstance(case.body, dict):
        case.body |= given[2]
    if path is None:
        if "If-Match" in headers:
            bearer = {"Authorization": headers["Authorization"]}
            headers["If-Match"] = requests.get(API + same, headers=bearer, timeout=30).headers[
                "ETag"
            ]
        return
    if given:
        person, filled, _members = given
    else:
        seen_by = {person for person, _filled in FOUND[path]}
        first = _welcome(label, [each for each in TOKENS if each in seen_by])[0]
        rows = [row for row in FOUND[path] if row[0] == first]
        person, filled = rows[hash(str(case.path_parameters)) % len(rows)]
    case.path_parameters = dict(filled)
    headers["Authorization"] = f"Bearer {TOKENS[person]}"
    if "If-Match" in headers:
        # What has a version of its own at this very address, as the rules of a notice have.
        asked = same if same in READ else path
        headers["If-Match"] = _ask_for(asked.format(**filled), person).headers.get("ETag", '"v1"')
    if isinstance(case.body, dict) and "question" in case.body:
        report = _ask_for("/reports/{report_id}/".format(**filled), person).json()
        case.body["question"] = min(report.get("answers", {}), default="content")
    case.headers = headers


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Whoever was refused asks no more, and what is gone is not asked for again."""
    if response.status_code not in {403, 404} or not _is_positive(case):
        return
    bearer = (case.headers or {}).get("Authorization", "").removeprefix("Bearer ")
    person = next((name for name, token in TOKENS.items() if token == bearer), "")
    path = _thing(case.operation.path)
    if response.status_code == 403 or path is None:
        REFUSED.add((case.operation.label, person))
    else:
        row = (person, case.path_parameters)
        if row in FOUND[path] and len(FOUND[path]) > 1:
            FOUND[path].remove(row)


@schemathesis.auth(refresh_interval=None)
class SomebodysToken:
    """Each case asks as one of the people, chosen by what it sends, so that a failure comes again."""

    def get(self, case: Any, context: Any) -> str:
        people = list(TOKENS)
        if asker := ASKERS.get(case.operation.definition.raw["operationId"]):
            return TOKENS[asker]
        if _is_positive(case):
            return TOKENS[_welcome(case.operation.label, people)[0]]
        return TOKENS[people[hash(str(case.body) + str(case.query)) % len(people)]]

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
