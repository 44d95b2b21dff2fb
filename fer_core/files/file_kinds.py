r"""The supported file formats: photos and videos by name, suffix and first bytes.

Folders, uploaders, help texts and decoders use this list. The first bytes of a file determine its
format; the suffix only decides whether a file is found or offered by a browser.

>>> sniff(b"\xff\xd8\xff\xe0").name
'JPEG'
>>> listed(readable_photos())
'JPEG, PNG, WebP, BMP, GIF, TIFF or AVIF'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final, Literal

HEAD_BYTES: Final = 512
"""Number of first bytes that `sniff` needs."""


@dataclass(frozen=True)
class FileKind:
    """A file format.

    Attributes:
        name: the usual name.
        use: `photo` and `video` are supported; a `refused` image is not, but gets its own message.
        suffixes: lowercase, with the dot; the most common first.
        package: additional package needed to read the format.
    """

    name: str
    use: Literal["photo", "video", "refused"]
    suffixes: tuple[str, ...] = ()
    package: str | None = None

    @property
    def is_readable(self) -> bool:
        """Whether this installation can read files of this kind."""
        if self.use == "refused":
            return False
        return self.package is None or find_spec(self.package) is not None


JPEG: Final = FileKind(
    "JPEG",
    "photo",
    (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".pjpeg", ".pjp", ".mpo"),
)
PNG: Final = FileKind("PNG", "photo", (".png", ".apng"))
WEBP: Final = FileKind("WebP", "photo", (".webp",))
BMP: Final = FileKind("BMP", "photo", (".bmp", ".dib"))
GIF: Final = FileKind("GIF", "photo", (".gif",))
TIFF: Final = FileKind("TIFF", "photo", (".tif", ".tiff"))
AVIF: Final = FileKind("AVIF", "photo", (".avif", ".avifs"))
HEIC: Final = FileKind(
    "HEIC", "photo", (".heic", ".heif", ".hif", ".heics", ".heifs"), package="pillow_heif"
)

MP4: Final = FileKind("MP4", "video", (".mp4", ".m4v", ".3gp", ".3g2", ".3gpp", ".f4v"))
MOV: Final = FileKind("MOV", "video", (".mov", ".qt"))
WEBM: Final = FileKind("WebM", "video", (".webm",))
MKV: Final = FileKind("MKV", "video", (".mkv",))
AVI: Final = FileKind("AVI", "video", (".avi",))
MPEG: Final = FileKind("MPEG", "video", (".mpg", ".mpeg", ".mpe", ".vob"))
TS: Final = FileKind("TS", "video", (".ts", ".mts", ".m2ts"))
FLV: Final = FileKind("FLV", "video", (".flv",))
WMV: Final = FileKind("WMV", "video", (".wmv", ".asf"))
OGG: Final = FileKind("OGG", "video", (".ogv", ".ogg"))

JPEG_2000: Final = FileKind("JPEG 2000", "refused", (".jp2", ".j2k", ".jpf", ".jpx", ".j2c"))
JPEG_XL: Final = FileKind("JPEG XL", "refused", (".jxl",))
RAW: Final = FileKind(
    "raw camera file",
    "refused",
    (
        *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".mef"),
        *(".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl", ".sr2", ".srf"),
        *(".srw", ".x3f"),
    ),
)
PHOTOSHOP: Final = FileKind("Photoshop document", "refused", (".psd", ".psb"))

PHOTO_KINDS: Final = (JPEG, PNG, WEBP, BMP, GIF, TIFF, AVIF, HEIC)
VIDEO_KINDS: Final = (MP4, MOV, WEBM, MKV, AVI, MPEG, TS, FLV, WMV, OGG)
REFUSED_KINDS: Final = (JPEG_2000, JPEG_XL, RAW, PHOTOSHOP)

PHOTO_SUFFIXES: Final = frozenset(suffix for kind in PHOTO_KINDS for suffix in kind.suffixes)
"""Suffixes of photos, including formats that need an additional package."""

_SIGNATURES: Final = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\0\0\0\x0cjP  \r\n\x87\n", JPEG_2000),
    (b"\xff\x4f\xff\x51", JPEG_2000),
    (b"\0\0\0\x0cJXL \r\n\x87\n", JPEG_XL),
    (b"\xff\x0a", JPEG_XL),
    (b"IIRO", RAW),  # Olympus
    (b"IIRS", RAW),
    (b"MMOR", RAW),
    (b"IIU\0", RAW),  # Panasonic
    (b"FUJIFILMCCD-RAW", RAW),
    (b"FOVb", RAW),  # Sigma
    (b"\0MRM", RAW),  # Minolta
    (b"II\x1a\0\0\0HEAPCCDR", RAW),  # Canon, before CR2
    (b"8BPS", PHOTOSHOP),
    (b"\x1a\x45\xdf\xa3", MKV),
    (b"OggS", OGG),
    (b"FLV\1", FLV),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", WMV),
    (b"\0\0\1\xba", MPEG),
    (b"\0\0\1\xb3", MPEG),
)

_TIFF_STARTS: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # the latter two are BigTIFF
_RAW_IN_TIFF: Final = (b"CR", b"IIII", b"MMMM")  # after a TIFF header: Canon CR2, Phase One

_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_HEIC_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_QUICKTIME_BOXES: Final = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_BMP_HEADER_BYTES: Final = (12, 16, 40, 52, 56, 64, 108, 124)


def sniff(head: bytes) -> FileKind | None:
    """Returns the format of a file by its first bytes, whatever its name; None if unknown.

    A TIFF may be a raw camera file, which only its directories show.

    Args:
        head: the first `HEAD_BYTES` bytes of the file, or more.
    """
    for start, kind in _SIGNATURES:
        if head.startswith(start):
            return kind
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if head.startswith(_TIFF_STARTS):
        return RAW if head[8:12].startswith(_RAW_IN_TIFF) else TIFF
    if head.startswith(b"RIFF"):
        return {b"WEBP": WEBP, b"AVI ": AVI}.get(head[8:12])
    if head.startswith(b"BM") and _is_bmp(head):
        return BMP
    if head[4:8] in _QUICKTIME_BOXES:
        return MOV
    if head[:400:188] == b"GGG" or head[4:400:192] == b"GGG":
        return TS  # a packet is 188 bytes long, in cameras with a 4-byte prefix
    return None


def kind_of_suffix(suffix: str) -> FileKind | None:
    """Returns the kind for a suffix such as `.JPG`; None if unknown."""
    return _BY_SUFFIX.get(suffix.lower())


def readable_photos() -> tuple[FileKind, ...]:
    """Returns the kinds of photos that this installation can read."""
    return tuple(kind for kind in PHOTO_KINDS if kind.is_readable)


def upload_types(kinds: Sequence[FileKind]) -> list[str]:
    """Returns the suffixes that a browser should offer, without dots."""
    return [suffix[1:] for kind in kinds for suffix in kind.suffixes]


def listed(kinds: Sequence[FileKind]) -> str:
    """Returns the names of kinds as a list for a sentence."""
    *others, last = (kind.name for kind in kinds)
    return f"{', '.join(others)} or {last}" if others else last


_BY_SUFFIX: Final = {
    suffix: kind
    for kind in (*PHOTO_KINDS, *VIDEO_KINDS, *REFUSED_KINDS)
    for suffix in kind.suffixes
}


def _by_brand(head: bytes) -> FileKind:
    """Distinguishes the formats based on ISO base media files (ISO/IEC 14496-12, 4.3)."""
    major = head[8:12]
    end = min(int.from_bytes(head[:4], "big"), HEAD_BYTES)
    brands = [major, *(head[at : at + 4] for at in range(16, end, 4))]
    if major == b"crx ":
        return RAW  # Canon CR3
    if major == b"jxl ":
        return JPEG_XL
    if major in _AVIF_BRANDS | _HEIC_BRANDS:
        # A file that begins with `mif1` states its codec only after that.
        return AVIF if major in _AVIF_BRANDS or _is_avif(brands) else HEIC
    return MOV if major == b"qt  " else MP4


def _is_avif(brands: Sequence[bytes]) -> bool:
    coded = [brand for brand in brands if brand not in (b"mif1", b"msf1")]
    return any(brand in _AVIF_BRANDS for brand in coded) and not any(
        brand in _HEIC_BRANDS for brand in coded
    )


def _is_bmp(head: bytes) -> bool:
    """Text can begin with `BM` too, so the fields after it must be valid."""
    return head[6:10] == bytes(4) or int.from_bytes(head[14:18], "little") in _BMP_HEADER_BYTES
