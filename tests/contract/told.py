"""Circulars for the contract run, in the states that steps begin from; sources of a total."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from tests.e2e.running import Machine

#: How many of each are made, to be spent by the run.
MANY = 4
RECIPIENT = "440000"


def things(officer: Machine, leader: Machine) -> dict[str, list[tuple[Any, ...]]]:
    """By operation: who asks, what fills the address, members of the body."""
    draft = [_draft(officer) for _number in range(3 * MANY)]
    approved = [_approved(officer, leader) for _number in range(2 * MANY)]
    summary = officer.rows("/summaries/")[-1]["id"]
    return {
        "circulars_partial_update": _by("officer", draft[:MANY]),
        "circulars_set_line": _by("officer", draft[MANY : 2 * MANY]),
        "circulars_approve": _by("leader", draft[2 * MANY :]),
        "circulars_send_back": _by("leader", approved[:MANY]),
        "circulars_issue": _by("officer", approved[MANY:]),
        "circulars_withdraw": _by("officer", [_issued(officer, leader) for _n in range(MANY)]),
        "/summaries/{id}/totals/{indicator}/": [
            ("officer", {"id": summary, "indicator": "workers_served"})
        ],
        "summaries_trace": [("officer", {"id": summary, "indicator": "workers_served"})] * MANY,
    }


def values(officer: Machine) -> dict[str, dict[str, Any]]:
    """What members of bodies must be so that the platform can take them, by operation."""
    about = {
        "rounds": [_round(officer)],
        "as_of": dt.date.today().isoformat(),
        "lists": ["late", "silent"],
        "number_series": None,
    }
    return {
        "circulars_create": about,
        "circulars_partial_update": about,
        "circulars_set_line": {"federation": RECIPIENT, "remark": "数据详实。", "left_out": ""},
        "circulars_approve": {"digest": ""},
        "summaries_partial_update": {"order": [RECIPIENT], "exhibits": []},
        "summary_parts_partial_update": {"left_out": ""},
        "summaries_trace": {"edition": 1},
    }


def _by(person: str, ids: list[str]) -> list[tuple[Any, ...]]:
    return [(person, {"id": each}) for each in ids]


def _round(officer: Machine) -> str:
    """One that asked the recipient, of a notice that is out."""
    return officer.rows(f"/ledger/?federation={RECIPIENT}&step=accepted")[0]["round"]


def _draft(officer: Machine) -> str:
    body = {
        "id": str(uuid.uuid4()),
        "title": "关于报送情况的通报",
        "rounds": [_round(officer)],
        "as_of": dt.date.today().isoformat(),
    }
    return json.load(officer.call("POST", "/circulars/", body))["id"]


def _approved(officer: Machine, leader: Machine) -> str:
    circular = _draft(officer)
    leader.take(f"/circulars/{circular}/", "approve")
    return circular


def _issued(officer: Machine, leader: Machine) -> str:
    circular = _approved(officer, leader)
    officer.take(f"/circulars/{circular}/", "issue")
    return circular
