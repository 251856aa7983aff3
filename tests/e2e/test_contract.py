"""The contract of the REST API, with every check, against a platform with data (see tests/contract).

``make api-fuzz`` runs the same for longer.
"""

from __future__ import annotations

from tests.contract import campaign

from .running import started_demo

#: Bounds the run to three minutes on two processors, and to some 14,000 cases.
BOUNDS = ("--max-examples", "4")
SEEDS = (20260914, 20260915)


def test_the_api_keeps_its_contract(tmp_path):
    # What a run spends it may spend in an order that leaves an operation without anything to succeed
    # with. That says nothing of the API, unless the same operation fares so twice.
    met_nobody = []
    for seed in SEEDS:
        # A demo of its own: what the run changes and deletes, others walk through.
        with started_demo(API_RATES=campaign.API_RATES) as demo:
            report = tmp_path / f"contract-{seed}.txt"
            outcome = campaign.run(demo, *BOUNDS, "--seed", str(seed), report=report)
        assert outcome.passed or outcome.only_warned, outcome.told
        assert outcome.cases >= 10_000, outcome.told
        if outcome.passed:
            return
        met_nobody.append(outcome.met_nobody)
        assert met_nobody[-1], outcome.told  # a report that names none is not understood
    assert set.intersection(*met_nobody) == set(), outcome.told
