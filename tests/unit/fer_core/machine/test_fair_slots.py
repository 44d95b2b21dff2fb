"""The order in which slots are assigned."""

from __future__ import annotations

import threading
import time

import pytest

from fer_core.machine.fair_slots import FairSlots, SlotRequest


def served(slots: FairSlots, requests: dict[str, SlotRequest]) -> list[str]:
    """Ends one request after the other and returns their names in the order of service."""
    order = []
    while waiting := {name: one for name, one in requests.items() if name not in order}:
        (working,) = [name for name, one in waiting.items() if one.wait(0)]
        order.append(working)
        waiting[working].release()
    assert slots.waiting == 0
    return order


@pytest.mark.parametrize("at_once", [1, 2])
def test_so_many_work_at_once_and_no_more(at_once: int) -> None:
    slots = FairSlots(at_once)
    working: list[None] = []
    most: list[int] = []

    def work(owner: int) -> None:
        for _ in range(20):
            with slots.slot(owner):
                working.append(None)
                most.append(len(working))
                time.sleep(0.001)
                working.pop()

    threads = [threading.Thread(target=work, args=[owner]) for owner in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 80
    assert max(most) == at_once


def test_first_come_first_served() -> None:
    slots = FairSlots(1)
    requests = {name: slots.request(name) for name in "abcd"}
    assert [one.ahead for one in requests.values()] == [0, 1, 2, 3]
    assert served(slots, requests) == ["a", "b", "c", "d"]


def test_an_owner_with_many_requests_does_not_starve_another() -> None:
    slots = FairSlots(1)
    requests = {f"a{number}": slots.request("a") for number in range(4)}
    requests |= {f"b{number}": slots.request("b") for number in range(2)}
    requests["c0"] = slots.request("c")
    assert requests["b0"].ahead == 1
    assert served(slots, requests) == ["a0", "b0", "c0", "a1", "b1", "a2", "a3"]


def test_newcomers_do_not_starve_a_second_request() -> None:
    slots = FairSlots(1)
    first, second = slots.request("a"), slots.request("a")
    other = slots.request("b")
    for _ in range(3):  # b returns as soon as it was served
        first.release()
        assert other.wait(0)
        first, other = other, slots.request("b")
        first.release()
        if second.wait(0):
            return
    pytest.fail("The second request of a waits for every request of b.")


def test_a_returning_owner_does_not_pass_waiting_ones() -> None:
    slots = FairSlots(1)
    first = slots.request("a")
    requests = {"b": slots.request("b"), "c": slots.request("c")}
    first.release()
    assert served(slots, requests | {"a again": slots.request("a")}) == ["b", "c", "a again"]


def test_a_canceled_request_leaves_the_queue_at_once() -> None:
    slots = FairSlots(1)
    first, second, third = (slots.request(name) for name in "abc")
    second.cancel()
    assert not second.wait()
    assert (slots.waiting, third.ahead) == (1, 1)
    first.cancel()  # too late: it holds a slot
    assert first.wait(0)
    first.release()
    assert third.wait(0)
    first.release()  # a second release does nothing
    second.release()
    assert slots.request("d").ahead == 1


def test_a_block_that_fails_gives_its_slot_back() -> None:
    slots = FairSlots(1)
    with pytest.raises(ValueError, match="no"), slots.slot("a"):
        raise ValueError("no")
    with slots.slot("a"):
        pass
