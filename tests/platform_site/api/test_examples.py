"""An example on every operation, recorded from real answers.

The recorder plays the routes of ``tests/access.csv`` as somebody who may, each on a world that is
undone again. ``make schema`` writes what it met (``WRITE_EXAMPLES=1``); otherwise the tests hold that
what stands in ``platform_site/api/data/examples.json`` still has the shape of what is answered.

A new resource needs its rows in the table and its body in ``tests/test_access.py``; what has to be
done before an operation can succeed stands in :data:`FIRST`.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import resolve

from platform_site.api import documents, examples
from reports import services
from tests.conftest import CAST, GOOD_ANSWERS, THE_DAY
from tests.test_access import BODIES, PATCHES, address, rows, world  # noqa: F401

pytestmark = pytest.mark.django_db

HOST = "https://platform.example.org"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LONGEST = 3


# --- What must be done before -------------------------------------------------------------------
def _approve(world: dict[str, Any]) -> None:  # noqa: F811
    notice = world["draft_notice"]
    world["draft_notice"] = services.approve_notice(
        notice, by=world["people"]["national_leader"], version=notice.version
    )


def _return(world: dict[str, Any]) -> None:  # noqa: F811
    report = world["report"]
    world["report"] = services.return_report(
        report, by=world["people"]["national_officer"], version=report.version, note="请补充目标。"
    )


def _make_ready(world: dict[str, Any]) -> None:  # noqa: F811
    person, report = world["people"]["guangdong_officer"], world["draft"]
    saved = services.save_report(
        report, by=person, version=report.version, answers=GOOD_ANSWERS, strict=True
    ).report
    world["draft"] = services.sign_off_report(
        saved, by=person, version=saved.version, name="梁粤领", title="副主席", on=THE_DAY.date()
    )


def _submit(world: dict[str, Any]) -> None:  # noqa: F811
    """A report can be recalled until a reviewer has acted."""
    _make_ready(world)
    report = world["draft"]
    world["draft"] = services.submit_report(
        report, by=world["people"]["guangdong_officer"], version=report.version
    )


def _ask_again(world: dict[str, Any]) -> None:  # noqa: F811
    """An obligation that nobody has signed for."""
    from platform_site.federations.models import Federation
    from platform_site.obligations.models import Obligation
    from platform_site.questionnaires.models import Form

    people = world["people"]
    notice = services.draft_notice(
        by=people["national_officer"],
        federation=Federation.objects.national(),
        title="关于报送试点方案的通知",
        text="请按时报送。",
        asks="pilot_plan",
        business_line="social_organisations",
        form=Form.objects.get(code="pilot_plan"),
        due_on=THE_DAY.date().replace(month=12),
        recipients=Federation.objects.filter(code="440000"),
    )
    notice = services.approve_notice(notice, by=people["national_leader"], version=notice.version)
    services.issue_notice(notice, by=people["national_officer"], version=notice.version)
    world["obligation"] = Obligation.objects.get(round__request=notice.pk)


FIRST = {
    "notices_send_back": _approve,
    "notices_issue": _approve,
    "reports_recall": _submit,
    "comments_reply": _return,
    "reports_submit": _make_ready,
    "obligations_sign_for": _ask_again,
    "obligations_extend": _ask_again,
    "obligations_waive": _ask_again,
}
#: Bodies that say more than those of the table of access.
TELLING = {
    "notices_create": {
        "title": "关于报送劳动关系领域社会组织试点方案的通知",
        "text": "现将有关事项通知如下。\n\n一、请于规定时间前报送试点方案。",
        "asks": "pilot_plan",
        "form": "pilot_plan",
        "business_line": "social_organisations",
        "due_on": "2026-10-15",
        "recipients": ["440000", "430000"],
        "contact_name": "林国章",
        "contact_phone": "010-00000000",
    },
    "obligations_sign_for": {
        "leader_name": "梁粤领",
        "leader_title": "副主席",
        "department": "社会联络部",
    },
    "obligations_extend": {"due_on": "2026-12-25", "reason": "台风影响，延期报送。"},
    "reports_partial_update": {"answers": {"basis": GOOD_ANSWERS["basis"], "pilots_city": "2"}},
    "reports_sign_off": {"name": "梁粤领", "title": "副主席", "on": "2026-09-14"},
    "reports_return": {"note": "请补充试点地区的具体目标。"},
    "comments_create": {"question": "goals", "text": "请写明可以检验的目标。"},
    "comments_reply": {"text": "已按要求补充。"},
}
#: Files are sent as multipart: the members, as a form has them.
FILE = {"file": "（文件内容）"}


# --- The recorder -------------------------------------------------------------------------------
class Scrubber:
    """Ids, moments and the host are the same at every recording."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    def _id(self, found: re.Match[str]) -> str:
        stable = f"00000000-0000-4000-8000-{len(self.ids) + 1:012d}"
        return self.ids.setdefault(found[0], stable)

    def __call__(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self(each) for each in value[:LONGEST]]
        if not isinstance(value, str):
            return value
        value = UUID.sub(self._id, value).replace("http://testserver", HOST)
        value = re.sub(r"2026-09-14T1\d:\d\d:\d\d(\.\d+)?", "2026-09-14T10:00:00", value)
        return re.sub(r"(cursor=)[\w-]+", r"\1WzAsIi1hdCxpZCIsWyIyMDI2Il1d", value)


