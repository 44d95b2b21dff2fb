"""A server that says what it does and what it holds; its side is `tests/watched_server`."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser.conftest import PROJECT, WAIT_MS


@dataclass(frozen=True)
class Watch:
    """What is seen of a server.

    Attributes:
        log: where the server writes it.
    """

    log: Path

    @property
    def settings(self) -> dict[str, str]:
        """What the server needs in its environment."""
        return {
            "PYTHONPATH": str(PROJECT / "tests" / "watched_server"),
            "WATCH_LOG": str(self.log),
        }

    @property
    def process(self) -> int:
        """The server's number."""
        return int(self.seen("pid")[0])

    def seen(self, kind: str) -> list[Any]:
        """Returns what was seen of one kind, in order."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [subject for what, subject in lines if what == kind]

    def held(self) -> list[tuple[int, str]]:
        """Asks which canaries are in memory: number of each, and kind of object that holds it."""
        return [(number, kind) for number, kind in self._ask(signal.SIGUSR1, "held")]

    def threads(self) -> set[str]:
        """Asks for the names of the threads."""
        return set(self._ask(signal.SIGUSR2, "threads"))

    def _ask(self, question: signal.Signals, kind: str) -> list[Any]:
        known = len(self.seen(kind))
        os.kill(self.process, question)
        deadline = time.monotonic() + WAIT_MS / 1000
        while len(self.seen(kind)) == known:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        return list(self.seen(kind)[-1])
