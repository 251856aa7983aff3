"""The rows of ``tests/access.csv`` as requests: where each goes, who sends it, and how far it gets."""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from platform_site.accounts.queries import name_of as object_name
from platform_site.attachments.models import Attachment
from platform_site.editorial.models import Piece
from platform_site.obligations.models import ActionPoint, Obligation
from platform_site.questionnaires.models import Answer
from reports.models import (
    Circular,
    Comment,
    Handover,
    Notice,
    PhoneRound,
    Report,
    SupervisionRecord,
    WorkRequest,
    WorkStatement,
)

from .bodies import body_of, form_of

TABLE = Path(__file__).parents[1] / "access.csv"
GOT_IN = {200, 201, 202, 204, 302, 303, 304, 400, 409, 410, 412, 413, 415, 422, 428}


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Nowhere:
    """Stands for an object that does not exist."""

    def __init__(self, thing: Any) -> None:
        # As long as that of the thing it stands beside: a refusal names the address.
        self.code = "9" * len(getattr(thing, "code", ""))
        pk = getattr(thing, "pk", None)
        self.pk = 10 ** len(str(pk)) - 1 if isinstance(pk, int) else uuid.uuid4()


def named(thing: Any, key: str) -> str:
    """As an exception names its object; that of a missing one looks the same."""
    if not isinstance(thing, Nowhere):
        return object_name(thing)
    return f"reports.{key}:{thing.pk}"


def address(row: dict[str, str], world: dict[str, Any]) -> str:
    name, thing = row["route"], row["object"]
    if name == "healthz":
        return "/healthz"
    kwargs: dict[str, Any] = {}
    if name.startswith("api:") and name not in {
        "api:versions",
        "api:schema",
        "api:docs",
        "api:redoc",
    }:
        kwargs["version"] = "v1"
    if name == "calendar-feed":
        kwargs = {"secret": "nobody-has-this"}
    if thing == "kind":
        return reverse(name, kwargs=kwargs | {"kind": "notice"})
    if name in ("api:grants-list", "api:offices-list", "api:action-points-list"):
        return reverse(name, kwargs=kwargs)  # the object stands in the body
    if name == "api:problem":
        kwargs = {"code": "stale"}
    if name == "account_confirm_email":
        kwargs = {"key": "none"}
    if name == "account_reset_password_from_key":
        kwargs = {"uidb36": "0", "key": "none"}
    if thing:
        key, _dot, extra = thing.partition(".")
        if key == "list":
            kwargs["name"] = extra
        elif key == "federation" and name not in ("grant-give", "api:work-system-bulk"):
            kwargs["code"] = world[key].code
        elif key == "policy" and not name.startswith("api:"):
            kwargs["slug"] = getattr(world[key], "slug", "20200101-00000000")
        elif key == "token":
            kwargs["pk"] = uuid.uuid4()
        elif name.startswith("api:") and name.endswith("-bulk"):
            kwargs |= above(name, world)
        elif name == "api:circular-files-list":
            kwargs["circular_id"] = world[key].pk
        elif name.startswith("api:summary-"):
            kwargs["summary_id"] = world[key].pk
            if name in ("api:summary-parts-detail", "api:summary-parts-redraw"):
                kwargs["federation"] = "440000"
            if name == "api:summary-editions-detail":
                kwargs["number"] = 1
        elif key == "draft_version":
            kwargs |= in_a_draft(name, world[key])
        elif name.startswith("api:form-versions-"):
            kwargs["form_code"] = world[key].code
            if name == "api:form-versions-detail":
                kwargs["number"] = 1
        elif key in ("form", "indicator"):
            kwargs["code"] = world[key].code
        elif name in ("api:notice-story-list", "api:obligation-story-list"):
            kwargs[f"{name[4:].partition('-')[0]}_id"] = world[key].pk
        elif name == "api:obligation-reminders-list":
            kwargs["obligation_id"] = world[key].pk
        elif name in ("api:comments-list", "api:report-versions-list", "api:report-story-list"):
            kwargs["report_id"] = world[key].pk
        elif name.startswith("api:comments-"):
            kwargs |= {"report_id": world["report"].pk, "pk": world["comment"].pk}
        elif name.endswith("-history-list"):
            kwargs[name.removeprefix("api:").partition("-")[0] + "_id"] = world[key].pk
        elif name == "action-point-set":
            kwargs["source"] = f"reports.supervisionrecord:{world[key].pk}"
        elif name == "grant-give":
            kwargs["on"] = named(world[key], key)
        elif name == "api:report-versions-detail":
            kwargs |= {"report_id": world[key].pk, "number": 1}
        else:
            kwargs["pk"] = world[key].pk
        if name == "notice-move-round":
            kwargs["period"] = "2026-Q4"
        if extra == "section":
            kwargs["section"] = "goals"
        if extra == "1":
            kwargs["number"] = 1
        if extra == "indicator":
            kwargs["indicator"] = "pilots_city"
        if extra in ("part", "call"):
            kwargs["code"] = "440000"
    return reverse(name, kwargs=kwargs)


