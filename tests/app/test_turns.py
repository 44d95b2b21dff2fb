"""Whose turn it is."""

from __future__ import annotations

import threading
import time

import pytest

from pages.components.turns import Turns


@pytest.mark.parametrize("at_once", [1, 2])
def test_so_many_work_at_once_and_no_more(at_once: int) -> None:
    turns = Turns(at_once)
    working: list[None] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(20):
            with turns.turn():
                working.append(None)
                most.append(len(working))
                time.sleep(0.001)
                working.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 80
    assert max(most) == at_once


def test_who_comes_back_at_once_passes_nobody() -> None:
    turns = Turns(1)
    order: list[str] = []

    def wait(name: str) -> None:
        with turns.turn():
            order.append(name)

    waiting = [threading.Thread(target=wait, args=[name]) for name in ("second", "third")]
    with turns.turn():
        order.append("first")
        for count, thread in enumerate(waiting, start=1):
            thread.start()
            while turns.waiting < count:
                time.sleep(0.001)
    wait("first again")
    assert order == ["first", "second", "third", "first again"]
    for thread in waiting:
        thread.join()


def test_a_turn_that_fails_is_over() -> None:
    turns = Turns(1)
    with pytest.raises(ValueError, match="no"), turns.turn():
        raise ValueError("no")
    with turns.turn():
        pass
