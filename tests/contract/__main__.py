"""``make api-fuzz``: the long contract run, against a demo of its own that it may spoil."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.e2e.running import started_demo

from . import campaign


def main() -> int:
    parser = argparse.ArgumentParser(prog="make api-fuzz")
    parser.add_argument("--examples", type=int, default=120, help="made-up requests by operation")
    parser.add_argument("--cases", type=int, default=10_000, help="fail below so many in all")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    report = Path(tempfile.gettempdir()) / "api-fuzz.txt"
    print(f"Follow it in {report}.")
    with started_demo(API_RATES=campaign.API_RATES) as demo:
        outcome = campaign.run(
            demo,
            *("--max-examples", str(chosen.examples), "--seed", str(chosen.seed)),
            report=report,
        )
    print(outcome.told)
    print(f"{outcome.cases} cases, {'nothing found' if outcome.passed else 'problems found'}.")
    return 0 if outcome.passed and outcome.cases >= chosen.cases else 1


raise SystemExit(main())
