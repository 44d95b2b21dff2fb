"""When `make soak` fails; the soak itself is run by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.soak import Health, Outcome

WELL = Outcome(
    uploads=120,
    own_answers=120,
    faces_shown=(1, 2),
    faces_named=(1, 2),
    health=Health(times_ms=[4.0] * 99 + [900.0]),
    memory_mb=(500.0, 510.0, 540.0, 545.0),
    was_refused=True,
)


def test_a_soak_that_keeps_all_promises_says_nothing() -> None:
    assert WELL.broken_promises() == []


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (replace(WELL, own_answers=119), "1 of 120 uploads did not get their own result."),
        (replace(WELL, faces_named=(1, 0)), "Live visitor 2 saw 0 of 2 faces labeled."),
        (
            replace(WELL, health=Health(times_ms=[4.0] * 90 + [250.0] * 10)),
            "Health p99 is 250 ms, over 200 ms.",
        ),
        (
            replace(WELL, health=Health(times_ms=[4.0], failures=3)),
            "3 health checks got no response.",
        ),
        (replace(WELL, memory_mb=(500.0, 500.0, 560.0, 560.0)), "Memory grew by 12%, over 10%."),
        (replace(WELL, was_refused=False), "The live visitor without a place was not told so."),
    ],
)
def test_each_broken_promise_is_one_line(broken: Outcome, sentence: str) -> None:
    assert broken.broken_promises() == [sentence]


def test_a_server_that_never_responded_is_not_healthy() -> None:
    assert len(replace(WELL, health=Health(failures=9)).broken_promises()) == 2
