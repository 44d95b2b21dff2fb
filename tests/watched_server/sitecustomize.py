"""Watches a server that has this folder on its PYTHONPATH, and finds what its memory still holds.

One JSON line for each file that Python opens for writing, each address that it looks up or sends
to and each process that it starts goes to the file that WATCH_LOG names. On SIGUSR1 one more says
which kinds of live objects hold which of the byte strings in WATCH_CANARIES, a file of hexadecimal
lines, or show the bars of `bars.py`; on SIGUSR2 one more names the threads.
"""

import gc
import io
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ADDRESS_AT = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0}
_PROCESSES = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"}
_LEAST_PICTURE = 10_000
"""Bytes that a picture with bars has, encoded or not."""


_LEAST_ROW = 64
"""Numbers that a part of a picture has."""


def _note(kind: str, what: object) -> None:
    os.write(_log, (json.dumps([kind, what], default=str) + "\n").encode())


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, mode, flags = arguments
        if set(mode or "") & set("wax+") or (flags or 0) & _WRITES:
            _note("write", str(path))
    elif event in _ADDRESS_AT:
        address = arguments[_ADDRESS_AT[event]]
        _note("address", str(address[0] if isinstance(address, tuple) else address))
    elif event in _PROCESSES:
        _note("process", str(arguments[0]))


def _bytes_of(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, io.BytesIO):
        return b"" if value.closed else value.getvalue()
    if isinstance(value, np.ndarray) and value.dtype == np.uint8:
        return value.tobytes()
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size > _LEAST_ROW:
        return _as_pixels(value)
    if isinstance(value, Image.Image):
        return bytes(value.tobytes())
    if isinstance(value, av.VideoFrame) and value.width:  # else none has been decoded into it
        return value.to_ndarray().tobytes()
    return b""


def _as_pixels(value: Any) -> bytes:
    """Numbers up to 1, from 0 or from -1, or up to 255, as the bytes of a picture."""
    finite = np.nan_to_num(value, nan=0, posinf=0, neginf=0).astype(np.float32)
    low, high = finite.min(), finite.max()
    if high <= 1:
        finite = finite * 255 if low >= 0 else (finite + 1) * 127.5
    return bytes(finite.round().clip(0, 255).astype(np.uint8).tobytes())


def _report_what_is_held(*_: object) -> None:
    from tests.watched_server.bars import shows_bars  # the project's folder comes after this file

    lines = Path(os.environ["WATCH_CANARIES"]).read_text(encoding="ascii").split()
    canaries = [bytes.fromhex(line) for line in lines]
    gc.collect()
    kinds = set()  # of what holds a canary, with the number of its line; bars come after the last
    seen = set(map(id, canaries))
    found: list[object] = gc.get_objects()
    while found:
        value = found.pop()
        if id(value) not in seen:
            seen.add(id(value))
            held = _bytes_of(value)
            kinds |= {
                (number, type(value).__name__)
                for number, canary in enumerate(canaries)
                if canary in held
            }
            if len(held) > _LEAST_PICTURE and shows_bars(held):
                kinds.add((len(canaries), type(value).__name__))
            found += gc.get_referents(value)
    _note("held", sorted(kinds))


def _report_threads(*_: object) -> None:
    _note("threads", [thread.name for thread in threading.enumerate()])


if "streamlit" in sys.orig_argv:
    _log = os.open(os.environ["WATCH_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    _note("pid", os.getpid())
    sys.addaudithook(_watch)
    signal.signal(signal.SIGUSR1, _report_what_is_held)
    signal.signal(signal.SIGUSR2, _report_threads)
