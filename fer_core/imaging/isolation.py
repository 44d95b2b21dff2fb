"""Decodes an image in a separate process with limits on memory, processor time and files.

For formats whose decoders are new, part of video codecs, or were often exploited: a crash there is
only a rejected file here. Each call costs 0.06 s of processor time.
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
"""Maximum address space of the process: 50 megapixels with alpha need 0.8 GB."""

CPU_S: Final = 10
"""Maximum processor time: 50 megapixels need 1 to 2 s."""

TIMEOUT_S: Final = 45.0
"""Maximum wall-clock time."""

_CHILD: Final = Path(__file__).with_name("decoder_process.py")
_KEPT_VARIABLES: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")
_RESPONSE_BYTES: Final = 4096
_BYTES_PER_PIXEL: Final = {"L": 1, "RGB": 3, "RGBA": 4, "I;16": 2, "I;16B": 2, "F": 4}
_DIED: Final[dict[str, Any]] = {"rejected": "died"}
_slots = threading.BoundedSemaphore(available_processors())
"""One process per processor, so that many visitors cannot exhaust the memory."""


def decode_isolated(
    kind: FileKind,
    data: bytes,
    *,
    memory_bytes: int = MEMORY_BYTES,
    cpu_s: int = CPU_S,
    timeout_s: float = TIMEOUT_S,
) -> tuple[Image.Image, int]:
    """Decodes an image.

    Args:
        kind: AVIF, HEIC or TIFF.
        data: content of the file.
        memory_bytes: maximum address space of the process.
        cpu_s: maximum processor time in seconds.
        timeout_s: maximum wall-clock time in seconds.

    Returns:
        The image with the values of the file, and the EXIF orientation still to be applied.

    Raises:
        InputRejected: the bytes are damaged, have too many pixels, or the process crashed or
            exceeded a limit.
    """
    order = {
        "kind": kind.name,
        "max_pixels": MAX_PIXELS,
        "memory_bytes": memory_bytes,
        "cpu_s": cpu_s,
    }
    with _slots, _started(order) as process, _killed_after(process, timeout_s):
        to_child, from_child = cast("tuple[BinaryIO, BinaryIO]", (process.stdin, process.stdout))
        with contextlib.suppress(OSError):  # it has died, which the missing response shows
            to_child.write(data)
            to_child.close()
        response = _read_response(from_child)
        if "rejected" in response:
            raise _refusal(kind, response)
        mode, size = response["mode"], (response["width"], response["height"])
        wanted = size[0] * size[1] * _BYTES_PER_PIXEL[mode]
        pixels = from_child.read(wanted)
    if len(pixels) < wanted:  # it died while responding
        raise _refusal(kind, {"rejected": "died"})
    return Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1), response["orientation"]


@contextlib.contextmanager
def _started(order: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    # Only what Python needs: no keys or tokens from the environment. It uses the package paths of
    # this process.
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


def _read_response(stream: BinaryIO) -> dict[str, Any]:
    """A compromised decoder may respond with anything."""
    try:
        response: dict[str, Any] = json.loads(stream.readline(_RESPONSE_BYTES))
        if "rejected" in response:
            return response
        width, height = int(response["width"]), int(response["height"])
        is_possible = min(width, height) > 0 and width * height <= MAX_PIXELS
        return response if is_possible and response["mode"] in _BYTES_PER_PIXEL else _DIED
    except (ValueError, TypeError, KeyError):
        return _DIED


def _refusal(kind: FileKind, response: dict[str, Any]) -> InputRejected:
    match response["rejected"]:
        case "too_many_pixels":
            return too_many_pixels(response["message"], MAX_PIXELS)
        case "corrupt":
            return InputRejected(
                "The picture is damaged or incomplete and cannot be decoded. Get the file again, "
                f"or open it in an image viewer and save a copy. ({response['message']})",
                reason="corrupt",
            )
        case _:
            return InputRejected(
                f"The picture cannot be decoded: the {kind.name} decoder needs more memory or "
                "time than allowed, or crashed. Save it as JPEG and try again.",
                reason="corrupt",
            )
