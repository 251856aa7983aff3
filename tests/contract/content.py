"""Content for the contract run: policy documents in each state that a step begins from."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from tests.e2e.running import Machine

#: How many of each are made, to be spent by the run; what changes nothing can be asked for often.
MANY, OFTEN = 4, 40
STEPS = ("submit", "pass-first", "pass-second", "approve")


def things(
    editor: Machine, officer: Machine, second: Machine, leader: Machine
) -> dict[str, list[tuple[Any, ...]]]:
    """By operation, or by address: who asks, what fills the address."""
    by = dict(zip(STEPS, (editor, officer, second, leader), strict=True))

    def carried(upto: int, **texts: Any) -> str:
        """A new draft after so many of :data:`STEPS`."""
        piece = drafted(editor, **texts)
        for step in STEPS[:upto]:
            by[step].take(f"/content/{piece}/", step)
        return piece

    def many(person: str, upto: int, **texts: Any) -> list[tuple[Any, ...]]:
        return [(person, {"id": carried(upto, **texts)}) for _number in range(MANY)]

    later = {"publish_at": (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).isoformat()}
    revised = many("editor", 4)
    for _person, filled in revised:
        editor.take(f"/content/{filled['id']}/", "revise")
    drafts = many("editor", 0)
    return {
        "/policy-drafts/{id}/": drafts,
        "policy_drafts_partial_update": many("editor", 0),
        "content_submit": many("editor", 0),
        "content_recall": many("editor", 1),
        "content_pass_first": many("officer", 1),
        "content_return": many("officer", 1),
        "content_pass_second": many("officer2", 2),
        "content_approve": many("leader", 3),
        "content_publish": many("leader", 4, **later),
        "content_stop": many("leader", 4, **later),
        "content_revise": many("editor", 4),
        "content_withdraw": many("officer", 4),
        "content_discard": revised,
        "content_drop": many("editor", 0),
        "content_compare": [("officer", {"id": carried(4)})] * OFTEN,
    }


def values() -> dict[str, dict[str, Any]]:
    """What members of bodies must be so that the platform can take them, by operation."""
    free = {
        "number": "",
        "relations": [],
        "issuers": ["中华全国总工会"],
        "effective_from": None,
        "effective_to": None,
        "publish_at": None,
        "expires_at": None,
        "validity_set": "",
        "validity_reason": "",
    }
    return {
        "policy_drafts_create": free,
        "policy_drafts_partial_update": free,
        "content_compare": {"from": 1, "to": 1},
    }


def drafted(editor: Machine, **texts: Any) -> str:
    """The id of a new draft that can go to review."""
    body = {
        "id": str(uuid.uuid4()),
        "title": "关于规范台账的通知",
        "summary": "统一台账项目。",
        "body": "<p>第一条　统一台账。</p>",
        "kind": "notice",
        "level": "national",
        "issuers": ["中华全国总工会"],
        "made_on": "2026-09-01",
        **texts,
    }
    return str(json.load(editor.call("POST", "/policy-drafts/", body))["id"])
