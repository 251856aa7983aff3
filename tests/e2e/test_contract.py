"""Made-up requests bring down nothing and get nowhere without a token (see tests/contract).

The whole contract, with the shapes of all answers, is held by ``make api-fuzz``.
"""

from __future__ import annotations

from tests.contract import campaign

from .running import started_demo

#: Bounds the run to a few minutes on two processors.
BOUNDS = (
    *("--max-examples", "1", "--phases", "examples,fuzzing", "--seed", "20260914"),
    *("--checks", "not_a_server_error,ignored_auth,unsupported_method", "--warnings", "off"),
)


def test_nothing_fails_and_nothing_opens_without_a_token(tmp_path):
    # A demo of its own: what the run changes and deletes, others walk through.
    with started_demo() as demo:
        outcome = campaign.run(demo, *BOUNDS, report=tmp_path / "contract.txt")
    assert outcome.passed, outcome.told
