"""Decodes a picture in a process of its own, with limits of memory, processor time and files.

For formats whose decoders are young, belong to videos, or were often broken into: whatever a file
does to them, it costs this process nothing but a refusal. Each costs 0.06 s of processor time.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from PIL import Image

from fer_core.errors import InputRejected
from fer_core.files import FileKind
from fer_core.imaging.limits import MAX_PIXELS, too_many_pixels
from fer_core.machine import available_processors

MEMORY_BYTES: Final = 3 * 2**29
"""Largest address space of the process: 50 megapixels with alpha need 0.8 GB."""

CPU_S: Final = 10
"""Most processor time: 50 megapixels need 1 to 2 s."""

TIMEOUT_S: Final = 45.0
"""Longest time by the clock."""

_CHILD: Final = Path(__file__).with_name("child.py")
_KEPT_VARIABLES: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")
_ANSWER_BYTES: Final = 4096
_BYTES_PER_PIXEL: Final = {"L": 1, "RGB": 3, "RGBA": 4, "I;16": 2, "I;16B": 2, "F": 4}
_DIED: Final[dict[str, Any]] = {"rejected": "died"}
_slots = threading.BoundedSemaphore(available_processors())
"""As many at once as there are processors, so that many visitors cannot fill the memory."""


def decode_isolated(
    kind: FileKind,
    data: bytes,
    *,
    memory_bytes: int = MEMORY_BYTES,
    cpu_s: int = CPU_S,
    timeout_s: float = TIMEOUT_S,
) -> tuple[Image.Image, int]:
    """Decodes a picture.

    Args:
        kind: AVIF, HEIC or TIFF.
        data: the whole file.
        memory_bytes: largest address space of the process.
        cpu_s: most processor time in seconds.
        timeout_s: longest time in seconds of the clock.

    Returns:
        The picture, whose numbers are those of the file, and the EXIF orientation that is still to
        be applied.

    Raises:
        InputRejected: the bytes are damaged, have too many pixels, or the process was killed over
            them or ran into a limit.
    """
    order = {
        "kind": kind.name,
        "max_pixels": MAX_PIXELS,
        "memory_bytes": memory_bytes,
        "cpu_s": cpu_s,
    }
    with _slots, _started(order) as process, _killed_after(process, timeout_s):
        to_child, from_child = cast("tuple[BinaryIO, BinaryIO]", (process.stdin, process.stdout))
        with contextlib.suppress(OSError):  # it has died, which its answer will tell
            to_child.write(data)
            to_child.close()
        answer = _read_answer(from_child)
        if "rejected" in answer:
            raise _refusal(kind, answer)
        mode, size = answer["mode"], (answer["width"], answer["height"])
        wanted = size[0] * size[1] * _BYTES_PER_PIXEL[mode]
        pixels = from_child.read(wanted)
    if len(pixels) < wanted:  # it died over its answer
        raise _refusal(kind, {"rejected": "died"})
    return Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1), answer["orientation"]


@contextlib.contextmanager
def _started(order: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    # Only what Python needs: no keys or tokens that may stand in the environment. It looks for
    # packages where this process does, wherever that is.
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-P", str(_CHILD), json.dumps(order)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                cast("BinaryIO", stream).close()
        process.wait()


@contextlib.contextmanager
def _killed_after(process: subprocess.Popen[bytes], timeout_s: float) -> Iterator[None]:
    timer = threading.Timer(timeout_s, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _read_answer(stream: BinaryIO) -> dict[str, Any]:
    """A decoder that was taken over may answer anything."""
    try:
        answer: dict[str, Any] = json.loads(stream.readline(_ANSWER_BYTES))
        if "rejected" in answer:
            return answer
        width, height = int(answer["width"]), int(answer["height"])
        is_possible = min(width, height) > 0 and width * height <= MAX_PIXELS
        return answer if is_possible and answer["mode"] in _BYTES_PER_PIXEL else _DIED
    except (ValueError, TypeError, KeyError):
        return _DIED


def _refusal(kind: FileKind, answer: dict[str, Any]) -> InputRejected:
    match answer["rejected"]:
        case "too_many_pixels":
            return too_many_pixels(answer["message"], MAX_PIXELS)
        case "corrupt":
            return InputRejected(
                "The picture is damaged or incomplete and cannot be decoded. Get the file again, "
                f"or open it in a picture viewer and save it anew. ({answer['message']})",
                reason="corrupt",
            )
        case _:
            return InputRejected(
                f"The picture cannot be decoded: as {kind.name}, it needs more memory or time "
                "than it may have, or its decoder crashed. Save it as JPEG and try again.",
                reason="corrupt",
            )
