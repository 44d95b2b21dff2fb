"""Decodes untrusted bytes to an RGB array, or rejects them with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from fer_core.errors import InputRejected
from fer_core.files import (
    AVIF,
    HEAD_BYTES,
    HEIC,
    JPEG,
    RAW,
    TIFF,
    FileKind,
    listed,
    readable_photos,
    sniff,
)
from fer_core.imaging.image_arrays import check_bytes, check_path
from fer_core.imaging.isolation import decode_isolated
from fer_core.imaging.limits import (
    MAX_BYTES,
    LimitedReads,
    check_dimensions,
    check_scans,
    check_size,
    too_many_pixels,
)
from fer_core.imaging.tiff import (
    TiffFacts,
    inspect_tiff,
    raw_camera_file,
    unsupported_numbers,
)

_BAND_PIXELS: Final = 4 * 1024 * 1024
_WHITE: Final = 255

_NO_PICTURES: Final = (
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML or SVG file"),
    (b"\0\0\1\0", "an icon"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
)

_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""The operation that makes the stored image upright, by EXIF orientation."""


def decode_image(data: bytes) -> NDArray[np.uint8]:
    """Decodes a JPEG, PNG, WebP, BMP, GIF, TIFF, AVIF or HEIC file.

    The result is upright (EXIF orientation applied), on white where transparent, reduced from 16 to
    8 bits, converted from CMYK and palettes to RGB, and the first frame or page. The first bytes of
    the file determine the format; HEIC needs the package `pillow-heif`.

    Args:
        data: content of the file.

    Returns:
        `(height, width, 3)` RGB uint8.

    Raises:
        InputRejected: the bytes are not such an image, are damaged, exceed `MAX_BYTES` or
            `MAX_PIXELS` (lower for WebP and run-length BMP), or would take too long to decode.
    """
    check_bytes(data)
    check_size(data)
    data = bytes(data)  # or a view of a file, or an array of bytes
    kind = sniff(data[:HEAD_BYTES])
    if kind is None or not kind.is_readable or kind.use != "photo":
        raise _unsupported(data, kind)
    try:
        image, orientation = _opened(data, kind)
        return _as_array(_upright(image, orientation))
    except InputRejected:
        raise
    except Exception as error:  # decoders fail in many ways on damaged bytes
        raise InputRejected(
            "The picture is damaged or incomplete and cannot be decoded. Get the file again, or "
            f"open it in an image viewer and save a copy. ({error})",
            reason="corrupt",
        ) from error


def read_image(path: str | Path) -> NDArray[np.uint8]:
    """Reads an image file of at most `MAX_BYTES`.

    Returns and raises what `decode_image` does.

    Raises:
        InputRejected: also if the file does not exist or cannot be opened.
    """
    return decode_image(read_image_bytes(path))


def read_image_bytes(path: str | Path) -> bytes:
    """Reads an image file for `decode_image`, up to one byte more than `MAX_BYTES`.

    Raises:
        InputRejected: the file does not exist or cannot be opened.
    """
    check_path(path)
    file = Path(path)
    try:
        if not file.is_file():
            what = "There is no such file"
            if file.is_dir():
                next(file.iterdir(), None)  # raises an error for an unreadable folder
                what = "This is a folder"
            raise InputRejected(f"{what}. Expected a picture file.", reason="unreadable")
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputRejected(
            f"The file cannot be read: {error.strerror}.", reason="unreadable"
        ) from error


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """Encodes an RGB image as PNG, without any metadata.

    Args:
        image: `(height, width, 3)` RGB uint8.
    """
    encoded = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1]
    return encoded.tobytes()


