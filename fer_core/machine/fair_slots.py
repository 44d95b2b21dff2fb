"""Fair access to something that only so many can use at once, such as the processors."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Literal


class FairSlots:
    """Lets so many requests hold a slot at once; the others wait in a fair order.

    First come, first served, between owners: each is served once before anyone is served twice.
    So an owner with many requests delays another one by one request at most. A
    `threading.Semaphore` has no order, and lets whoever returns at once pass those who wait.

    The order is start-time fair queueing (Goyal, Vin and Cheng 1996) with requests of equal length.
    Each request belongs to a round: the current one, or the one after its owner's last. The lowest
    round is served first, and within a round the earliest request.

    Args:
        at_once: how many hold a slot at the same time.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lock = threading.Lock()
        self._arrivals = itertools.count()
        self._round = 0
        self._last_rounds: dict[Hashable, int] = {}
        self._waiting: list[SlotRequest] = []
        self._working: list[SlotRequest] = []

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        with self._lock:
            return len(self._waiting)

    def request(self, owner: Hashable) -> SlotRequest:
        """Joins the queue, now; `SlotRequest.wait` waits.

        Args:
            owner: whose request it is; owners are treated alike.
        """
        with self._lock:
            number = max(self._round, self._last_rounds.get(owner, -1) + 1)
            self._last_rounds[owner] = number
            request = SlotRequest(self, (number, next(self._arrivals)))
            self._waiting.append(request)
            self._serve()
            return request

    @contextmanager
    def slot(self, owner: Hashable) -> Iterator[None]:
        """Waits for a slot and holds it for as long as the block runs."""
        request = self.request(owner)
        request.wait()
        try:
            yield
        finally:
            request.release()

    def _serve(self) -> None:
        """Gives free slots to those whose turn it is; called with the lock held."""
        while self._waiting and len(self._working) < self._at_once:
            request = min(self._waiting, key=lambda waiting: waiting.order)
            self._waiting.remove(request)
            self._working.append(request)
            if request.order[0] > self._round:
                self._round = request.order[0]
                # An owner of an earlier round is like one who was never here.
                last = self._last_rounds.items()
                self._last_rounds = {
                    owner: number for owner, number in last if number >= self._round
                }
            request.settle("working")
        if not self._working:
            self._last_rounds.clear()

    def _ahead_of(self, request: SlotRequest) -> int:
        with self._lock:
            if request not in self._waiting:
                return 0
            before = sum(waiting.order < request.order for waiting in self._waiting)
            return before + len(self._working)

    def _cancel(self, request: SlotRequest) -> None:
        with self._lock:
            if request in self._waiting:
                self._waiting.remove(request)
                request.settle("left")

    def _release(self, request: SlotRequest) -> None:
        with self._lock:
            if request in self._working:
                self._working.remove(request)
                request.settle("left")
                self._serve()


class SlotRequest:
    """One place in the queue, then a slot. Made by `FairSlots.request`; for any thread.

    Attributes:
        order: round and number of arrival.
    """

    def __init__(self, slots: FairSlots, order: tuple[int, int]) -> None:
        self.order = order
        self._slots = slots
        self._settled = threading.Event()
        self._phase: Literal["waiting", "working", "left"] = "waiting"

    @property
    def ahead(self) -> int:
        """How many requests are served before this one: those that wait and those at work."""
        return self._slots._ahead_of(self)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Waits for the slot and returns whether this request holds it.

        Returns False after the timeout, and at once when the request was canceled.
        """
        self._settled.wait(timeout_s)
        return self._phase == "working"

    def cancel(self) -> None:
        """Leaves the queue; a request that holds a slot keeps it."""
        self._slots._cancel(self)

    def release(self) -> None:
        """Gives the slot back; does nothing where there is none."""
        self._slots._release(self)

    def settle(self, phase: Literal["working", "left"]) -> None:
        """Ends the wait; for `FairSlots`, which holds its lock."""
        self._phase = phase
        self._settled.set()