def operation_of(row: dict[str, str], url: str) -> str | None:
    view = resolve(url).func
    action = getattr(view, "actions", {}).get(row["method"].lower())
    if action is None:
        return None
    name = getattr(getattr(view.cls, action), "step_path", action)
    return f"{view.initkwargs['basename']}_{name}".replace("-", "_")


def body_of(row: dict[str, str], operation: str, world: dict[str, Any]) -> dict[str, Any]:  # noqa: F811
    if operation == "reports_create":
        return {"obligation": str(world["obligation"].pk)}
    if operation == "summaries_create":
        return {"notice": str(world["notice"].pk)}
    table = PATCHES if row["method"] == "PATCH" else BODIES
    return TELLING.get(operation) or table.get(row["route"], {})


def play(client: Any, row: dict[str, str], operation: str, world: dict[str, Any]) -> Any:  # noqa: F811
    url, method = address(row, world), row["method"].lower()
    if method == "get":
        return client.get(url, {"page_size": 1} if operation.endswith("_list") else {}), None, url
    if operation == "attachments_create":
        file = SimpleUploadedFile("附件.txt", "摘要".encode())
        return client.post(url, {"file": file}), FILE, url
    current = None
    if row["object"]:
        current = client.get(re.sub(r"(.*/parts/\w+/|.*/[0-9a-f-]{36}/).*", r"\1", url))
    headers = {"if-match": current["ETag"]} if current is not None and "ETag" in current else {}
    body = body_of(row, operation, world)
    answer = getattr(client, method)(
        url, json.dumps(body), content_type="application/json", headers=headers
    )
    return answer, body or None, url


def record(world: dict[str, Any], api_for: Any) -> dict[str, dict[str, Any]]:  # noqa: F811
    """The first time that each operation succeeds, by its id."""
    met: dict[str, dict[str, Any]] = {}
    clients = {name: api_for(world["people"][name]) for name in CAST}
    for row in [row for row in rows() if row["route"].startswith("api:")]:
        operation = operation_of(row, address(row, world))
        # Whoever gets in; or, where something is done before, whoever gets in after that.
        for name in sorted(CAST, key=lambda name, row=row: row[name] != "+"):
            if operation is None or operation in met:
                break
            with transaction.atomic():
                there = dict(world)
                FIRST.get(operation, lambda _there: None)(there)
                answer, body, url = play(clients[name], row, operation, there)
                transaction.set_rollback(True)
            if 200 <= answer.status_code < 300:
                met[operation] = _example(answer, body, url)
    return dict(sorted(met.items()))


def _example(answer: Any, body: Any, url: str) -> dict[str, Any]:
    scrub = Scrubber()
    kwargs = {
        "id" if name == "pk" else name: value
        for name, value in resolve(url).kwargs.items()
        if name != "version"
    }
    example: dict[str, Any] = {"address": scrub({key: str(each) for key, each in kwargs.items()})}
    if body is not None:
        example["body"] = scrub(body)
    example["status"] = str(answer.status_code)
    if answer.get("Content-Type") == "application/json" and answer.content:
        example["answer"] = scrub(answer.json())
    return example


# --- The tests ----------------------------------------------------------------------------------
@pytest.fixture
def met(world, api_for):  # noqa: F811
    found = record(world, api_for)
    if os.environ.get("WRITE_EXAMPLES"):
        text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
        examples.FILE.write_text(text, encoding="utf-8")
        examples.recorded.cache_clear()
    return found


def operations(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        operation["operationId"]: operation
        for methods in schema["paths"].values()
        for operation in methods.values()
    }


def shape(value: Any) -> Any:
    """What members there are, at any depth; whether there are rows, or a value, is not asked."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items() if shape(each) is not None}
    if isinstance(value, list):
        return shape(value[0]) if value else None
    return None if value is None else "value"


def test_every_operation_was_met_and_its_example_has_the_shape_of_today(met):
    known = operations(documents.raw("en"))
    assert set(known) - set(met) == set(), "what must be done before? See FIRST"
    kept = examples.recorded()
    assert set(kept) == set(known), "run make schema"
    differing = [
        name
        for name, example in met.items()
        if (shape(example.get("answer")), shape(example.get("body")), example["status"])
        != (shape(kept[name].get("answer")), shape(kept[name].get("body")), kept[name]["status"])
    ]
    assert differing == [], "run make schema"
