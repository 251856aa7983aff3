"""Supervision for the contract run: visits, rounds and action points in the states that steps begin from."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from tests.e2e.running import Machine

#: How many of each are made, to be spent by the run; calls by federation.
MANY = 4
PROVINCE = "440000.liaison"
CALLED = ("440000", "430000")


def things(officer: Machine, province: Machine) -> dict[str, list[tuple[Any, ...]]]:
    """By operation: who asks, what fills the address, members of the body."""
    rounds = [_round(officer) for _number in range(2 * MANY)]
    spent = {step: [_point(officer) for _number in range(MANY)] for step in ("report", "cancel")}
    done = {step: [_reported(officer, province) for _number in range(MANY)] for step in ("v", "r")}
    return {
        "supervision_records_partial_update": _by("officer", _visits(officer, "planned")),
        "supervision_records_hold": _by("officer", _visits(officer, "planned")),
        "supervision_records_cancel": _by("officer", _visits(officer, "planned")),
        "supervision_records_write": _by("officer", _visits(officer, "held")),
        "supervision_records_accept": _by("leader", _visits(officer, "written")),
        "supervision_records_return": _by("leader", _visits(officer, "written")),
        "phone_rounds_record_call": [
            ("officer", {"id": each}, {"federation": code})
            for each in rounds[:MANY]
            for code in CALLED
        ],
        "phone_rounds_close": _by("officer", rounds[MANY:]),
        "action_points_report": _by(PROVINCE, spent["report"]),
        "action_points_cancel": _by("officer", spent["cancel"]),
        "action_points_verify": _by("officer", done["v"]),
        "action_points_reopen": _by("officer", done["r"]),
    }


def values(officer: Machine) -> dict[str, dict[str, Any]]:
    """What members of bodies must be so that the platform can take them, by operation."""
    today, later = dt.date.today(), dt.date.today() + dt.timedelta(days=20)
    held = {"on": today.isoformat(), "next_contact_on": None}
    [record] = officer.rows("/supervision-records/?federation=440000&state=accepted")[:1]
    return {
        "supervision_records_create": {**held, "kind": "phone", "attachments": []},
        "supervision_records_partial_update": held,
        "supervision_records_hold": held,
        "supervision_records_write": held,
        "phone_rounds_create": {
            "starts_on": today.isoformat(),
            "ends_on": later.isoformat(),
            "federations": list(CALLED),
        },
        "phone_rounds_record_call": held,
        "action_points_create": {
            "source": f"reports.supervisionrecord:{record['id']}",
            "due_on": later.isoformat(),
            "person": "",
        },
        "action_points_report": {"evidence": "已补充联系人名单。"},
        "action_points_reopen": {"due_on": later.isoformat()},
    }


def _by(person: str, ids: list[str]) -> list[tuple[Any, ...]]:
    return [(person, {"id": each}) for each in ids]


def _made(machine: Machine, path: str, body: dict[str, Any]) -> str:
    body["id"] = str(uuid.uuid4())
    return json.load(machine.call("POST", path, body))["id"]


def _visits(officer: Machine, upto: str) -> list[str]:
    return [_visit(officer, upto) for _number in range(MANY)]


def _visit(officer: Machine, upto: str) -> str:
    today = dt.date.today().isoformat()
    plan = {"federation": "440000", "kind": "visit", "on": today, "plan": "了解进展。"}
    made = _made(officer, "/supervision-records/", plan)
    if upto != "planned":
        officer.take(f"/supervision-records/{made}/", "hold", on=today, participants="演示")
    if upto == "written":
        officer.take(f"/supervision-records/{made}/", "write", findings="良好。", outcome="补充。")
    return made


def _round(officer: Machine) -> str:
    today = dt.date.today().isoformat()
    body = {"title": "电话交流", "starts_on": today, "ends_on": today, "federations": list(CALLED)}
    return _made(officer, "/phone-rounds/", body)


def _point(officer: Machine) -> str:
    given = values(officer)["action_points_create"]
    body = {"source": given["source"], "task": "补充名单。", "due_on": given["due_on"]}
    return _made(officer, "/action-points/", body)


def _reported(officer: Machine, province: Machine) -> str:
    point = _point(officer)
    province.take(f"/action-points/{point}/", "report", evidence="已补充。")
    return point
