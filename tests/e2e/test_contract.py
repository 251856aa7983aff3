"""The contract of the REST API, with every check, against a platform with data (see tests/contract).

``make api-fuzz`` runs the same for longer.
"""

from __future__ import annotations

from tests.contract import campaign

from .running import started_demo

#: Bounds the run to three minutes on two processors, and to some 14,000 cases.
BOUNDS = ("--max-examples", "4", "--seed", "20260914")


def test_the_api_keeps_its_contract(tmp_path):
    # A demo of its own: what the run changes and deletes, others walk through.
    with started_demo(API_RATES=campaign.API_RATES) as demo:
        outcome = campaign.run(demo, *BOUNDS, report=tmp_path / "contract.txt")
    assert outcome.passed, outcome.told
    assert outcome.cases >= 10_000, outcome.told
