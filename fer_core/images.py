"""Untrusted bytes to an RGB array, or a rejection that says why.

Everything the project looks at passes through `decode_image`. The size and the dimensions are
checked before a single pixel is decoded, so a small file cannot unpack into gigabytes, and so is
what would make a decoder work for minutes: endless scans, chunks, comments or runs. `make fuzz`
tries some thousand hostile files and measures time and memory.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from fer_core.errors import InputRejected
from fer_core.image_arrays import check_bytes, check_path

MAX_BYTES: Final = 20 * 1024 * 1024
"""Largest file taken, in bytes."""

MAX_PIXELS: Final = 50_000_000
"""Most pixels taken, width times height."""

_MAX_PIXELS_OF: Final = {
    "WEBP": 32_000_000,  # its decoder holds the picture five times
    "BMP, compressed": 4_000_000,  # its decoder goes through every pixel in Python
}

_MAX_READS: Final = 1_000_000
"""How often a decoder may ask for bytes: a sound file of `MAX_BYTES` needs some thousand."""

_MAX_SCANS: Final = 1_000
_MAX_SCANNED_PIXELS: Final = 24 * MAX_PIXELS
"""Each scan of a JPEG file may visit all pixels; progressive files have 10 to 18 scans."""

_JPEG_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_BMP_RUN_LENGTHS: Final = (1, 2)  # RLE8 and RLE4
_BAND_PIXELS: Final = 4 * 1024 * 1024

FORMATS: Final = ("JPEG", "PNG", "WebP", "BMP", "GIF")
"""The file formats that are read; their names as people write them."""

_SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"GIF87a", b"GIF89a")

_UNSUPPORTED: Final = (
    (b"%PDF", "a PDF document"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML or SVG file"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
)

_MEDIA_BRANDS: Final = {
    b"heic": "a HEIC picture",
    b"heix": "a HEIC picture",
    b"mif1": "a HEIC picture",
    b"avif": "an AVIF picture",
}

_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By EXIF orientation, what turns the stored picture upright."""


def decode_image(data: bytes) -> NDArray[np.uint8]:
    """Decodes a JPEG, PNG, WebP, BMP or GIF file.

    The picture comes upright (EXIF orientation applied), transparent parts on white, 16-bit values
    reduced to 8, CMYK and palettes turned into RGB, and of an animation the first frame.

    Args:
        data: the whole file.

    Returns:
        `(height, width, 3)` RGB uint8.

    Raises:
        InputRejected: the bytes are no such picture, are damaged, exceed `MAX_BYTES` or
            `MAX_PIXELS` (less as WebP and as run-length BMP), or would take too long to decode.
    """
    check_bytes(data)
    if not data:
        raise InputRejected("The file is empty. Expected a picture.", reason="empty")
    if len(data) > MAX_BYTES:
        raise InputRejected(
            f"The file is too large. Expected at most {MAX_BYTES // 2**20} MB. "
            "Make the picture smaller, or save it as JPEG.",
            reason="too_large",
        )
    # Pillow rather than OpenCV: it tells the dimensions before decoding, and refuses a truncated
    # file that OpenCV would fill up with gray.
    try:
        formats = [name.upper() for name in FORMATS]
        with Image.open(_LimitedReads(data), formats=formats) as image:
            _check_dimensions(image)
            if image.format == "JPEG":
                _check_scans(data, image.width * image.height)
            image.load()
            return _as_array(_upright(image))
    except InputRejected:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels("Far more pixels than that") from error
    except UnidentifiedImageError as error:
        raise _unidentified(data) from error
    except Exception as error:  # decoders fail in many ways on damaged bytes
        raise InputRejected(
            "The picture is damaged or incomplete and cannot be decoded. Get the file again, or "
            f"open it in a picture viewer and save it anew. ({error})",
            reason="corrupt",
        ) from error


