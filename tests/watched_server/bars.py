"""Bars by which a camera's whole picture is known again, after codecs and resizing.

It goes through the browser's video codec, so that no byte of it stays what it was. Widths of dark
and light bars keep their proportions: in gray, RGB, BGR, RGBA or the planes of a video frame,
mirrored or resized, and in JPEG, PNG and MP4.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO

import av
import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_WIDTHS = np.array([2, 1, 3, 1, 1, 2, 1, 4, 1, 2, 3, 1, 1, 3, 1, 2, 1, 1, 4, 1, 2, 2])
"""Of the bars in units, dark and light in turn. The outer two may run into what is beside them."""

_INNER = _WIDTHS[1:-1] / _WIDTHS[1:-1].sum()
_LEAST = 4
"""Bytes in the narrowest bar."""

_TOLERANCE = 0.3
"""Of a bar's share, in units."""


def draw_bars(width: int, height: int) -> NDArray[np.uint8]:
    """Returns the bars over the whole width: `(height, width, 3)`."""
    ends = np.cumsum(_WIDTHS) / _WIDTHS.sum()
    bar = np.searchsorted(ends, (np.arange(width) + 0.5) / width)
    row = np.where(bar % 2, 255, 0).astype(np.uint8)
    return np.broadcast_to(row[None, :, None], (height, width, 3)).copy()


def shows_bars(data: bytes) -> bool:
    """Says whether pixels, or an encoded picture or clip, show the bars."""
    return any(_has_bars(pixels) for pixels in _pixels_in(data))


def _pixels_in(data: bytes) -> Iterator[NDArray[np.uint8]]:
    pixels = np.frombuffer(data, np.uint8)
    yield pixels
    yield pixels[::4]
    with suppress(cv2.error, av.FFmpegError, IndexError):  # a part of a file, or without video
        if data.startswith((b"\xff\xd8\xff", b"\x89PNG")):
            picture = cv2.imdecode(pixels, cv2.IMREAD_GRAYSCALE)
            if picture is not None:
                yield np.asarray(picture, np.uint8).reshape(-1)
        if data[4:8] == b"ftyp":
            with av.open(BytesIO(data), "r") as clip:
                for frame in clip.decode(video=0):
                    yield np.asarray(frame.to_ndarray(format="gray"), np.uint8).reshape(-1)


def _has_bars(pixels: NDArray[np.uint8]) -> bool:
    is_light = pixels > 127
    lengths = np.diff(np.flatnonzero(is_light[1:] != is_light[:-1]))
    if len(lengths) < len(_INNER):
        return False
    wide_enough = np.cumsum(np.concatenate([[0], lengths >= _LEAST]))
    starts = np.flatnonzero(wide_enough[len(_INNER) :] - wide_enough[: -len(_INNER)] == len(_INNER))
    windows = sliding_window_view(lengths, len(_INNER))[starts]
    shares = windows / windows.sum(axis=1, keepdims=True)
    tolerance = _TOLERANCE / _WIDTHS[1:-1].sum()
    return any(
        bool(np.any(np.all(np.abs(shares - expected) < tolerance, axis=1)))
        for expected in (_INNER, _INNER[::-1])
    )
