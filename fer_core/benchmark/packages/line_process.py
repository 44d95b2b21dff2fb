"""A child process that takes a line of JSON and replies with one, whatever else it prints."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

MARKER: Final = "@reply "
"""What precedes a reply on standard output. Text without it is ignored."""

KEPT_VARIABLES: Final = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH"),
    *("HOME", "TMPDIR", "DEEPFACE_HOME"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "USERPROFILE", "LOCALAPPDATA", "TEMP", "TMP"),
    *("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"),
)
"""The environment variables that a child process inherits; none of them holds a key or token."""

READER: Final = "reader of a package"
"""Name of the threads that read from a child process."""

_LINE_BYTES: Final = 2**20
_WAITING_LINES: Final = 64
_ERROR_BYTES: Final = 8192
_LAST_WORDS: Final = 300
_TIME_TO_END_S: Final = 5.0


class LineProcess:
    """A child process with the variables of `KEPT_VARIABLES` only.

    It is killed, with the processes that it started, at the end of a `with` block.

    Args:
        command: program and arguments.
        variables: further environment variables.

    Raises:
        OSError: the program cannot be started.
    """

    def __init__(
        self, command: Sequence[str | Path], variables: Mapping[str, str] | None = None
    ) -> None:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        self._process = subprocess.Popen(
            command,
            env=kept | {"PYTHONIOENCODING": "utf-8"} | dict(variables or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # it can be killed with all its processes
        )
        self._replies: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._errors = bytearray()
        self._readers = [
            threading.Thread(target=read, args=[stream], name=READER, daemon=True)
            for read, stream in (
                (self._read_replies, self._process.stdout),
                (self._read_errors, self._process.stderr),
            )
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> LineProcess:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def send(self, message: Mapping[str, Any]) -> None:
        """Sends a line of JSON in ASCII. If the process has ended, `receive` will say so."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def receive(self, timeout_s: float) -> dict[str, Any]:
        """Waits for the next reply.

        Raises:
            TimeoutError: there was none in time.
            EOFError: the process has ended.
            ValueError: the reply is not an object in JSON.
        """
        try:
            line = self._replies.get(timeout=max(timeout_s, 0.0))
        except queue.Empty:
            raise TimeoutError from None
        if line is None:
            self._replies.put(None)  # for the next call
            raise EOFError
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ValueError("The reply is not JSON.") from error
        if not isinstance(reply, dict):
            raise ValueError("The reply is not an object in JSON.")
        return reply

    def last_words(self) -> str:
        """Returns the last line on standard error, and which signal ended the process, if any."""
        self._readers[1].join(timeout=1.0)
        lines = bytes(self._errors).decode("utf-8", "replace").strip().splitlines()
        words = [lines[-1].strip()[:_LAST_WORDS]] if lines else []
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout=1.0)
            words += [f"killed by signal {-code}"] if code < 0 else []
        return ", ".join(words) or "no message"

    def close(self) -> None:
        """Lets the process end by the end of its input, or kills it."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_TIME_TO_END_S)
        self.kill()

    def kill(self) -> None:
        """Kills the process and those that it started, at once."""
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        for reader in self._readers:
            reader.join(_TIME_TO_END_S)

    def _read_replies(self, stream: IO[bytes]) -> None:
        with stream:
            while line := stream.readline(_LINE_BYTES):
                _, marker, reply = line.partition(MARKER.encode())
                if not marker:
                    continue
                # A flood of replies is not kept; the latest may be the one that is waited for.
                if self._replies.qsize() >= _WAITING_LINES:
                    with contextlib.suppress(queue.Empty):
                        self._replies.get_nowait()
                self._replies.put(reply)
        self._replies.put(None)

    def _read_errors(self, stream: IO[bytes]) -> None:
        with stream:
            while chunk := os.read(stream.fileno(), 4096):
                self._errors += chunk
                del self._errors[:-_ERROR_BYTES]
