"""Background jobs: progress, cancellation, and fair order."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from fer_core.errors import InputRejected, JobCanceled
from fer_core.machine.background_job import Job, JobState
from fer_core.machine.fair_slots import FairSlots

WAIT_S = 30


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def finished(running: Job[float, str]) -> JobState[float, str]:
    until(lambda: running.state().phase in ("done", "failed"))
    return running.state()


def until_stopped(report: Callable[[float], None], should_stop: Callable[[], bool]) -> str:
    report(0.5)
    until(should_stop)
    return "what there is so far"


def test_progress_and_result_can_be_read_and_work_can_be_stopped() -> None:
    running = Job(until_stopped, FairSlots(1))
    until(lambda: running.state().progress == 0.5)
    assert running.state().phase == "running"
    running.stop()
    assert running.is_asked_to_stop
    state = finished(running)
    assert (state.phase, state.result) == ("done", "what there is so far")


def test_a_canceled_job_without_a_partial_result_frees_the_slot() -> None:
    slots = FairSlots(1)

    def all_or_nothing(report: Callable[[float], None], should_stop: Callable[[], bool]) -> str:
        until(should_stop)
        raise JobCanceled("It was stopped half-way.")

    running = Job(all_or_nothing, slots)
    running.stop()
    state = finished(running)
    assert (state.phase, state.result, state.error) == ("failed", None, "It was stopped half-way.")
    assert finished(Job(lambda *_: "fine", slots)).result == "fine"


def test_jobs_wait_for_a_slot_and_know_their_place() -> None:
    slots = FairSlots(1)
    first, second, third = (Job(until_stopped, slots) for _ in range(3))
    until(lambda: first.state().phase == "running")
    assert second.state().phase == third.state().phase == "waiting"
    assert (second.state().ahead, third.state().ahead) == (1, 2)
    second.stop()
    assert slots.waiting == 1  # at once
    assert third.state().ahead == 1
    assert (finished(second).phase, finished(second).was_stopped) == ("failed", True)
    first.stop()
    until(lambda: third.state().phase == "running")
    third.stop()
    assert third.wait(WAIT_S)
    assert (third.state().phase, third.state().was_stopped) == ("done", True)


def test_the_jobs_of_one_owner_do_not_starve_another() -> None:
    slots = FairSlots(1)
    many = [Job(until_stopped, slots, owner="many") for _ in range(3)]
    one = Job(until_stopped, slots, owner="one")
    assert [running.state().ahead for running in [*many, one]][1:] == [2, 3, 1]
    for running in [*many, one]:
        running.stop()
    assert finished(many[0]).phase == "done"


def test_a_resumed_job_that_never_gets_a_slot_keeps_its_partial_result() -> None:
    slots = FairSlots(1)
    slots.request("somebody else")
    waiting = Job(until_stopped, slots, "what there was")
    waiting.stop()
    state = finished(waiting)
    assert (state.phase, state.result) == ("done", "what there was")


def test_errors_become_messages_and_free_the_slot(caplog: pytest.LogCaptureFixture) -> None:
    slots = FairSlots(1)

    def reject(*_: object) -> str:
        raise InputRejected("The file is empty.", reason="empty")

    def break_down(*_: object) -> str:
        raise ZeroDivisionError("secret detail")

    assert finished(Job(reject, slots)).error == "The file is empty."
    assert (
        finished(Job(break_down, slots)).error
        == "The job failed because of an internal error. Try again."
    )
    assert "secret detail" in caplog.text  # for the operator of the app
    assert finished(Job(lambda *_: "fine", slots)).result == "fine"


def test_an_abandoned_job_ends_and_leaves_the_queue() -> None:
    slots = FairSlots(1)
    running, waiting = (Job(until_stopped, slots) for _ in range(2))
    waiting.abandon()
    assert finished(waiting).phase == "failed"
    assert slots.waiting == 0
    running.abandon()
    assert finished(running).was_stopped
