"""Background jobs on their own threads, which can be monitored and canceled.

Independent of any user interface, which polls the state of a job.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Final, Generic, Literal, TypeVar

from fer_core.errors import FerError
from fer_core.machine.fair_slots import FairSlots

Progress = TypeVar("Progress")
Result = TypeVar("Result")

JobFunction = Callable[[Callable[[Progress], None], Callable[[], bool]], Result]
"""Called with a function that reports progress, and one that returns whether to stop. A canceled
job returns its partial result, or raises `JobCanceled` if it has none."""

Phase = Literal["waiting", "running", "done", "failed"]

_SLOT_CHECK_S: Final = 0.2

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class JobState(Generic[Progress, Result]):
    """The state of a job.

    Attributes:
        phase: waiting for a slot, running, done, or failed.
        progress: the last progress; None before the first report.
        result: the result when done; None before. A canceled job with a partial result is done too.
        error: message for the user if it failed, or was canceled without a partial result.
        ahead: while it waits, the number of requests ahead of it.
        was_stopped: whether it was canceled.
    """

    phase: Phase
    progress: Progress | None = None
    result: Result | None = None
    error: str | None = None
    ahead: int = 0
    was_stopped: bool = False


class Job(Generic[Progress, Result]):
    """Starts the work immediately, or when it gets a slot.

    Args:
        work: called on a thread.
        slots: limits how many jobs run at the same time. None for work that requests slots itself,
            one part at a time.
        so_far: the partial result of a resumed job: its result if it is canceled before it gets a
            slot.
        owner: owner of the job, for fair scheduling; None is an owner without other jobs.
    """

    def __init__(
        self,
        work: JobFunction[Progress, Result],
        slots: FairSlots | None,
        so_far: Result | None = None,
        *,
        owner: Hashable | None = None,
    ) -> None:
        self._work = work
        # Here and not on the thread, so that jobs queue in the order in which they were started.
        self._slot = None if slots is None else slots.request(object() if owner is None else owner)
        self._so_far = so_far
        self._lock = threading.Lock()
        self._state = JobState[Progress, Result]("waiting")
        self._stop = threading.Event()
        self._finished = threading.Event()
        threading.Thread(target=self._run, name="job", daemon=True).start()

    def state(self) -> JobState[Progress, Result]:
        """Returns the state."""
        with self._lock:
            state = self._state
        if state.phase == "waiting" and self._slot is not None:
            return replace(state, ahead=self._slot.ahead)
        return state

    def stop(self) -> None:
        """Cancels the job, keeping its partial result; a waiting job leaves the queue at once."""
        self._stop.set()
        if self._slot is not None:
            self._slot.cancel()

    def abandon(self) -> None:
        """The same for finalizers, which must take no lock; a waiting job leaves a bit later."""
        self._stop.set()

    def wait(self, timeout_s: float) -> bool:
        """Waits for the end up to a timeout, and returns whether the job has ended."""
        return self._finished.wait(timeout_s)

    @property
    def is_asked_to_stop(self) -> bool:
        """Whether `stop` was called; the job may take a moment to end."""
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
        """Waits for a slot; returns False if the job was canceled before it got one."""
        while self._slot is not None and not self._slot.wait(_SLOT_CHECK_S):
            if self._stop.is_set():
                self._slot.cancel()
                return self._slot.wait(0)  # it may have just got one
        return True

    def _end_before_work(self) -> None:
        if self._so_far is not None:
            self._set(JobState("done", result=self._so_far, was_stopped=True))
        else:
            error = "The job was canceled before it started."
            self._set(JobState("failed", error=error, was_stopped=True))

    def _work_through(self) -> None:
        self._set(JobState("running"))
        try:
            result = self._work(
                lambda progress: self._set(JobState("running", progress)), self._stop.is_set
            )
        except FerError as error:
            self._set(JobState("failed", error=str(error), was_stopped=self._stop.is_set()))
        except Exception:
            _logger.exception("A job failed")
            self._set(
                JobState("failed", error="The job failed because of an internal error. Try again.")
            )
        else:
            progress = self._state.progress
            self._set(JobState("done", progress, result, was_stopped=self._stop.is_set()))

    def _set(self, state: JobState[Progress, Result]) -> None:
        with self._lock:
            self._state = state