def in_a_draft(name: str, version: Any) -> dict[str, Any]:
    """The version, and what of it the page is about; a missing one is of a form that is missing too."""
    form = getattr(version, "form", version)
    code = "form_code" if name.startswith("api:") else "code"
    kwargs = {code: form.code or "9" * len("survey"), "number": getattr(version, "number", 1)}
    kind = name.removeprefix("form-").partition("-")[0]
    if name.startswith("form-") and not name.endswith("-add") and kind in DRAFTED:
        kwargs[kind] = DRAFTED[kind]
    return kwargs


def above(name: str, world: dict[str, Any]) -> dict[str, Any]:
    """What the address of a bulk says of the object that its items hang on."""
    if name == "api:comments-bulk":
        return {"report_id": world["report"].pk}
    if name == "api:form-versions-bulk":
        return {"form_code": in_a_draft(name, world["draft_version"])["form_code"]}
    return {"summary_id": world["summary"].pk} if name == "api:summary-parts-bulk" else {}


def status_of(answer: Any) -> int:
    """How far it got; in a bulk, how far its one item got."""
    return answer.json()["items"][0]["status"] if answer.status_code == 207 else answer.status_code


#: What the addresses name of the form that is being built.
DRAFTED = {"section": "figures", "question": "total", "rule": 1}


def send(client: Client, row: dict[str, str], world: dict[str, Any]) -> Any:
    """Go to the address of the row as a browser, or a machine, would."""
    method, url = row["method"].lower(), address(row, world)
    if method == "get":
        return client.get(url)
    if form := form_of(row, world):
        return client.post(url, form)
    if row["route"].startswith("api:"):
        thing = world.get(row["object"].partition(".")[0])
        headers = {"if-match": f'"v{getattr(thing, "version", 1)}"'}
        body = json.dumps(body_of(row, world))
        return getattr(client, method)(url, body, content_type="application/json", headers=headers)
    if row["route"] == "report-answers":
        body = json.dumps({"answers": {}, "version": 1})
        return getattr(client, method)(url, body, content_type="application/json")
    return getattr(client, method)(url)


def visit(client: Client, row: dict[str, str], world: dict[str, Any]) -> str:
    """How far one gets, in the words of the table; whatever it changed is undone."""
    with transaction.atomic():
        answer = send(client, row, world)
        transaction.set_rollback(True)
    if answer.status_code == 401:
        return "in"
    if answer.status_code == 302 and "/accounts/login/" in answer["Location"]:
        return "in"
    # Without worker and beat the platform says that it is not ready, to whoever asks.
    got_in = GOT_IN | {503} if row["route"] == "readyz" else GOT_IN
    status = status_of(answer)
    return "+" if status in got_in else str(status)


@pytest.fixture
def clients(world, client_for, api_for) -> Callable[[str], Callable[[dict[str, str]], Client]]:
    """A person's browser and machine, chosen by the row."""

    def make(name: str) -> Callable[[dict[str, str]], Client]:
        if name == "anonymous":
            page, machine = Client(), Client()
        else:
            page, machine = client_for(world["people"][name]), api_for(world["people"][name])
        return lambda row: machine if row["route"].startswith("api:") else page

    return make


def name_of(row: dict[str, str]) -> str:
    return f"{row['method']} {row['route']} {row['object']}".strip()


def business() -> dict[str, list[Any]]:
    """What a person could have changed: each row with its version."""
    return {
        model.__name__: sorted(map(str, model.objects.values_list("pk", "version")))
        for model in (
            *(Notice, Obligation, Report, Comment, Answer),
            *(SupervisionRecord, PhoneRound, ActionPoint, Circular),
            *(WorkStatement, WorkRequest, Handover, Piece),
        )
    } | {"Attachment": sorted(map(str, Attachment.objects.exclude(owner_id=None).values_list()))}