def read_image(path: str | Path) -> NDArray[np.uint8]:
    """Reads a picture file; at most `MAX_BYTES` of it are read.

    Returns and raises what `decode_image` does.

    Raises:
        InputRejected: also when there is no such file, or it cannot be opened.
    """
    return decode_image(read_image_bytes(path))


def read_image_bytes(path: str | Path) -> bytes:
    """Reads a picture file for `decode_image`, but never more of it than that needs to refuse it.

    Raises:
        InputRejected: there is no such file, or it cannot be opened.
    """
    check_path(path)
    file = Path(path)
    try:
        if not file.is_file():
            what = "This is a folder" if file.is_dir() else "There is no such file"
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


class _LimitedReads(io.BytesIO):
    """A file in memory that gives up on a decoder that takes it apart in too many small pieces."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._reads_left = _MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        self._reads_left -= 1
        if self._reads_left < 0:
            raise _too_laborious("is cut into millions of pieces")
        return super().read(size)


def _check_dimensions(image: Image.Image) -> None:
    compressed = image.info.get("compression") in _BMP_RUN_LENGTHS
    kind = "BMP, compressed" if image.format == "BMP" and compressed else image.format or ""
    limit = min(MAX_PIXELS, _MAX_PIXELS_OF.get(kind, MAX_PIXELS))
    if image.width * image.height > limit:
        raise _too_many_pixels(f"{image.width} x {image.height} pixels", limit, kind)


def _check_scans(data: bytes, pixels: int) -> None:
    scans = _count_scans(data)
    if scans > _MAX_SCANS or scans * pixels > _MAX_SCANNED_PIXELS:
        raise _too_laborious(f"has {scans} scans")


def _count_scans(data: bytes) -> int:
    """Counts the scans of a JPEG file up to its end marker (ITU-T T.81, annex B)."""
    scans = 0
    position = 2
    while match := _JPEG_MARKER.search(data, position):
        marker, position = data[match.start() + 1], match.end()
        if marker == 0xD9:
            break
        scans += marker == 0xDA
        if marker >= 0xC0 and marker != 0xD8:  # the others have no length
            position += int.from_bytes(data[position : position + 2], "big")
    return scans


def _too_many_pixels(received: str, limit: int = MAX_PIXELS, kind: str = "") -> InputRejected:
    of_kind = f" in this format ({kind})" if kind in _MAX_PIXELS_OF else ""
    return InputRejected(
        f"The picture has too many pixels. Expected at most {limit // 10**6} megapixels{of_kind}. "
        f"Received: {received}. Make it smaller and try again.",
        reason="too_many_pixels",
    )


def _too_laborious(why: str) -> InputRejected:
    return InputRejected(
        f"The picture would take too long to decode: the file {why}. Save it anew in a picture "
        "editor.",
        reason="corrupt",
    )


def _unidentified(data: bytes) -> InputRejected:
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    if is_webp or data.startswith(_SIGNATURES):
        return InputRejected(
            "The picture is damaged: it begins like a picture file, but what follows makes no "
            "sense. Get the file again.",
            reason="corrupt",
        )
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = next((kind for prefix, kind in _UNSUPPORTED if start.startswith(prefix)), None)
    if data[4:8] == b"ftyp":
        kind = _MEDIA_BRANDS.get(data[8:12], "a video")
    received = kind or "something that is no picture, whatever its name says"
    return InputRejected(
        f"This type of file is not supported. Expected a picture as {', '.join(FORMATS[:-1])} or "
        f"{FORMATS[-1]}. Received: {received}.",
        reason="unsupported_type",
    )


def _upright(image: Image.Image) -> Image.Image:
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # damaged metadata is no reason to refuse a sound picture
        orientation = None
    method = _UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return image.transpose(method) if method is not None else image


def _as_array(image: Image.Image) -> NDArray[np.uint8]:
    """Turns it into RGB in bands, so that a large picture never exists in several forms at once."""
    rgb = np.empty((image.height, image.width, 3), np.uint8)
    rows = max(1, _BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
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
