"""Checks the directories of a TIFF file before it is decoded.

TIFF is a container: besides photos it can hold raw camera files, whose first page is a small
preview, JPEG data with its own scans, and values that are not colors. Each is rejected with a
specific message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fer_core.errors import InputRejected
from fer_core.imaging.limits import check_scans, too_expensive_to_decode
from fer_core.imaging.tiff_directories import Directory, directory_at, first_directory

# Tags, from TIFF 6.0, its supplement 1, TIFF/EP and DNG.
_NEW_SUBFILE_TYPE: Final = 254
_WIDTH: Final = 256
_HEIGHT: Final = 257
_BITS: Final = 258
_COMPRESSION: Final = 259
_PHOTOMETRIC: Final = 262
_MAKE: Final = 271
_STRIP_OFFSETS: Final = 273
_SAMPLES: Final = 277
_ROWS_PER_STRIP: Final = 278
_STRIP_BYTES: Final = 279
_TILE_WIDTH: Final = 322
_TILE_HEIGHT: Final = 323
_TILE_OFFSETS: Final = 324
_TILE_BYTES: Final = 325
_SUB_DIRECTORIES: Final = 330
_SAMPLE_FORMAT: Final = 339
_DNG_VERSION: Final = 50706

_IS_REDUCED: Final = 1
_WHITE_IS_ZERO: Final = 0
_RAW_PHOTOMETRICS: Final = (32803, 34892)  # color filter array, linear raw
_LAB_PHOTOMETRICS: Final = (8, 9, 10)
_UNSIGNED: Final = 1
_FLOAT: Final = 3

_PLAIN: Final = 1
_JPEG: Final = 7
_COMPRESSIONS: Final = {
    _PLAIN: "none",
    2: "fax",
    3: "fax",
    4: "fax",
    5: "LZW",
    _JPEG: "JPEG",
    8: "Deflate",
    32773: "PackBits",
    32946: "Deflate",
}
_REFUSED: Final = {
    6: "old-style JPEG",
    33003: "JPEG 2000",
    33005: "JPEG 2000",
    34712: "JPEG 2000",
    34887: "LERC",
    34892: "lossy JPEG",
    34925: "LZMA",
    50000: "Zstandard",
    50001: "WebP",
    50002: "JPEG XL",
    52546: "JPEG XL",
}

_MAKERS: Final = {
    "Canon": "Canon CR2",
    "NIKON": "Nikon NEF",
    "SONY": "Sony ARW",
    "PENTAX": "Pentax PEF",
    "SAMSUNG": "Samsung SRW",
}

_MOST_PARTS: Final = 200_000
"""Maximum number of strips or tiles; more than one strip per row of the tallest photo."""

_MAX_TILE_PIXELS: Final = 2**22


@dataclass(frozen=True)
class TiffFacts:
    """Properties of the file that the decoder needs.

    Attributes:
        is_isolated: whether to decode it in a separate process, as all files that need libtiff.
        is_inverted: whether 0 is white.
        numbers: values per pixel, e.g. `3 x 16 bits`.
    """

    is_isolated: bool
    is_inverted: bool
    numbers: str


def inspect_tiff(data: bytes) -> TiffFacts:
    """Checks a TIFF file by its first page.

    Args:
        data: the whole file.

    Raises:
        InputRejected: it is a raw camera file, has an unsupported compression, contains values that
            are not colors, or would take too long to decode.
    """
    page = first_directory(data)
    if page is None or not (page.number(_WIDTH, 0) and page.number(_HEIGHT, 0)):
        raise InputRejected(
            "The picture is damaged: it begins like a TIFF or raw camera file (DNG, CR2, NEF), "
            "but the rest is invalid. Get the file again; export a raw file as JPEG.",
            reason="corrupt",
        )
    inner = [directory_at(data, at) for at in sorted({*page.numbers(_SUB_DIRECTORIES)})]
    _check_raw(page, [directory for directory in inner if directory is not None])
    compression = page.number(_COMPRESSION, _PLAIN)
    if compression not in _COMPRESSIONS:
        name = _REFUSED.get(compression, f"method {compression}")
        known = ", ".join(dict.fromkeys(_COMPRESSIONS.values()))
        raise _unsupported(f"compressed as {name}", f"Expected one of: {known}")
    if page.number(_PHOTOMETRIC, 1) in _LAB_PHOTOMETRICS:
        raise _unsupported("in Lab colors", "Expected gray, palette, RGB or CMYK")
    bits = page.numbers(_BITS) or (1,)
    samples = page.number(_SAMPLES, len(bits))
    facts = TiffFacts(
        is_isolated=compression != _PLAIN,
        is_inverted=page.number(_PHOTOMETRIC, 1) == _WHITE_IS_ZERO,
        numbers=f"{samples} x {max(bits)} bits",
    )
    _check_numbers(page, facts, max(bits))
    _check_parts(data, page, compression)
    return facts


def unsupported_numbers(facts: TiffFacts) -> InputRejected:
    """Returns the rejection of a file whose pixel format is not supported."""
    return _unsupported(
        f"with {facts.numbers} per pixel",
        "Expected gray, palette, RGB or CMYK of 8 or 16 bits, or gray of floating-point numbers",
    )


def _unsupported(what: str, expected: str) -> InputRejected:
    return InputRejected(
        f"This type of file is not supported: a TIFF picture {what}. {expected}. Save it as PNG "
        "or JPEG.",
        reason="unsupported_type",
    )


def _check_raw(page: Directory, inner: list[Directory]) -> None:
    is_preview = bool(page.number(_NEW_SUBFILE_TYPE, 0) & _IS_REDUCED)
    is_raw = any(one.number(_PHOTOMETRIC, 0) in _RAW_PHOTOMETRICS for one in (page, *inner))
    if _DNG_VERSION in page:
        raise raw_camera_file("DNG")
    if is_raw or (is_preview and inner):
        make = page.text(_MAKE)
        raise raw_camera_file(next((_MAKERS[name] for name in _MAKERS if name in make), ""))
    if is_preview and page.following:
        raise _unsupported("whose first page is only a preview of another page", "Expected a photo")


def raw_camera_file(name: str) -> InputRejected:
    """Returns the rejection of a raw camera file, with the name of its format if known."""
    return InputRejected(
        f"This type of file is not supported: a raw camera file{f' ({name})' if name else ''}. "
        "Export it as JPEG in the camera or in photo software.",
        reason="unsupported_type",
    )


def _check_numbers(page: Directory, facts: TiffFacts, bits: int) -> None:
    formats = set(page.numbers(_SAMPLE_FORMAT)) or {_UNSIGNED}
    is_float = formats == {_FLOAT} and bits == 32 and not facts.is_inverted
    # Above 16 bits Pillow returns integers of unknown range.
    if not is_float and (formats != {_UNSIGNED} or bits > 16):
        kind = "floating-point" if _FLOAT in formats else "signed or very large"
        raise _unsupported(
            f"with {facts.numbers} per pixel, {kind} numbers",
            "Expected whole numbers of 8 or 16 bits, or floating-point gray of 32 bits",
        )


def _check_parts(data: bytes, page: Directory, compression: int) -> None:
    width, height = page.number(_WIDTH, 0), page.number(_HEIGHT, 0)
    if _TILE_WIDTH in page:
        pixels = page.number(_TILE_WIDTH, 0) * page.number(_TILE_HEIGHT, 0)
        offsets = page.numbers(_TILE_OFFSETS, most=_MOST_PARTS + 1)
        sizes = page.numbers(_TILE_BYTES, most=_MOST_PARTS + 1)
        if pixels > max(_MAX_TILE_PIXELS, 2 * width * height):
            raise too_expensive_to_decode("has tiles that are larger than the picture")
    else:
        pixels = width * min(height, page.number(_ROWS_PER_STRIP, height))
        offsets = page.numbers(_STRIP_OFFSETS, most=_MOST_PARTS + 1)
        sizes = page.numbers(_STRIP_BYTES, most=_MOST_PARTS + 1)
    if len(offsets) > _MOST_PARTS or sum(sizes) > 2 * len(data):
        raise too_expensive_to_decode("is split into far too many parts")
    if compression == _JPEG:
        parts = zip(offsets, sizes, strict=False)
        check_scans([(data[start : start + size], pixels) for start, size in parts])
