"""One contract run: tokens and objects for it, then ``st run`` in a process of its own."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.e2e import beginnings
from tests.e2e.running import CHECKOUT, Demo, Machine

HERE = Path(__file__).parent
#: Who asks, by who is tried first: the centre that wants reports, and a federation that owes them.
PEOPLE = ("officer", "440000.liaison", "leader", "440000.leader")
PROVINCE = "440000.liaison"
#: How many things of a kind are made, to be spent by the run.
MANY = 4
LOOSE = 40


@dataclass(frozen=True)
class Outcome:
    passed: bool
    told: str


def loose_files(demo: Demo) -> list[str]:
    """Files that hang on nothing, which no list has and only their uploader may delete."""
    return [
        requests.post(
            f"{demo.url}/api/v1/attachments/",
            files={"file": (f"附件{number}.txt", "摘要".encode(), "text/plain")},
            headers={"Authorization": f"Bearer {demo.accounts[PROVINCE]['token']}"},
            timeout=30,
        ).json()["id"]
        for number in range(LOOSE)
    ]


def things(demo: Demo) -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Who may ask after what, by address, or by operation where only few things let it succeed."""
    ready, filed, commented = [], [], []
    officer, province = Machine(demo, "officer"), Machine(demo, PROVINCE)
    for number in range(3 * MANY):
        report = beginnings.made_ready(demo, beginnings.empty_report(demo, beginnings.owed(demo)))
        if number < MANY:
            ready.append(report)
            continue
        province.take(f"/reports/{report}/", "submit")
        filed.append(report)
        if number < 2 * MANY:
            continue
        for question in ("goals", "places"):
            comment = {"id": str(uuid.uuid4()), "question": question, "text": "请再写明一些。"}
            officer.call("POST", f"/reports/{report}/comments/", comment)
            commented.append({"report_id": report, "id": comment["id"]})
    returned = commented[: len(commented) // 2]
    for report in sorted({each["report_id"] for each in returned}):
        officer.take(f"/reports/{report}/", "return", note="请修改。")
    return {
        "/attachments/{id}/": [(PROVINCE, {"id": each}) for each in loose_files(demo)],
        "/reports/{report_id}/comments/{id}/": [("officer", each) for each in commented],
        "notices_issue": [
            ("officer", {"id": beginnings.approved_notice(demo)}) for _each in range(MANY)
        ],
        "reports_submit": [(PROVINCE, {"id": each}) for each in ready],
        "reports_recall": [(PROVINCE, {"id": each}) for each in filed[:MANY]],
        "comments_reply": [(PROVINCE, each) for each in returned],
    }


def values(demo: Demo) -> dict[str, dict[str, Any]]:
    """What members of bodies must be so that the platform can take them, by operation."""
    own = Machine(demo, PROVINCE).rows("/reports/", federation="440000")[0]
    accepted = Machine(demo, "officer").rows("/reports/?state=accepted")[0]
    due = (dt.date.today() + dt.timedelta(days=60)).isoformat()
    notice = {"form": "pilot_plan"}
    common = {
        "recipients": ["440000"],
        "asks": "pilot_plan",
        "due_on": due,
        "on_time_until": due,
        "locks_on": None,
        "number": None,
        "number_series": None,
        "attachments": [],
        "list": "federations",
        "filters": {},
        "notice": accepted["notice"],
        "obligation": own["obligation"],
        "answers": {},
        "questions": [],
        "series": None,
        "edition": None,
        "explanation": "已核实。",
    }
    return {"*": common, "notices_create": notice, "notices_partial_update": notice}


def run(demo: Demo, *arguments: str, report: Path) -> Outcome:
    """Run it against ``demo``, whose rows it changes and deletes as the API lets it.

    ``report`` is written while it runs.
    """
    tokens = {name: demo.accounts[name]["token"] for name in PEOPLE}
    command = [
        str(Path(sys.executable).with_name("st")),
        *("--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{demo.url}/api/v1/openapi.json?lang=en", "--url", demo.url, "--no-color"),
        *arguments,
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        # The hooks choose by hash: the same seed asks the same again.
        "PYTHONHASHSEED": "0",
        "CONTRACT_API": f"{demo.url}/api/v1",
        "CONTRACT_TOKENS": json.dumps(tokens),
        "CONTRACT_VALUES": json.dumps(values(demo)),
        "CONTRACT_FOUND": json.dumps(things(demo)),
    }
    with report.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return Outcome(done.returncode == 0, report.read_text(encoding="utf-8"))
