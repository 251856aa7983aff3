"""What the schema of the REST API promises holds against a running platform (see tests/contract)."""

from __future__ import annotations

from tests.contract import campaign

from .running import started_demo

#: Bounds the run to a few minutes on two processors; ``make api-fuzz`` is the long one.
BOUNDS = ("--max-examples", "1", "--seed", "20260914", "--phases", "examples,coverage,fuzzing")


def test_nothing_fails_breaks_the_schema_or_gets_in_without_a_token(tmp_path):
    # A demo of its own: what the run changes and deletes, others walk through.
    with started_demo(API_RATES=campaign.API_RATES) as demo:
        outcome = campaign.run(demo, *BOUNDS, report=tmp_path / "contract.txt")
    assert outcome.passed, outcome.told
