"""One contract run: tokens and objects for it, then ``st run`` in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.running import CHECKOUT, Demo, Machine

HERE = Path(__file__).parent
#: The people who ask: the centre that asks for reports, and a federation that owes them.
PEOPLE = ("officer", "leader", "440000.liaison", "440000.leader")
COMMENTS = 8


@dataclass(frozen=True)
class Outcome:
    passed: bool
    told: str


def seed(demo: Demo) -> None:
    """What the demo has none of: comments that wait for a reply, and loose files."""
    officer = Machine(demo, "officer")
    for row in officer.rows("/reports/?state=submitted", state="submitted")[:3]:
        questions = sorted(officer.get(f"/reports/{row['id']}/")["answers"])[:COMMENTS]
        for question in questions:
            comment = {"id": str(uuid.uuid4()), "question": question, "text": "请再写明一些。"}
            officer.call("POST", f"/reports/{row['id']}/comments/", comment)


def run(demo: Demo, *arguments: str, report: Path | None = None) -> Outcome:
    """Run it against ``demo``, whose rows it changes and deletes as the API lets it."""
    seed(demo)
    tokens = {name: demo.accounts[name]["token"] for name in PEOPLE}
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("st")),
            *("--config-file", str(HERE / "schemathesis.toml")),
            *("run", f"{demo.url}/api/v1/openapi.json?lang=en", "--url", demo.url, "--no-color"),
            *arguments,
        ],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            # The hooks choose by hash: the same seed asks the same again.
            "PYTHONHASHSEED": "0",
            "CONTRACT_API": f"{demo.url}/api/v1",
            "CONTRACT_TOKENS": json.dumps(tokens),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if report:
        report.write_text(done.stdout, encoding="utf-8")
    return Outcome(done.returncode == 0, done.stdout)
