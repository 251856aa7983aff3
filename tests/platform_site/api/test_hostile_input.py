"""What no schema excludes and every operation refuses: unreadable is 400, a wrong field 422.

The routes are those of ``tests/access.csv``: a new one is covered as soon as it has its row.
"""

from __future__ import annotations

import json

import pytest
from django.db import transaction

from tests.access.bodies import BODIES, PATCHES
from tests.access.requests import address, rows
from tests.access.world import world  # noqa: F401

pytestmark = pytest.mark.django_db

READ = [row for row in rows() if row["method"] == "GET" and row["route"].startswith("api:")]
#: Of these nobody asks for anything: they describe the interface.
OPEN = {"api:versions", "api:schema", "api:docs", "api:redoc", "api:problem", "api:index"}
WRITE = [
    row
    for row in rows()
    if row["method"] in {"POST", "PATCH"}
    and row["route"].startswith("api:")
    # Files come as multipart: tests/platform_site/{attachments,documents}/.
    and not row["route"].startswith(
        (
            *("api:attachments-", "api:document-templates-list"),
            *("api:reports-take-in-workbook", "api:report-scans-list"),
            "api:reports-take-in-gathering",
        )
    )
]
DEEP = 10_000
BODIES_OF_EVIL = {
    "NUL": b'{"note": "a\\u0000b"}',
    "NUL in a name": b'{"no\\u0000te": "a"}',
    "half a pair": b'{"note": "\\ud800"}',
    "not UTF-8": b'{"note": "\xff"}',
    "depth": b"[" * DEEP + b"]" * DEEP,
    "depth of objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "digits": b'{"note": ' + b"9" * 10_000 + b"}",
    "infinity": b'{"note": 1e999}',
    "twice": b'{"note": "a", "note": "b"}',
    "no JSON": b"{'note': 1}",
    "nothing but blanks": b"   ",
}


def person_of(row):
    """Somebody who gets in."""
    return next(
        (
            name
            for name in ("national_officer", "national_leader", "guangdong_officer")
            if row[name] == "+"
        ),
        None,
    )


@pytest.fixture
def clients(world, api_for):  # noqa: F811
    made = {}

    def client(row):
        name = person_of(row)
        if name is None:
            return None
        if name not in made:
            made[name] = api_for(world["people"][name])
        return made[name]

    return client


def ask(client, row, url, body=None, **headers):
    with transaction.atomic():
        answer = client.generic(
            row["method"],
            url,
            b"" if body is None else body,
            content_type="application/json",
            headers=headers,
        )
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("query", ["a=%00", "search=%00", "search=%ff", "cursor=%C2%85", "%00=1"])
def test_hostile_queries_are_400_everywhere(query, world, clients):  # noqa: F811
    wrong = []
    for row in READ:
        if client := clients(row):
            answer = ask(client, row, f"{address(row, world)}?{query}")
            if (answer.status_code, answer["Content-Type"]) != (400, "application/problem+json"):
                wrong.append((row["route"], answer.status_code))
            elif not answer.json()["detail"] or not answer.json()["code"]:
                wrong.append((row["route"], answer.json()))
    assert wrong == []


def test_hostile_addresses_are_400_everywhere(world, clients):  # noqa: F811
    wrong = []
    for row in [*READ, *WRITE]:
        if client := clients(row):
            answer = ask(client, row, address(row, world).rstrip("/") + "%00/", if_match='"v1"')
            if answer.status_code != 400:
                wrong.append((row["route"], answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("name", BODIES_OF_EVIL)
def test_hostile_bodies_are_400_everywhere(name, world, clients):  # noqa: F811
    wrong = []
    for row in WRITE:
        if client := clients(row):
            thing = world.get(row["object"].partition(".")[0])
            version = f'"v{getattr(thing, "version", 1)}"'
            url = address(row, world)
            answer = ask(client, row, url, BODIES_OF_EVIL[name], if_match=version)
            if answer.status_code != 400 or not answer.json()["detail"]:
                wrong.append((row["method"], row["route"], answer.status_code))
    assert wrong == []


def test_a_body_of_10_mb_is_413_everywhere(world, clients):  # noqa: F811
    body = b'{"note": "' + b"a" * 10 * 1024 * 1024 + b'"}'
    wrong = []
    for row in WRITE:
        if client := clients(row):
            thing = world.get(row["object"].partition(".")[0])
            version = f'"v{getattr(thing, "version", 1)}"'
            answer = ask(client, row, address(row, world), body, if_match=version)
            if (answer.status_code, answer.json()["code"]) != (413, "body_too_large"):
                wrong.append((row["method"], row["route"], answer.status_code))
    assert wrong == []


@pytest.mark.parametrize(
    "value",
    [2**63, -(2**63) - 1, 10**30, "9999-99-99", "0000-00-00", "99999999-01-01", [], {}, True],
)
def test_values_beyond_everything_are_answered_beside_their_field(value, world, clients):  # noqa: F811
    """Each member of the bodies that the table of access sends, one after the other."""
    wrong = []
    for row in WRITE:
        body = (PATCHES if row["method"] == "PATCH" else BODIES).get(row["route"], {})
        client = clients(row)
        for member in body if client else ():
            thing = world.get(row["object"].partition(".")[0])
            version = f'"v{getattr(thing, "version", 1)}"'
            sent = json.dumps({**body, member: value}).encode()
            answer = ask(client, row, address(row, world), sent, if_match=version)
            # Some take a number for its digits, as text; none fails.
            fine = {200, 201, 202, 204, 403, 404, 409, 412, 422}
            if answer.status_code not in fine:
                wrong.append((row["route"], member, answer.status_code))
            if answer.status_code == 422 and not answer.json()["errors"]:
                wrong.append((row["route"], member, answer.json()))
    assert wrong == []
