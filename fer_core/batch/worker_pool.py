"""A process pool for many inputs that survives a crash or hang on one of them.

When one process dies, `concurrent.futures` breaks the whole pool and does not report the input.
Here only one result is lost, and a new process continues with the next input.
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
class LostTask:
    """Replaces a result that was lost.

    Attributes:
        reason: a stable keyword.
        message: a sentence for people.
    """

    reason: str
    message: str

    @property
    def needs_new_worker(self) -> bool:
        """Whether the process has died or must be killed."""
        return self.reason in (_DIED, _LATE)


def run_in_workers(
    tasks: Sequence[Task],
    setup: Callable[[], Callable[[Task], Result]],
    *,
    workers: int,
    timeout_s: float,
) -> Iterator[tuple[int, Result | LostTask]]:
    """Runs every task in one of several processes.

    Tasks are assigned one by one and in order, so at most `workers` of them run at a time.

    Args:
        tasks: inputs, which are pickled.
        setup: called once in each process; returns the function that does a task. It is pickled,
            so it must be importable.
        workers: number of processes, at least 1.
        timeout_s: a task that takes longer is lost, and its process is killed.

    Yields:
        The index of each task with its result, in order of completion; with a `LostTask` if its
        process died, it timed out, or it raised an exception.

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
            # Until the first deadline, or until a worker responds or dies.
            patience_s = max(0.0, min(worker.deadline for worker in crew) - time.monotonic())
            answering = connection.wait([worker.channel for worker in crew], patience_s)
            for at, worker in reversed([*enumerate(crew)]):
                if worker.channel in answering:
                    result = worker.receive()
                elif worker.deadline <= time.monotonic():
                    result = worker.late()
                else:
                    continue
                if worker.index is not None:
                    yield worker.index, result
                elif isinstance(result, LostTask):
                    raise _not_started(result)
                if handed_out == len(tasks):
                    crew.pop(at).kill()
                elif isinstance(result, LostTask) and result.needs_new_worker:
                    worker.kill()
                    crew[at] = _Worker(setup, timeout_s)
                else:
                    worker.give(handed_out, tasks[handed_out])
                    handed_out += 1
    finally:
        for worker in crew:
            worker.kill()


class SingleWorker(Generic[Task, Result]):
    """A single process that runs one task at a time.

    It starts immediately and prepares in the background.

    Args:
        setup: see `run_in_workers`.
        timeout_s: see `run_in_workers`.
        attempts: how often a task is tried, each time in a new process, when its process dies,
            perhaps for reasons unrelated to the task; and how often a process is started.
    """

    def __init__(
        self, setup: Callable[[], Callable[[Task], Result]], *, timeout_s: float, attempts: int
    ) -> None:
        self._setup = setup
        self._timeout_s = timeout_s
        self._attempts = attempts
        self._worker: _Worker[Task, Result] = _Worker(setup, timeout_s)

    def do(self, task: Task) -> Result | LostTask:
        """Runs a task; returns a `LostTask` if there is no result.

        Raises:
            FerError: see `run_in_workers`.
        """
        for _ in range(self._attempts):
            if self._worker.index is None:
                self._make_ready()
            self._worker.give(0, task)
            result = self._worker.wait()
            if not isinstance(result, LostTask) or not result.needs_new_worker:
                break
            self._renew()
            if result.reason == _LATE:
                break
        return result

    def _make_ready(self) -> None:
        for attempt in range(1, self._attempts + 1):
            ready = self._worker.wait()
            if not isinstance(ready, LostTask):
                return
            self._renew()
            if ready.reason != _DIED or attempt == self._attempts:
                raise _not_started(ready)

    def _renew(self) -> None:
        self._worker.kill()
        self._worker = _Worker(self._setup, self._timeout_s)


class _Worker(Generic[Task, Result]):
    """A process and its current task.

    Attributes:
        channel: readable when the process has responded or died.
        index: of the current task; None until the process is ready for its first.
        deadline: when it times out, by the monotonic clock.
    """

    def __init__(self, setup: Callable[[], Callable[[Task], Result]], timeout_s: float) -> None:
        # A forked process would inherit locks of threads that do not exist in it.
        context = multiprocessing.get_context("spawn")
        self.channel, theirs = context.Pipe()
        self.index: int | None = None
        self.deadline = time.monotonic() + _START_TIMEOUT_S
        self._timeout_s = timeout_s
        self._process = context.Process(target=_serve, args=(theirs, setup, timeout_s), daemon=True)
        self._process.start()
        theirs.close()  # so that the channel closes with the process

    def give(self, index: int, task: Task) -> None:
        self.index = index
        self.deadline = time.monotonic() + self._timeout_s
        with contextlib.suppress(OSError):  # it has just died, which `receive` reports
            self.channel.send(task)

    def wait(self) -> Result | LostTask:
        """Waits until it has responded, died, or timed out."""
        patience_s = max(0.0, self.deadline - time.monotonic())
        return self.receive() if self.channel.poll(patience_s) else self.late()

    def late(self) -> LostTask:
        return LostTask(_LATE, f"There was no result within {self._timeout_s:g} seconds.")

    def receive(self) -> Result | LostTask:
        try:
            result: Result | LostTask = self.channel.recv()
        except (EOFError, OSError):
            self._process.join(1.0)
            code = self._process.exitcode
            return LostTask(_DIED, f"The worker process ended with {_describe(code)}.")
        return result

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self.channel.close()


def _not_started(lost: LostTask) -> FerError:
    return FerError(f"A worker process could not start. {lost.message}")


def _describe(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"exit code {exit_code}"
    return f"signal {signal.Signals(-exit_code).name}"


def _serve(
    channel: Connection, setup: Callable[[], Callable[[Task], Result]], timeout_s: float
) -> None:
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # the parent handles Ctrl-C and then kills this process
    try:
        work = setup()
    except FerError as error:
        channel.send(LostTask("refused", str(error)))
        return
    channel.send(_READY)
    with Path(os.devnull).open("w") as nowhere, contextlib.suppress(EOFError, OSError):
        while True:  # until the parent exits or kills this process
            task = channel.recv()
            # A killed parent cannot end a hanging process, so the process ends itself.
            faulthandler.dump_traceback_later(2 * timeout_s, exit=True, file=nowhere)
            channel.send(_attempt(work, task))
            faulthandler.cancel_dump_traceback_later()


def _attempt(work: Callable[[Task], Result], task: Task) -> Result | LostTask:
    try:
        return work(task)
    except Exception as error:  # any error affects this task only
        logging.getLogger(__name__).exception("A task failed")
        return LostTask("internal error", f"{type(error).__name__}: {error}")
