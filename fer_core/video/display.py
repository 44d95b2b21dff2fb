"""How a player shows a decoded frame: the shape of its pixels, mirrored, turned upright."""

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
"""So little is a pixel's shape off where a size was rounded to even numbers."""

MOST_STRETCHED: Final = 10
"""A pixel is at most so many times as wide as tall, or as tall as wide; the most that recordings
have is 4. Beyond that the number is an error of the file."""

_METADATA_CODECS: Final = frozenset({"png", "apng"})
"""Their decoders attach a color profile with its name as metadata."""


@dataclass(frozen=True)
class Orientation:
    """One of the eight ways in which a picture can lie: first transposed, then mirrored.

    Attributes:
        is_transposed: rows become columns.
        is_mirrored: left and right change places.
        is_flipped: top and bottom change places.
    """

    is_transposed: bool = False
    is_mirrored: bool = False
    is_flipped: bool = False

    def applied(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Returns `(height, width, 3)` as it is to be shown."""
        if self.is_transposed:
            image = image.transpose(1, 0, 2)
        rows = -1 if self.is_flipped else 1
        columns = -1 if self.is_mirrored else 1
        return np.ascontiguousarray(image[::rows, ::columns])


class Orientations:
    """Knows how each frame of a clip lies.

    A frame whose side data was read and that side data hold each other, and stay in memory, threads
    of the conversion included, until garbage is collected. So it is read only where the rotation,
    which holds nothing, is a new one: a stream that begins to be mirrored in its middle, without
    being turned, is not noticed.

    Side data with metadata, as a color profile in PNG, is freed twice by PyAV, which ends the
    process. So it is not read where a decoder makes such, and the rotation alone tells.

    Args:
        stream: the video.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._is_rotation_all = stream.codec_context.name in _METADATA_CODECS
        self._by_rotation: dict[int, Orientation] = {}

    def of(self, frame: av.VideoFrame) -> Orientation:
        """Returns how a frame lies."""
        rotation = frame.rotation
        if rotation not in self._by_rotation:
            self._by_rotation[rotation] = (
                _turned(rotation) if self._is_rotation_all else orientation_of(frame)
            )
        return self._by_rotation[rotation]


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """Returns how a frame lies, by its display matrix: the nearest of the eight right angles.

    A pixel at `(x, y)` is shown at `(a x + c y, b x + d y)`, with the matrix in FFmpeg's order
    `a b u, c d v, x y w` (libavutil/display.h). Where PyAV cannot list a frame's side data, because
    it knows a kind of it by no name (EXIF, in a JPEG frame), the rotation alone tells.
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
    """Returns the nearest right angle, of a rotation counterclockwise."""
    match round(degrees / 90) % 4:
        case 1:
            return Orientation(is_transposed=True, is_flipped=True)
        case 2:
            return Orientation(is_mirrored=True, is_flipped=True)
        case 3:
            return Orientation(is_transposed=True, is_mirrored=True)
    return Orientation()


class PixelAspects:
    """Knows how wide a pixel of each frame is, measured in its height, as players know it.

    What the container says goes before what the codec says; and the codec may say something else
    in the middle of a stream, as broadcasts do.

    Attributes:
        ignored: what a frame last said that no recording has; None where that never happened.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._context = stream.codec_context
        self._of_stream = stream.sample_aspect_ratio
        self._is_fixed = self._of_stream != self._context.sample_aspect_ratio
        self.ignored: Fraction | None = None

    def current(self) -> Fraction:
        """Returns that of the frame that was decoded last; 1 where nobody tells."""
        told = self._of_stream if self._is_fixed else self._context.sample_aspect_ratio
        if not told or told < 0:
            return Fraction(1)
        aspect = Fraction(told.numerator, told.denominator)
        if not Fraction(1, MOST_STRETCHED) <= aspect <= MOST_STRETCHED:
            self.ignored = aspect
            return Fraction(1)
        return Fraction(1) if abs(aspect - 1) < ABOUT_SQUARE else aspect


def shown_width(width: int, pixel_aspect: Fraction) -> int:
    """Returns the width of a picture with square pixels, of the same height."""
    return max(1, round(width * pixel_aspect))
