"""How players display a decoded frame: pixel aspect ratio, mirroring, rotation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

import av
import numpy as np
from av.sidedata.sidedata import SideData
from av.sidedata.sidedata import Type as SideDataType
from av.video.stream import VideoStream
from numpy.typing import NDArray

ABOUT_SQUARE: Final = Fraction(1, 100)
"""Tolerance for pixel aspect ratios where a size was rounded to even numbers."""

MAX_PIXEL_ASPECT: Final = 10
"""Largest accepted pixel aspect ratio, or its inverse. Real recordings have at most 4; a larger
value is an error in the file."""

_METADATA_CODECS: Final = frozenset({"png", "apng"})
"""Their decoders attach a color profile with metadata."""


@dataclass(frozen=True)
class Orientation:
    """One of the eight orientations of an image: first transposed, then mirrored.

    Attributes:
        is_transposed: rows become columns.
        is_mirrored: left and right are swapped.
        is_flipped: top and bottom are swapped.
    """

    is_transposed: bool = False
    is_mirrored: bool = False
    is_flipped: bool = False

    def applied(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Returns `(height, width, 3)` as displayed."""
        if self.is_transposed:
            image = image.transpose(1, 0, 2)
        rows = -1 if self.is_flipped else 1
        columns = -1 if self.is_mirrored else 1
        return np.ascontiguousarray(image[::rows, ::columns])


class Orientations:
    """Determines the orientation of each frame of a clip.

    Reading the side data of a frame creates a reference cycle that keeps the frame in memory until
    garbage collection. So it is read only when the rotation
    changes: a stream in which only mirroring changes midway is not noticed.

    PyAV frees side data with metadata, such as a color profile in PNG, twice, which crashes the
    process. So it is not read for such decoders, and only the rotation is used.

    Args:
        stream: the video.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._is_rotation_all = stream.codec_context.name in _METADATA_CODECS
        self._by_rotation: dict[int, Orientation] = {}

    def of(self, frame: av.VideoFrame) -> Orientation:
        """Returns the orientation of a frame."""
        rotation = frame.rotation
        if rotation not in self._by_rotation:
            self._by_rotation[rotation] = (
                _turned(rotation) if self._is_rotation_all else orientation_of(frame)
            )
        return self._by_rotation[rotation]


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """Returns the orientation of a frame by its display matrix: the nearest of the eight.

    A pixel at `(x, y)` is displayed at `(a x + c y, b x + d y)`, with the matrix in FFmpeg's order
    `a b u, c d v, x y w` (libavutil/display.h). Where PyAV cannot list a frame's side data, because
    it has no name for a kind of it (EXIF in a JPEG frame), only the rotation is used.
    """
    try:
        entries = list(cast(Iterable[SideData], frame.side_data))
    except ValueError:
        return _turned(frame.rotation)
    for entry in entries:
        if entry.type == SideDataType.DISPLAYMATRIX:
            a, b, _, c, d = np.frombuffer(bytes(entry), np.int32)[:5].tolist()
            if abs(b) + abs(c) > abs(a) + abs(d):
                return Orientation(is_transposed=True, is_mirrored=c < 0, is_flipped=b < 0)
            return Orientation(is_mirrored=a < 0, is_flipped=d < 0)
    return Orientation()


def _turned(degrees: int) -> Orientation:
    """Returns the nearest right angle of a counterclockwise rotation."""
    match round(degrees / 90) % 4:
        case 1:
            return Orientation(is_transposed=True, is_flipped=True)
        case 2:
            return Orientation(is_mirrored=True, is_flipped=True)
        case 3:
            return Orientation(is_transposed=True, is_mirrored=True)
    return Orientation()


class PixelAspects:
    """Determines the pixel aspect ratio (width / height) of each frame, as players do.

    The container takes precedence over the codec; the codec's value may change midway in a stream,
    as in broadcasts.

    Attributes:
        ignored: the last implausible ratio of a frame; None if there was none.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._context = stream.codec_context
        self._of_stream = stream.sample_aspect_ratio
        self._is_fixed = self._of_stream != self._context.sample_aspect_ratio
        self.ignored: Fraction | None = None

    def current(self) -> Fraction:
        """Returns the ratio of the last decoded frame; 1 if unknown."""
        stated = self._of_stream if self._is_fixed else self._context.sample_aspect_ratio
        if not stated or stated < 0:
            return Fraction(1)
        aspect = Fraction(stated.numerator, stated.denominator)
        if not Fraction(1, MAX_PIXEL_ASPECT) <= aspect <= MAX_PIXEL_ASPECT:
            self.ignored = aspect
            return Fraction(1)
        return Fraction(1) if abs(aspect - 1) < ABOUT_SQUARE else aspect


def shown_width(width: int, pixel_aspect: Fraction) -> int:
    """Returns the width of an image with square pixels and the same height."""
    return max(1, round(width * pixel_aspect))
