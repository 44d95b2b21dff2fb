"""Untrusted bytes to an RGB array, or a rejection that says why.

Everything the project looks at passes through `decode_image`. The size and the dimensions are
checked before a single pixel is decoded, so a small file cannot unpack into gigabytes.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from fer_core.errors import InputRejected

MAX_BYTES: Final = 20 * 1024 * 1024
"""Largest file taken, in bytes."""

MAX_PIXELS: Final = 50_000_000
"""Most pixels taken, width times height."""

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
        InputRejected: the bytes are no such picture, are damaged, or exceed `MAX_BYTES` or
            `MAX_PIXELS`.
    """
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
        with Image.open(io.BytesIO(data), formats=[name.upper() for name in FORMATS]) as image:
            _check_dimensions(image.width, image.height)
            image.load()
            return np.array(_to_rgb(_upright(image)), np.uint8)
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
    file = Path(path)
    try:
        if not file.is_file():
            what = "This is a folder" if file.is_dir() else "There is no such file"
            raise InputRejected(f"{what}. Expected a picture file.", reason="unreadable")
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputRejected(
            f"The file cannot be read: {error.strerror}.", reason="unreadable"
        ) from error
    return decode_image(data)


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """Encodes an RGB image as PNG, without any metadata.

    Args:
        image: `(height, width, 3)` RGB uint8.
    """
    encoded = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1]
    return encoded.tobytes()


def _check_dimensions(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(f"{width} x {height} pixels")


def _too_many_pixels(received: str) -> InputRejected:
    return InputRejected(
        f"The picture has too many pixels. Expected at most {MAX_PIXELS // 10**6} megapixels. "
        f"Received: {received}. Make it smaller and try again.",
        reason="too_many_pixels",
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


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16-bit gray, which Pillow would clip at 255
        high_bytes = (np.asarray(image, np.uint32) >> 8).astype(np.uint8)
        return Image.fromarray(high_bytes).convert("RGB")
    if image.has_transparency_data:
        with_alpha = image.convert("RGBA")
        white = Image.new("RGBA", with_alpha.size, "white")
        return Image.alpha_composite(white, with_alpha).convert("RGB")
    return image.convert("RGB")
