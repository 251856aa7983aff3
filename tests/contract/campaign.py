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

from tests.e2e.running import CHECKOUT, Demo, Machine

HERE = Path(__file__).parent
#: The people who ask: the centre that asks for reports, and a federation that owes them.
PEOPLE = ("officer", "leader", "440000.liaison", "440000.leader")
COMMENTS = 8


@dataclass(frozen=True)
class Outcome:
    passed: bool
    told: str


def seed(demo: Demo) -> dict[str, Any]:
    """Comments that wait for a reply, which the demo has none of; returns values for bodies."""
    officer = Machine(demo, "officer")
    for row in officer.rows("/reports/?state=submitted", state="submitted")[:3]:
        questions = sorted(officer.get(f"/reports/{row['id']}/")["answers"])[:COMMENTS]
        for question in questions:
            comment = {"id": str(uuid.uuid4()), "question": question, "text": "请再写明一些。"}
            officer.call("POST", f"/reports/{row['id']}/comments/", comment)
    due = (dt.date.today() + dt.timedelta(days=30)).isoformat()
    return {
        "recipients": ["440000"],
        "form": "pilot_plan",
        "asks": "pilot_plan",
        "due_on": due,
        "on_time_until": due,
        "locks_on": None,
        "number": None,
        "number_series": None,
        "attachments": [],
        "question": questions[0],
        "list": "federations",
        "filters": {},
        "notice": row["notice"],
        "obligation": row["obligation"],
        "answers": {},
        "questions": [],
        "series": None,
        "edition": None,
    }


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
