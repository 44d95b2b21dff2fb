"""Fair scheduling of a limited resource, such as the processors."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Literal


class FairSlots:
    """Limits how many requests hold a slot at once; the others wait in a fair order.

    First come, first served between owners: each is served once before any is served twice. So an
    owner with many requests delays another by one request at most. A `threading.Semaphore` is
    unordered: a thread that returns at once can pass those that wait.

    The order is start-time fair queueing (Goyal, Vin and Cheng 1996) with requests of equal length.
    Each request belongs to a round: the current one, or the one after its owner's last. The lowest
    round is served first, and within a round the earliest request.

    Args:
        at_once: number of slots.
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
        """Number of waiting requests."""
        with self._lock:
            return len(self._waiting)

    def request(self, owner: Hashable) -> SlotRequest:
        """Joins the queue immediately; `SlotRequest.wait` waits.

        Args:
            owner: owner of the request; all owners have equal shares.
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
        """Waits for a slot and holds it during the block."""
        request = self.request(owner)
        request.wait()
        try:
            yield
        finally:
            request.release()

    def _serve(self) -> None:
        """Assigns free slots to the next requests; called with the lock held."""
        while self._waiting and len(self._working) < self._at_once:
            request = min(self._waiting, key=lambda waiting: waiting.order)
            self._waiting.remove(request)
            self._working.append(request)
            if request.order[0] > self._round:
                self._round = request.order[0]
                # An owner of an earlier round is treated like a new one.
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
    """A position in the queue, then a slot. Created by `FairSlots.request`; thread-safe.

    Attributes:
        order: round and arrival number.
    """

    def __init__(self, slots: FairSlots, order: tuple[int, int]) -> None:
        self.order = order
        self._slots = slots
        self._settled = threading.Event()
        self._phase: Literal["waiting", "working", "left"] = "waiting"

    @property
    def ahead(self) -> int:
        """Number of requests ahead of this one, waiting or holding a slot."""
        return self._slots._ahead_of(self)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Waits for the slot and returns whether this request holds it.

        Returns False after the timeout, and immediately if the request was canceled.
        """
        self._settled.wait(timeout_s)
        return self._phase == "working"

    def cancel(self) -> None:
        """Leaves the queue; a slot that is already held is kept."""
        self._slots._cancel(self)

    def release(self) -> None:
        """Releases the slot; does nothing if none is held."""
        self._slots._release(self)

    def settle(self, phase: Literal["working", "left"]) -> None:
        """Ends the wait; for `FairSlots`, which holds its lock."""
        self._phase = phase
        self._settled.set()
