from __future__ import annotations

import sys

import pytest

if sys.platform != "linux":
    pytest.skip("the limits are Linux's", allow_module_level=True)

from tests.fuzz import MAX_MEMORY_MB, MAX_SECONDS, Outcome, run


def test_every_hostile_file_is_decoded_or_rejected() -> None:
    outcomes = run(short=True)
    assert len(outcomes) > 400
    assert [outcome for outcome in outcomes if outcome.failed] == []
    ends = {outcome.end for outcome in outcomes}
    assert {
        "picture",
        "frames",
        "no_frames",
        "corrupt",
        "unsupported_type",
        "too_many_pixels",
    } <= ends
    assert max(outcome.seconds for outcome in outcomes) <= MAX_SECONDS
    assert max(outcome.memory_mb for outcome in outcomes) <= MAX_MEMORY_MB


@pytest.mark.parametrize(
    ("end", "seconds", "memory_mb", "failed"),
    [
        ("picture", 1.0, 100.0, False),
        ("too_many_pixels", 1.0, 100.0, False),
        ("picture", 5.1, 100.0, True),
        ("corrupt", 1.0, 1025.0, True),
        ("OUT OF TIME", 0.0, 0.0, True),
        ("OUT OF MEMORY", 1.0, 100.0, True),
        ("DIED: -11", 0.0, 0.0, True),
        ("KEYERROR: 'X'", 0.1, 100.0, True),
    ],
)
def test_what_counts_as_a_failure(end: str, seconds: float, memory_mb: float, failed: bool) -> None:
    assert Outcome("name", end, seconds, memory_mb).failed is failed
