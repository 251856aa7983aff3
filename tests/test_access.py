"""Every route × every person, against ``tests/access.csv``, which is written by hand.

A cell says how far the person gets at the object, which is Guangdong's:

``+``      gets in: a page, a redirect inside, or a word about what was sent (400, 409, 412, 422, …)
``403``    sees it, but it is not theirs to do
``404``    there is no such thing, as far as they can tell
``in``     must sign in first (redirect), or send a token (401)
``405``    not with this method

A route that the table does not name fails the test; so does a row whose route is gone.
"""

from __future__ import annotations

import csv
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from platform_site.attachments.services import upload
from platform_site.federations.models import Holding
from platform_site.notifications.models import Delivery, PortalNotice
from reports import services
from tests.conftest import CAST

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).with_name("access.csv")
PEOPLE = ("anonymous", *CAST)
GOT_IN = {200, 201, 204, 302, 303, 304, 400, 409, 410, 412, 413, 415, 422, 428}


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


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


@pytest.fixture
def world(submitted_report, ready_report, guangdong_officer, national_officer, guangdong, request):
    """The objects that the addresses name, all of them Guangdong's or about Guangdong."""
    people = {name: request.getfixturevalue(name) for name in CAST}
    report = submitted_report
    comment = services.add_comment(report, by=national_officer, question="goals", text="待议。")
    report.refresh_from_db()
    notice = report.notice
    file = upload(
        SimpleUploadedFile("附件.txt", "摘要".encode()), by=guangdong_officer, name="附件.txt"
    )
    delivery = Delivery.objects.filter(user=guangdong_officer).first() or Delivery.objects.first()
    bell = PortalNotice.objects.create(
        user=guangdong_officer, key="t", event="t", title="t", body="t", url="/w/"
    )
    return {
        "people": people,
        "notice": notice,
        "obligation": report.obligation,
        "report": report,
        "comment": comment,
        "attachment": file,
        "delivery": delivery,
        "bell": bell,
        "account": people["guangdong_officer"],
        "office": people["guangdong_officer"].assignments.get(),
        "holding": Holding.objects.filter(federation=guangdong).first(),
        "federation": guangdong,
    }


def address(row: dict[str, str], world: dict[str, Any]) -> str:
    name, thing = row["route"], row["object"]
    if name == "healthz":
        return "/healthz"
    kwargs: dict[str, Any] = {}
    if name.startswith("api:") and name not in {"api:versions", "api:schema", "api:docs"}:
        kwargs["version"] = "v1"
    if name == "api:problem":
        kwargs = {"code": "stale"}
    if name == "account_confirm_email":
        kwargs = {"key": "none"}
    if name == "account_reset_password_from_key":
        kwargs = {"uidb36": "0", "key": "none"}
    if thing:
        key, _dot, extra = thing.partition(".")
        if key == "federation":
            kwargs["code"] = world[key].code
        elif key == "token":
            kwargs["pk"] = uuid.uuid4()
        elif name in ("api:comments-list", "api:report-versions-list"):
            kwargs["report_id"] = world["report"].pk
        elif name.startswith("api:comments-"):
            kwargs |= {"report_id": world["report"].pk, "pk": world["comment"].pk}
        elif name == "api:report-versions-detail":
            kwargs |= {"report_id": world["report"].pk, "number": 1}
        else:
            kwargs["pk"] = world[key].pk
        if extra == "section":
            kwargs["section"] = "goals"
        if extra == "1":
            kwargs["number"] = 1
    return reverse(name, kwargs=kwargs)


BODIES = {
    "api:notices-send-back": {"note": "请改"},
    "api:notices-withdraw": {"note": "有误"},
    "api:reports-return-report": {"note": "请改"},
    "api:obligations-sign-for": {"leader_name": "梁", "department": "部"},
    "api:comments-reply": {"text": "已改"},
    "api:comments-list": {"question": "goals", "text": "待议"},
}
PATCHES = {
    "api:notices-detail": {"title": "改题"},
    "api:reports-detail": {"answers": {"basis": "改"}},
    "api:comments-detail": {"text": "改"},
}


def visit(client: Client, row: dict[str, str], world: dict[str, Any]) -> str:
    method, url = row["method"].lower(), address(row, world)
    if row["route"].startswith("api:"):
        thing = world.get(row["object"].partition(".")[0])
        headers = {"if-match": f'"v{getattr(thing, "version", 1)}"'}
        body = (PATCHES if method == "patch" else BODIES).get(row["route"], {})
        if row["route"] == "api:reports-list" and method == "post":
            body = {"obligation": str(world["obligation"].pk)}
        if method == "get":
            answer = client.get(url)
        else:
            answer = getattr(client, method)(
                url, json.dumps(body), content_type="application/json", headers=headers
            )
        if answer.status_code == 401:
            return "in"
    else:
        sent: dict[str, Any] = {}
        if row["route"] == "report-answers":
            sent = {"data": {"answers": {}, "version": 1}, "content_type": "application/json"}
        answer = getattr(client, method)(url, **sent)
        if answer.status_code == 302 and "/accounts/login/" in answer["Location"]:
            return "in"
    # Without worker and beat the platform says that it is not ready, to whoever asks.
    got_in = GOT_IN | {503} if row["route"] == "readyz" else GOT_IN
    return "+" if answer.status_code in got_in else str(answer.status_code)


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_gets_as_far_as_the_table_says(name, world, client_for, api_for):
    if name == "anonymous":
        page, machine = Client(), Client()
    else:
        person = world["people"][name]
        page, machine = client_for(person), api_for(person)
    wrong = []
    for row in rows():
        client = machine if row["route"].startswith("api:") else page
        with transaction.atomic():
            got = visit(client, row, world)
            transaction.set_rollback(True)
        if got != row[name]:
            wrong.append(f"{row['method']} {row['route']}: {got}, not {row[name]}")
    assert "\n".join(wrong) == ""
