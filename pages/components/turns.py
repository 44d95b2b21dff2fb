"""Who may use the processors now."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Lets so many threads work at once, and the others one after the other as they came.

    Threads that share the processors instead all take longer, and do less in all: they push one
    another out of the caches, and whoever has a little to do, as the media loop for each packet,
    waits for all of them. A `threading.Semaphore` would let one that comes back at once pass those
    that wait.

    Args:
        at_once: how many work at the same time.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait for a turn."""
        return len(self._waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for a turn, which lasts as long as the block."""
        called = threading.Event()
        with self._lock:
            if self._free:
                self._free -= 1
                called.set()
            else:
                self._waiting.append(called)
        called.wait()
        try:
            yield
        finally:
            with self._lock:
                if self._waiting:
                    self._waiting.popleft().set()
                else:
                    self._free += 1
