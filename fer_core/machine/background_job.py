"""Long work on a thread of its own, which others watch, and may stop.

It knows no screen: whoever shows it asks for its state now and then.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Final, Generic, Literal, TypeVar

from fer_core.errors import FerError
from fer_core.machine.fair_slots import FairSlots

Progress = TypeVar("Progress")
Result = TypeVar("Result")

Work = Callable[[Callable[[Progress], None], Callable[[], bool]], Result]
"""Called with a function that takes reports of progress, and one that says whether to stop. Work
that is stopped returns what it has got, or raises `WorkStopped` where that is nothing."""

Phase = Literal["waiting", "running", "done", "failed"]

ABANDONED_AFTER_S: Final = 120.0
"""Work that nobody has asked for or awaited in so long is given up: a connection may be lost for a
moment."""

_SLOT_CHECK_S: Final = 0.2

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class JobState(Generic[Progress, Result]):
    """What there is to know of a job.

    Attributes:
        phase: waiting for a slot, running, done, or failed.
        progress: how far it is; None before the first report.
        result: once it is done; None before. Work that was stopped is done too, where it gives
            what it has got.
        error: once it failed, or was stopped with nothing to give: a sentence for people.
        ahead: while it waits, how many others are served before it.
        was_stopped: whether it ended because somebody asked it to.
    """

    phase: Phase
    progress: Progress | None = None
    result: Result | None = None
    error: str | None = None
    ahead: int = 0
    was_stopped: bool = False


class Job(Generic[Progress, Result]):
    """Starts work at once, or when it gets a slot.

    Args:
        work: called on a thread.
        slots: as many jobs run at once as it has; the others wait. None for work that asks for
            slots by itself, a part at a time.
        so_far: what there is already, for work that is resumed: the result when it is stopped
            before it got a slot.
        is_awaited: whether somebody who does not ask for the state may still come back for it;
            called on the thread.
        owner: whose job it is, for a fair order; None is an owner with no other job.
    """

    def __init__(
        self,
        work: Work[Progress, Result],
        slots: FairSlots | None,
        so_far: Result | None = None,
        is_awaited: Callable[[], bool] = lambda: False,
        *,
        owner: Hashable | None = None,
    ) -> None:
        self._work = work
        # Here and not on the thread: jobs wait in the order in which they were started.
        self._slot = None if slots is None else slots.request(object() if owner is None else owner)
        self._so_far = so_far
        self._is_awaited = is_awaited
        self._lock = threading.Lock()
        self._state = JobState[Progress, Result]("waiting")
        self._stop = threading.Event()
        self._finished = threading.Event()
        self._asked_s = time.monotonic()
        threading.Thread(target=self._run, name="job", daemon=True).start()

    def state(self) -> JobState[Progress, Result]:
        """Returns the state, and notes that somebody still wants the result."""
        with self._lock:
            self._asked_s = time.monotonic()
            state = self._state
        if state.phase == "waiting" and self._slot is not None:
            return replace(state, ahead=self._slot.ahead)
        return state

    def stop(self) -> None:
        """Asks the work to end with what it has got; a job that waits leaves the queue at once."""
        self._stop.set()
        if self._slot is not None:
            self._slot.cancel()

    def wait(self, timeout_s: float) -> bool:
        """Waits for the end, at most so long, and returns whether it has come."""
        return self._finished.wait(timeout_s)

    @property
    def is_asked_to_stop(self) -> bool:
        """Whether `stop` was called; the work may take a moment to end."""
        return self._stop.is_set()

    def _run(self) -> None:
        try:
            if self._has_slot():
                self._work_through()
            else:
                self._end_before_work()
        finally:
            if self._slot is not None:
                self._slot.release()
            self._finished.set()

    def _has_slot(self) -> bool:
        """Waits for a slot; returns False when the job was stopped before it got one."""
        while self._slot is not None and not self._slot.wait(_SLOT_CHECK_S):
            if self._should_stop():
                self._slot.cancel()
                return self._slot.wait(0)  # it may have got one in this moment
        return True

    def _end_before_work(self) -> None:
        if self._so_far is not None:
            self._set(JobState("done", result=self._so_far, was_stopped=True))
        else:
            error = "It was stopped before it began."
            self._set(JobState("failed", error=error, was_stopped=True))

    def _work_through(self) -> None:
        self._set(JobState("running"))
        try:
            result = self._work(
                lambda progress: self._set(JobState("running", progress)), self._should_stop
            )
        except FerError as error:
            self._set(JobState("failed", error=str(error), was_stopped=self._stop.is_set()))
        except Exception:
            _logger.exception("A job failed")
            self._set(JobState("failed", error="Something went wrong. Try again."))
        else:
            progress = self._state.progress
            self._set(JobState("done", progress, result, was_stopped=self._stop.is_set()))

    def _set(self, state: JobState[Progress, Result]) -> None:
        with self._lock:
            self._state = state

    def _should_stop(self) -> bool:
        if self._stop.is_set():
            return True
        with self._lock:
            if self._is_awaited():
                self._asked_s = time.monotonic()
            return time.monotonic() - self._asked_s > ABANDONED_AFTER_S
