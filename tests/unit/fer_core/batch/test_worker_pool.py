"""A crash of a worker process loses one result."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable

import pytest

from fer_core.batch.worker_pool import LostTask, run_in_workers
from fer_core.errors import FerError, ModelError


def set_up() -> Callable[[str], str]:
    return obey


def set_up_with_an_error() -> Callable[[str], str]:
    raise ModelError("No such model.")


def set_up_and_die() -> Callable[[str], str]:
    os._exit(3)


def obey(order: str) -> str:
    if order == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if order == "leave":
        os._exit(7)
    if order == "hang":
        time.sleep(1000)
    if order == "raise":
        raise ZeroDivisionError("nothing divides by it")
    return order.upper()


def results(orders: list[str], *, workers: int = 2, timeout_s: float = 60) -> list[str | LostTask]:
    results: dict[int, str | LostTask] = dict(
        run_in_workers(orders, set_up, workers=workers, timeout_s=timeout_s)
    )
    assert sorted(results) == list(range(len(orders)))
    return [results[index] for index in range(len(orders))]


def test_every_task_gets_its_own_result() -> None:
    orders = [f"order {number}" for number in range(50)]
    assert results(orders) == [order.upper() for order in orders]


def test_without_tasks_there_is_nothing_to_do() -> None:
    assert results([]) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_that_crashes_or_hangs_its_process_loses_one_result(workers: int) -> None:
    orders = ["a", "die", "b", "hang", "c", "leave", "raise", "d"]
    received = results(orders, workers=workers, timeout_s=2)
    assert [each for each in received if isinstance(each, str)] == ["A", "B", "C", "D"]
    lost = {
        order: result
        for order, result in zip(orders, received, strict=True)
        if isinstance(result, LostTask)
    }
    assert {order: result.reason for order, result in lost.items()} == {
        "die": "worker died",
        "hang": "took too long",
        "leave": "worker died",
        "raise": "internal error",
    }
    assert "SIGKILL" in lost["die"].message
    assert "exit code 7" in lost["leave"].message
    assert "ZeroDivisionError: nothing divides by it" in lost["raise"].message


def test_processes_that_cannot_start_end_the_run() -> None:
    with pytest.raises(FerError, match="No such model"):
        list(run_in_workers(["a"], set_up_with_an_error, workers=2, timeout_s=5))
    with pytest.raises(FerError, match="exit code 3"):
        list(run_in_workers(["a", "b"], set_up_and_die, workers=2, timeout_s=5))


def test_no_process_outlives_an_abandoned_run() -> None:
    running = run_in_workers(["a", "hang", "hang"], set_up, workers=2, timeout_s=60)
    assert next(running) == (0, "A")
    assert len(multiprocessing.active_children()) == 2
    running.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


def test_there_must_be_a_worker() -> None:
    with pytest.raises(ValueError, match="workers must be at least 1"):
        list(run_in_workers(["a"], set_up, workers=0, timeout_s=5))
