"""The work system and handovers for the contract run: statements to end, sheets in the states of their steps."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import requests

from tests.e2e.running import Machine
from tests.papers import scan

PROVINCE, HEAD, LEADER = "440000.liaison", "440000.head", "440000.leader"
MANY = 20


def things(
    officer: Machine, province: Machine, head: Machine, keeper: Machine
) -> dict[str, list[tuple[Any, ...]]]:
    """By operation: who asks, what fills the address, members of the body."""
    kept = province.rows("/work-statements/?federation=440000&corrected=false")
    running = [row["id"] for row in kept if row["until"] is None]
    # Whoever takes over holds the same office.
    account = keeper.rows("/accounts/?search=440000.head")[0]["id"]
    given = {"account": account, "role": "liaison_officer", "federation": "440000"}
    keeper.call("POST", "/offices/", given)
    office = _own_office(province)
    sheet = json.load(province.call("POST", "/handovers/", {"office": office}))["id"]
    asked = {"federation": "430000", "due_on": _soon()}
    call = json.load(officer.call("POST", "/work-requests/", asked))["id"]
    return {
        "/report-scans/{id}/": [(PROVINCE, {"id": _handed_in(province)})],
        "/work-system/{code}/": [(PROVINCE, {"code": "440000"})],
        "/work-statements/{id}/": [(PROVINCE, {"id": each}) for each in running],
        "work_statements_end": [(PROVINCE, {"id": each}) for each in running],
        "/work-requests/{id}/": [("officer", {"id": call})],
        "/handovers/{id}/": [(PROVINCE, {"id": sheet})],
        "handovers_give": [(PROVINCE, {"id": sheet})] * MANY,
        "handovers_give_for": [(LEADER, {"id": sheet})] * MANY,
        "handovers_take_over": [(HEAD, {"id": sheet})] * MANY,
        "handovers_cancel": [(HEAD, {"id": sheet})] * MANY,
        "handovers_create": [(PROVINCE, {}, {"office": office})] * MANY,
    }


def values() -> dict[str, dict[str, Any]]:
    """What members of bodies must be so that the platform can take them, by operation."""
    return {
        "work_statements_end": {"until": dt.date.today().isoformat()},
        "work_requests_create": {"federation": "430000", "due_on": _soon()},
    }


def _handed_in(province: Machine) -> str:
    """The stamped scan of a report that was accepted."""
    report = province.rows("/reports/", state="accepted")[0]["id"]
    paper = scan(province.get(f"/reports/{report}/paper-code/")["text"])
    answer = requests.post(
        f"{province.demo.url}/api/v1/report-scans/",
        headers={"Authorization": f"Bearer {province.token}"},
        files={"file": (paper.name, paper.read(), "application/pdf")},
        timeout=60,
    )
    answer.raise_for_status()
    return answer.json()["scan"]["id"]


def _own_office(machine: Machine) -> str:
    return json.load(machine.call("GET", "/handovers/offices/"))[0]["id"]


def _soon() -> str:
    return (dt.date.today() + dt.timedelta(days=20)).isoformat()
