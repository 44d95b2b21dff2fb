"""Long work on a thread of its own, which others watch, and may stop.

It knows no screen: whoever shows it asks for its state now and then.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from fer_core.errors import FerError

Progress = TypeVar("Progress")
Result = TypeVar("Result")

Work = Callable[[Callable[[Progress], None], Callable[[], bool]], Result]
"""Called with a function that takes reports of progress, and one that says whether to stop. Work
that is stopped returns what it has got, or raises `WorkStopped` where that is nothing."""

Phase = Literal["waiting", "running", "done", "failed"]

ABANDONED_AFTER_S: Final = 120.0
"""Work that nobody has asked for or awaited in so long is given up: a connection may be lost for a
moment."""

_TURN_CHECK_S: Final = 0.2

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class JobState(Generic[Progress, Result]):
    """What there is to know of a job.

    Attributes:
        phase: waiting for its turn, running, done, or failed.
        progress: how far it is; None before the first report.
        result: once it is done; None before. Work that was stopped is done too, where it gives
            what it has got.
        error: once it failed, or was stopped with nothing to give: a sentence for people.
    """

    phase: Phase
    progress: Progress | None = None
    result: Result | None = None
    error: str | None = None


class Job(Generic[Progress, Result]):
    """Starts work at once, or when its turn comes.

    Args:
        work: called on a thread.
        turns: as many jobs run at once as this semaphore allows; the others wait.
        so_far: what there is already, for work that goes on: the result when it is stopped before
            its turn comes.
        is_awaited: whether somebody who does not ask for the state may still come back for it;
            called on the thread.
    """

    def __init__(
        self,
        work: Work[Progress, Result],
        turns: threading.Semaphore,
        so_far: Result | None = None,
        is_awaited: Callable[[], bool] = lambda: False,
    ) -> None:
        self._work = work
        self._turns = turns
        self._so_far = so_far
        self._is_awaited = is_awaited
        self._lock = threading.Lock()
        self._state = JobState[Progress, Result]("waiting")
        self._stop = threading.Event()
        self._asked_s = time.monotonic()
        threading.Thread(target=self._run, name="job", daemon=True).start()

    def state(self) -> JobState[Progress, Result]:
        """Returns the state, and notes that somebody still wants the result."""
        with self._lock:
            self._asked_s = time.monotonic()
            return self._state

    def stop(self) -> None:
        """Asks the work to end with what it has got."""
        self._stop.set()

    @property
    def is_asked_to_stop(self) -> bool:
        """Whether `stop` was called; the work may take a moment to end."""
        return self._stop.is_set()

    def _run(self) -> None:
        while not self._turns.acquire(timeout=_TURN_CHECK_S):
            if self._should_stop():
                so_far = self._so_far
                stopped = JobState[Progress, Result](
                    "failed", error="It was stopped before its turn came."
                )
                self._set(stopped if so_far is None else JobState("done", result=so_far))
                return
        try:
            self._set(JobState("running"))
            result = self._work(
                lambda progress: self._set(JobState("running", progress)), self._should_stop
            )
            self._set(JobState("done", self._state.progress, result))
        except FerError as error:
            self._set(JobState("failed", error=str(error)))
        except Exception:
            _logger.exception("A job failed")
            self._set(JobState("failed", error="Something went wrong. Try again."))
        finally:
            self._turns.release()

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
