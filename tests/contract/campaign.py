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

from tests.e2e.running import CHECKOUT, Demo, Machine

HERE = Path(__file__).parent
#: The people who ask: the centre that asks for reports, and a federation that owes them.
PEOPLE = ("officer", "leader", "440000.liaison", "440000.leader")
COMMENTS = 8
LOOSE = 60


@dataclass(frozen=True)
class Outcome:
    passed: bool
    told: str


def loose_files(demo: Demo) -> list[tuple[str, dict[str, str]]]:
    """Files that hang on nothing, which no list has and only their uploader may delete."""
    person, found = "440000.liaison", []
    for number in range(LOOSE):
        answer = requests.post(
            f"{demo.url}/api/v1/attachments/",
            files={"file": (f"附件{number}.txt", "摘要".encode(), "text/plain")},
            headers={"Authorization": f"Bearer {demo.accounts[person]['token']}"},
            timeout=30,
        )
        found.append((person, {"id": answer.json()["id"]}))
    return found


def seed(demo: Demo) -> dict[str, Any]:
    """Comments that wait for a reply, which the demo has none of; returns values for bodies."""
    officer = Machine(demo, "officer")
    for row in officer.rows("/reports/?state=submitted", state="submitted")[:3]:
        questions = sorted(officer.get(f"/reports/{row['id']}/")["answers"])[:COMMENTS]
        for question in questions:
            comment = {"id": str(uuid.uuid4()), "question": question, "text": "请再写明一些。"}
            officer.call("POST", f"/reports/{row['id']}/comments/", comment)
    own = Machine(demo, "440000.liaison").rows("/reports/", federation="440000")[0]
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
        "notice": row["notice"],
        "obligation": own["obligation"],
        "answers": {},
        "questions": [],
        "series": None,
        "edition": None,
    }
    return {"*": common, "notices_create": notice, "notices_partial_update": notice}


def run(demo: Demo, *arguments: str, report: Path) -> Outcome:
    """Run it against ``demo``, whose rows it changes and deletes as the API lets it.

    ``report`` is written while it runs.
    """
    values = seed(demo)
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
        "CONTRACT_VALUES": json.dumps(values),
        "CONTRACT_FOUND": json.dumps({"/attachments/{id}/": loose_files(demo)}),
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
