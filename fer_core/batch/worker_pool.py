"""Processes that work through many inputs, and may die or hang over one of them.

`concurrent.futures` gives a whole pool up when one process dies, and does not say over which input.
Here that costs one answer, and a fresh process goes on with the next input.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Generic, TypeVar

from fer_core.errors import FerError

Task = TypeVar("Task")
Result = TypeVar("Result")

_START_TIMEOUT_S: Final = 300.0
"""For importing and loading a model on a busy machine."""

_READY: Final = "ready"
_DIED: Final = "worker died"
_LATE: Final = "took too long"


@dataclass(frozen=True)
class Lost:
    """Stands in for an answer that there will never be.

    Attributes:
        reason: a stable keyword.
        message: a sentence for people.
    """

    reason: str
    message: str

    @property
    def needs_new_worker(self) -> bool:
        """Whether the process is gone, or must go."""
        return self.reason in (_DIED, _LATE)


def run_in_workers(
    tasks: Sequence[Task],
    setup: Callable[[], Callable[[Task], Result]],
    *,
    workers: int,
    timeout_s: float,
) -> Iterator[tuple[int, Result | Lost]]:
    """Does every task in one of several processes.

    Tasks are handed out one by one and in order, so at most `workers` of them are under way.

    Args:
        tasks: inputs, which are pickled.
        setup: called once in each process; returns the function that does a task. It is pickled,
            so it must be importable.
        workers: number of processes, at least 1.
        timeout_s: a task that takes longer is given up, and its process killed.

    Yields:
        The index of each task with its result, as they come; with a `Lost` when its process died
        over it, took too long, or raised an exception.

    Raises:
        FerError: a process cannot start, or `setup` raises a `FerError`.
        ValueError: `workers` is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1. Received: workers={workers}")
    handed_out = 0
    crew = [_Worker(setup, timeout_s) for _ in range(min(workers, len(tasks)))]
    try:
        while crew:
            # As far ahead as the first deadline; earlier when a worker answers or dies.
            patience_s = max(0.0, min(worker.deadline for worker in crew) - time.monotonic())
            answering = connection.wait([worker.channel for worker in crew], patience_s)
            for at, worker in reversed([*enumerate(crew)]):
                if worker.channel in answering:
                    answer = worker.receive()
                elif worker.deadline <= time.monotonic():
                    answer = worker.late()
                else:
                    continue
                if worker.index is not None:
                    yield worker.index, answer
                elif isinstance(answer, Lost):
                    raise _not_started(answer)
                if handed_out == len(tasks):
                    crew.pop(at).kill()
                elif isinstance(answer, Lost) and answer.needs_new_worker:
                    worker.kill()
                    crew[at] = _Worker(setup, timeout_s)
                else:
                    worker.give(handed_out, tasks[handed_out])
                    handed_out += 1
    finally:
        for worker in crew:
            worker.kill()


class LoneWorker(Generic[Task, Result]):
    """One process, for a caller that hands it one task after the other.

    It starts at once and gets ready while its caller does other things.

    Args:
        setup: see `run_in_workers`.
        timeout_s: see `run_in_workers`.
        attempts: how often a task is tried, each time in a fresh process, when its process dies,
            which may have reasons that are not the task's; and how often a process is started.
    """

    def __init__(
        self, setup: Callable[[], Callable[[Task], Result]], *, timeout_s: float, attempts: int
    ) -> None:
        self._setup = setup
        self._timeout_s = timeout_s
        self._attempts = attempts
        self._worker: _Worker[Task, Result] = _Worker(setup, timeout_s)

    def do(self, task: Task) -> Result | Lost:
        """Does a task; gives a `Lost` when there will be no answer.

        Raises:
            FerError: see `run_in_workers`.
        """
        for _ in range(self._attempts):
            if self._worker.index is None:
                self._make_ready()
            self._worker.give(0, task)
            answer = self._worker.wait()
            if not isinstance(answer, Lost) or not answer.needs_new_worker:
                break
            self._renew()
            if answer.reason == _LATE:
                break
        return answer

    def _make_ready(self) -> None:
        for attempt in range(1, self._attempts + 1):
            ready = self._worker.wait()
            if not isinstance(ready, Lost):
                return
            self._renew()
            if ready.reason != _DIED or attempt == self._attempts:
                raise _not_started(ready)

    def _renew(self) -> None:
        self._worker.kill()
        self._worker = _Worker(self._setup, self._timeout_s)


class _Worker(Generic[Task, Result]):
    """A process and what it is busy with.

    Attributes:
        channel: readable when the process has answered or has died.
        index: of the task under way; None until the process is ready for its first.
        deadline: when to give up on it, by the monotonic clock.
    """

    def __init__(self, setup: Callable[[], Callable[[Task], Result]], timeout_s: float) -> None:
        # A forked process would inherit the locks of threads that it does not have.
        context = multiprocessing.get_context("spawn")
        self.channel, theirs = context.Pipe()
        self.index: int | None = None
        self.deadline = time.monotonic() + _START_TIMEOUT_S
        self._timeout_s = timeout_s
        self._process = context.Process(target=_serve, args=(theirs, setup, timeout_s), daemon=True)
        self._process.start()
        theirs.close()  # so that the channel ends with the process

    def give(self, index: int, task: Task) -> None:
        self.index = index
        self.deadline = time.monotonic() + self._timeout_s
        with contextlib.suppress(OSError):  # it has just died, which `receive` will tell
            self.channel.send(task)

    def wait(self) -> Result | Lost:
        """Waits until it has answered, has died, or is late."""
        patience_s = max(0.0, self.deadline - time.monotonic())
        return self.receive() if self.channel.poll(patience_s) else self.late()

    def late(self) -> Lost:
        return Lost(_LATE, f"Nothing came of it within {self._timeout_s:g} seconds.")

    def receive(self) -> Result | Lost:
        try:
            answer: Result | Lost = self.channel.recv()
        except (EOFError, OSError):
            self._process.join(1.0)
            code = self._process.exitcode
            return Lost(_DIED, f"The process that worked on it ended with {_describe(code)}.")
        return answer

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self.channel.close()


def _not_started(lost: Lost) -> FerError:
    return FerError(f"A worker process could not start. {lost.message}")


def _describe(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"exit code {exit_code}"
    return f"signal {signal.Signals(-exit_code).name}"


def _serve(
    channel: Connection, setup: Callable[[], Callable[[Task], Result]], timeout_s: float
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this
    try:
        work = setup()
    except FerError as error:
        channel.send(Lost("refused", str(error)))
        return
    channel.send(_READY)
    with Path(os.devnull).open("w") as nowhere, contextlib.suppress(EOFError, OSError):
        while True:  # until the parent is gone, or kills this
            task = channel.recv()
            # A parent that was killed cannot end a process that hangs, so it ends itself.
            faulthandler.dump_traceback_later(2 * timeout_s, exit=True, file=nowhere)
            channel.send(_attempt(work, task))
            faulthandler.cancel_dump_traceback_later()


def _attempt(work: Callable[[Task], Result], task: Task) -> Result | Lost:
    try:
        return work(task)
    except Exception as error:  # whatever it is, it concerns this task alone
        logging.getLogger(__name__).exception("A task failed")
        return Lost("internal error", f"{type(error).__name__}: {error}")