def _opened(data: bytes, kind: FileKind) -> tuple[Image.Image, int]:
    """Decodes a file; returns the stored image and its EXIF orientation."""
    if kind in (AVIF, HEIC):
        return decode_isolated(kind, data)
    facts = inspect_tiff(data) if kind == TIFF else None
    if facts is not None and facts.is_isolated:
        image, orientation = decode_isolated(kind, data)
        return _of_tiff(image, facts), orientation
    # Pillow rather than OpenCV: it reports the dimensions before decoding, and rejects a truncated
    # file that OpenCV would fill with gray.
    try:
        with Image.open(LimitedReads(data), formats=[kind.name.upper()]) as opened:
            check_dimensions(kind, opened)
            if kind == JPEG:  # also when Pillow calls it MPO
                check_scans([(data, opened.width * opened.height)])
            opened.load()
            return opened if facts is None else _of_tiff(opened, facts), _orientation(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels("Far more pixels than that") from error
    except UnidentifiedImageError as error:
        if facts is not None:
            raise unsupported_numbers(facts) from error
        raise InputRejected(
            "The picture is damaged: it begins like a picture file, but the rest is invalid. Get "
            "the file again.",
            reason="corrupt",
        ) from error


def _of_tiff(image: Image.Image, facts: TiffFacts) -> Image.Image:
    if image.mode == "F":
        return _of_floats(image)
    if image.mode.startswith("I") and facts.is_inverted:  # as Pillow does up to 8 bits
        return Image.fromarray(np.asarray(65535 - np.asarray(image, np.int32), np.uint16))
    return image


def _of_floats(image: Image.Image) -> Image.Image:
    low, high = cast("tuple[float, float]", image.getextrema())
    if not (low >= 0 and high <= _WHITE):
        raise InputRejected(
            f"The picture contains floating-point values from {low:g} to {high:g}, with unknown "
            "black and white points. Expected 0 to 1 or 0 to 255. Save it as PNG.",
            reason="unsupported_type",
        )
    factor = _WHITE if high <= 1 else 1
    gray = np.empty((image.height, image.width), np.uint8)
    for top, bottom in _bands(image):
        band = np.asarray(image.crop((0, top, image.width, bottom)), np.float32)
        gray[top:bottom] = np.rint(np.nan_to_num(band) * factor)
    return Image.fromarray(gray)


def _unsupported(data: bytes, kind: FileKind | None) -> InputRejected:
    if kind == RAW:
        return raw_camera_file("Canon CR2" if data[8:10] == b"CR" else "")
    if kind is not None and kind.package is not None and not kind.is_readable:
        return InputRejected(
            f"{kind.name} pictures cannot be read in this installation: the package pillow-heif is "
            "missing (pip install '.[heic]', in the project's folder). Install it, or save the "
            "picture as JPEG.",
            reason="unsupported_type",
        )
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    received = next((what for prefix, what in _NO_PICTURES if start.startswith(prefix)), None)
    advice = ""
    if kind is not None:
        received = "a video" if kind.use == "video" else f"a {kind.name} file"
        advice = "" if kind.use == "video" else " Save it as JPEG or PNG."
    return InputRejected(
        f"This type of file is not supported. Expected a picture as {listed(readable_photos())}. "
        f"Received: {received or 'something that is no picture, whatever its name says'}.{advice}",
        reason="unsupported_type",
    )


def _orientation(image: Image.Image) -> int:
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # damaged metadata is no reason to reject an intact image
        return 1
    return orientation if isinstance(orientation, int) else 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    method = _UPRIGHT.get(orientation)
    return image.transpose(method) if method is not None else image


def _bands(image: Image.Image) -> Iterator[tuple[int, int]]:
    """Yields the start and end of each band of rows."""
    rows = max(1, _BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):
        yield top, min(top + rows, image.height)


def _as_array(image: Image.Image) -> NDArray[np.uint8]:
    """Converts to RGB in bands, so that a large image never exists in several copies."""
    rgb = np.empty((image.height, image.width, 3), np.uint8)
    for top, bottom in _bands(image):
        rgb[top:bottom] = np.asarray(_to_rgb(image.crop((0, top, image.width, bottom))))
    return rgb


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16-bit gray, which Pillow would clip at 255
        high_bytes = (np.asarray(image, np.uint32) >> 8).astype(np.uint8)
        return Image.fromarray(high_bytes).convert("RGB")
    if image.has_transparency_data:
        with_alpha = image.convert("RGBA")
        white = Image.new("RGBA", with_alpha.size, "white")
        return Image.alpha_composite(white, with_alpha).convert("RGB")
    return image.convert("RGB")
