"""Every route × every person, against ``tests/access.csv``, which is written by hand.

A cell says how far the person gets at the object, which is Guangdong's:

``+``      gets in: a page, a redirect inside, or a word about what was sent (400, 409, 412, 422, …)
``403``    sees it, but it is not theirs to do
``404``    there is no such thing, as far as they can tell
``in``     must sign in first (redirect), or send a token (401)

Objects that begin with ``draft`` are not filed or issued yet. A route or a method that the table
does not name fails the tests; so does a row whose route is gone.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.urls import get_resolver

from tests.conftest import CAST

from .requests import Nowhere, address, business, name_of, rows, send, status_of, visit

pytestmark = pytest.mark.django_db

PEOPLE = ("anonymous", *CAST)


def routes(patterns: Any = None, api: bool = False) -> set[str]:
    """Every named route: pages by name, the API's with ``api:`` before it."""
    names = set()
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        inside_api = api or str(pattern.pattern).startswith("api/")
        if hasattr(pattern, "url_patterns"):
            names |= routes(pattern.url_patterns, inside_api)
        elif pattern.name:
            names.add(f"api:{pattern.name}" if inside_api else pattern.name)
    return names


def test_every_route_has_its_row():
    assert {row["route"] for row in rows()} == routes()


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_gets_as_far_as_the_table_says(name, world, clients):
    client = clients(name)
    wrong = []
    for row in rows():
        got = visit(client(row), row, world)
        if got != row[name]:
            wrong.append(f"{name_of(row)}: {got}, not {row[name]}")
    assert "\n".join(wrong) == ""


def test_no_method_beyond_those_of_the_table(world, clients):
    """Asked by somebody who gets in. The forms of the sign-in pages are django-allauth's."""
    listed = {(row["route"], row["method"]) for row in rows()}
    offered = []
    for name in ("national_officer", "guangdong_officer", "security_administrator", "auditor"):
        client = clients(name)
        for row in [row for row in rows() if row[name] == "+"]:
            if row["route"].startswith(("account_", "mfa_")):
                continue
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                if (row["route"], method) not in listed:
                    listed.add((row["route"], method))
                    other = {**row, "method": method}
                    if (got := visit(client(other), other, world)) not in {"403", "405"}:
                        offered.append(f"{name_of(other)}: {got}")
    # They describe the interface, whatever the method.
    described = {"api:versions", "api:problem"}
    assert [each for each in offered if each.split()[1].removesuffix(":") not in described] == []


@pytest.mark.parametrize("name", ["hunan_officer", "system_administrator"])
def test_what_is_hidden_answers_like_what_is_missing(name, world, clients):
    """Same status, same size, same words: nobody learns that there is something."""
    client = clients(name)
    missing = {key: Nowhere(thing) for key, thing in world.items()} | {"people": world["people"]}

    def told(row: dict[str, str], things: dict[str, Any]) -> tuple[Any, ...]:
        with transaction.atomic():
            answer = send(client(row), row, things)
            transaction.set_rollback(True)
        # Addresses, request numbers and form tokens differ from answer to answer.
        body = answer.content.decode().replace(address(row, things), "-")
        body = re.sub(r"[0-9a-f-]{36}", "-", body)
        body = re.sub(r"[A-Za-z0-9]{64}", "-", body)
        body = re.sub(r'"(id|instance)":"[^"]*"', "-", body)  # of the items of a bulk
        headers = {key for key in answer.headers if key != "Content-Length"}
        return answer.status_code, len(answer.content), body, headers

    differing = [
        name_of(row)
        for row in rows()
        if row[name] == "404" and row["object"] and told(row, world) != told(row, missing)
    ]
    assert "\n".join(differing) == ""


def test_the_auditor_changes_nothing(world, clients):
    """Whatever is sent, it is refused or touches the auditor's own account alone."""
    own = {"set-language", "settings", "token-create", "notification-read-all"}
    own |= {"reminder-settings", "calendar-make", "calendar-revoke"}
    own |= {"api:reminder-settings-list", "api:notifications-read-all"}
    own |= {
        "export-start",
        "api:exports-list",
        "summary-build",
        "api:summary-files-list",
        "circular-build",
        "api:circular-files-list",
        "matrix-export",
        "api:notices-export-overview",
        "figure-export",
        "api:figures-export",
    }  # a job of one's own, which only reads
    own |= {
        "attachment-upload",
        "attachment-announce",
        "api:attachments-list",
    }  # a loose file, which belongs to no record
    own |= {"webhook-create", "api:webhooks-list"}  # as tokens are
    client, before = clients("auditor"), business()
    unsafe = [row for row in rows() if row["method"] != "GET" and row["route"] not in own]
    assert len(unsafe) > 60
    statuses = {name_of(row): status_of(send(client(row), row, world)) for row in unsafe}
    assert [each for each in statuses.items() if each[1] not in (403, 404, 405)] == []
    assert business() == before
