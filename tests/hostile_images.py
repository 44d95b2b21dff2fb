"""Broken and hostile picture files, the same for the same seed.

Three kinds: valid files of every format, truncated and with flipped bits at their structures; the
same with random damage; and files crafted to deceive or exhaust a decoder. Each is built on demand.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module

import numpy as np
from PIL import ExifTags, Image

from fer_core.files.file_kinds import HEIC
from tests.tiff_files import tiff_file

_PNG = b"\x89PNG\r\n\x1a\n"
_MAX_FILE = 20 * 2**20 - 2**12
_SIDE = 7000


@dataclass(frozen=True)
class HostileFile:
    """One input: its name describes the defect, `build` creates its bytes."""

    name: str
    build: Callable[[], bytes]
    is_video: bool = False


def hostile_images(seed: int = 0, *, random_per_file: int = 90) -> list[HostileFile]:
    """Returns all inputs in a fixed order.

    Args:
        seed: seed of the random damage.
        random_per_file: number of randomly damaged variants of each valid file.
    """
    cases = [*_crafted(), *_structural(), *_random(seed, random_per_file)]
    return list({case.name: case for case in cases}.values())


def saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def heic(image: Image.Image, **options: object) -> bytes:
    """A HEIC file; needs pillow-heif."""
    import_module("pillow_heif").register_heif_opener()
    return saved(image, "HEIF", **options)


@cache
def sound_files() -> dict[str, bytes]:
    """One small file of every supported format."""
    rows, columns = np.mgrid[0:40, 0:56]
    rgb = np.stack([rows * 6, columns * 4, (rows * columns) % 256], axis=-1).astype(np.uint8)
    image, other = Image.fromarray(rgb), Image.fromarray(255 - rgb)
    alpha = image.convert("RGBA")
    alpha.putalpha(Image.fromarray(rgb[..., 0]))
    palette = image.quantize(16)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "maker" * 9
    gray16 = Image.fromarray((rows * columns * 29).astype(np.uint16))
    several = {"save_all": True, "append_images": [other, image], "duration": 50}
    return {
        "png": saved(image, "PNG"),
        "png_alpha": saved(alpha, "PNG", exif=exif),
        "png_16": saved(gray16, "PNG"),
        "png_palette": saved(palette, "PNG", transparency=3),
        "png_bits": saved(image.convert("1"), "PNG"),
        "png_animated": saved(image, "PNG", **several),
        "jpeg": saved(image, "JPEG", exif=exif),
        "jpeg_progressive": saved(image, "JPEG", progressive=True),
        "jpeg_cmyk": saved(image.convert("CMYK"), "JPEG"),
        "jpeg_gray": saved(image.convert("L"), "JPEG", restart_marker_rows=1),
        "gif": saved(palette, "GIF", transparency=0),
        "gif_animated": saved(image, "GIF", **several),
        "webp": saved(image, "WEBP", exif=exif),
        "webp_alpha": saved(alpha, "WEBP"),
        "webp_lossless": saved(alpha, "WEBP", lossless=True),
        "webp_animated": saved(image, "WEBP", **several),
        "bmp": saved(image, "BMP"),
        "bmp_palette": saved(palette, "BMP"),
        "bmp_runs": _bmp(
            32, 32, b"\x04\x01\x00\x04\x01\x02\x03\x00\x00\x00" * 32, bits=8, packed=1
        ),
        "jpeg_mpo": behind_mpf(saved(image, "JPEG")),
        "tiff": saved(image, "TIFF", exif=exif),
        "tiff_pages": saved(palette, "TIFF", compression="tiff_lzw", **several),
        "tiff_16": saved(gray16, "TIFF", compression="tiff_adobe_deflate"),
        "tiff_alpha": saved(alpha, "TIFF", compression="packbits"),
        "tiff_cmyk": saved(image.convert("CMYK"), "TIFF"),
        "tiff_float": saved(image.convert("F"), "TIFF"),
        "tiff_bits": saved(image.convert("1"), "TIFF"),
        "tiff_jpeg": saved(image, "TIFF", compression="jpeg"),  # in a child process, as all below
        "avif": saved(alpha, "AVIF", exif=exif),
        "avif_animated": saved(image, "AVIF", **several),
        **({"heic": heic(alpha, exif=exif)} if HEIC.is_readable else {}),
    }


def structures(data: bytes) -> list[int]:
    """The offsets of a file's parts: chunks, markers, blocks, header fields."""
    if data.startswith(_PNG):
        found, position = [8], 8
        while position + 8 <= len(data):
            position += 12 + struct.unpack_from(">I", data, position)[0]
            found.append(position)
        return found
    if data.startswith(b"\xff\xd8"):
        return [match.start() for match in re.finditer(rb"\xff[\xc0-\xfe]", data)]
    if data.startswith(b"RIFF"):
        found, position = [0, 12], 12
        while position + 8 <= len(data):
            size = struct.unpack_from("<I", data, position + 4)[0]
            position += 8 + size + size % 2
            found.append(position)
        return found
    if data.startswith(b"II*\0"):
        first = struct.unpack_from("<I", data, 4)[0]
        entries = struct.unpack_from("<H", data, first)[0]
        return [0, 4, first, *(first + 2 + 12 * number for number in range(entries + 1))]
    if data[4:8] == b"ftyp":
        return list(range(0, 400, 16))
    if data.startswith(b"GIF"):
        return [0, 6, 10, *(match.start() for match in re.finditer(rb"[!,;]", data))][:60]
    return list(range(0, 64, 4))


def _structural() -> Iterator[HostileFile]:
    magics = (_PNG, b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x40\0\0\0WEBPVP8X", b"BM", b"II*\0")
    for kind, data in sound_files().items():
        for magic in magics:
            wrong = partial(replaced, data, 0, magic)
            yield HostileFile(f"{kind}: begins with {magic[:4]!r}", wrong)
        for at in structures(data):
            for end in (at, at + 1, at + 5):
                yield HostileFile(f"{kind}: cut at {end}", partial(cut, data, end))
            for offset in range(12):
                flipped = partial(_flipped, data, at + offset, 1 << (at + offset) % 8)
                yield HostileFile(f"{kind}: bit flipped at {at + offset}", flipped)
            for value in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"):
                for offset in (0, 4, 8):
                    lying = partial(replaced, data, at + offset, value)
                    yield HostileFile(f"{kind}: {value.hex()} at {at + offset}", lying)


def _random(seed: int, per_file: int) -> Iterator[HostileFile]:
    for number, kind in enumerate(sound_files()):
        for index in range(per_file):
            damaged = partial(_damaged, kind, (seed, number, index))
            yield HostileFile(f"{kind}: random damage {index}", damaged)


def _damaged(kind: str, seed: tuple[int, ...]) -> bytes:
    rng = np.random.default_rng(seed)
    files = list(sound_files().values())
    data = bytearray(sound_files()[kind])
    for _ in range(rng.integers(1, 6)):
        at, length = int(rng.integers(len(data) or 1)), int(rng.integers(1, 40))
        match rng.integers(5):
            case 0:
                data[at : at + length] = rng.bytes(length)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length] * int(rng.integers(1, 50))
            case 3:
                data[at : at + 1] = bytes([rng.choice([0, 1, 127, 128, 254, 255])])
            case 4:
                other = files[rng.integers(len(files))]
                data[at:] = other[int(rng.integers(len(other))) :]
    return _with_correct_checksums(bytes(data)) if rng.integers(2) else bytes(data)


def _with_correct_checksums(data: bytes) -> bytes:
    """Repairs the checksums of a PNG, so that they do not reveal the damage."""
    if not data.startswith(_PNG):
        return data
    parts, position = [_PNG], 8
    while position + 12 <= len(data):
        size = struct.unpack_from(">I", data, position)[0]
        body = data[position + 8 : position + 8 + size]
        parts.append(_chunk(data[position + 4 : position + 8], body))
        position += 12 + size
    return b"".join(parts)


def _crafted() -> Iterator[HostileFile]:
    for name, build in {
        "png: endless chunks": lambda: _png_with(_chunk(b"abCd", b"") * (_MAX_FILE // 12 - 400)),
        "png: dimensions of 4 billion": lambda: _png([_header(2**32 - 1, 2**32 - 1)]),
        "png: no pixels in it": lambda: _png([_header(_SIDE, _SIDE), (b"IEND", b"")]),
        "png: bomb of colors and alpha": lambda: _bomb(8, 6, 4),
        "png: bomb of 16 bits": lambda: _bomb(16, 6, 8),
        "png: bomb of 16-bit gray": lambda: _bomb(16, 0, 2),
        "png: bomb with palette and alpha": lambda: _bomb(8, 3, 1),
        "png: bomb in two": lambda: _png(
            [_header(16, 16), (b"IDAT", zlib.compress(bytes(2**29), 9)), (b"IEND", b"")]
        ),
        "png: bombs of text": lambda: _png(
            [
                _header(16, 16),
                *[(b"zTXt", b"k\0\0" + zlib.compress(bytes(2**20 - 1), 9))] * 500,
                *_pixels(16, 16, 3),
            ]
        ),
        "png: bomb as color profile": lambda: png_with_profile(2**29),
        "gif: bomb": lambda: saved(Image.new("P", (_SIDE, _SIDE)), "GIF", transparency=0),
        "gif: endless comment": lambda: _gif(b"!\xfe" + (b"\xff" + b"A" * 255) * 78_000 + b"\0"),
        "gif: endless small blocks": lambda: _gif(b"!\xff" + b"\x01A" * 9_000_000 + b"\0"),
        "gif: endless extensions": lambda: _gif(b"!\xfe\x01A\0" * 4_000_000),
        "jpeg: endless markers": lambda: _jpeg(b"\xff\xfe\x00\x02" * 5_000_000),
        "jpeg: fill bytes": lambda: _jpeg(b"\xff" * 19_000_000),
        "jpeg: endless scans": lambda: with_scans(_SIDE, _SIDE, 100_000),
        "jpeg: endless scans of few pixels": lambda: with_scans(16, 16, 500_000),
        "jpeg: as many scans as are taken": lambda: with_scans(_SIDE, _SIDE, 24),
        "jpeg: as many scans as are taken, of color": lambda: with_scans(_SIDE, _SIDE, 24, "RGB"),
        "jpeg: endless scans behind an MPF header": lambda: behind_mpf(
            with_scans(3000, 3000, 20_000)
        ),
        "jpeg: EXIF of megabytes that are named often": lambda: _jpeg_with_exif(_named_often()),
        "jpeg: arithmetic-coded scans of a few bytes": lambda: arithmetic_scans(6000, 33),
        "jpeg: as many arithmetic-coded scans as are taken": lambda: arithmetic_scans(6000, 6),
        "jpeg: many arithmetic-coded scans of a small picture": lambda: arithmetic_scans(490, 990),
        "jpeg: many scans of a small picture": lambda: with_scans(1000, 1000, 990),
        "jpeg: bomb in CMYK": lambda: saved(
            Image.new("CMYK", (_SIDE, _SIDE)), "JPEG", progressive=True, subsampling=0
        ),
        "jpeg: bomb that stands on its side": lambda: saved(
            Image.new("RGB", (_SIDE, _SIDE)), "JPEG", exif=_orientation(5)
        ),
        "bmp: endless runs": lambda: _bmp(1900, 1900, b"\x01\x05" * 9_000_000, bits=8, packed=1),
        "bmp: large, of runs": lambda: _bmp(_SIDE, _SIDE, b"\x01\x05" * 10**6, bits=8, packed=1),
        "bmp: empty lines": lambda: _bmp(_SIDE, _SIDE, b"\x01\0\0\0" * _SIDE, bits=4, packed=2),
        "bmp: empty lines of few": lambda: _bmp(1900, 1900, b"\x01\0\0\0" * 1900, bits=4, packed=2),
        "bmp: jumps": lambda: _bmp(1900, 1900, b"\x00\x02\xff\xff" * 10_000, bits=8, packed=1),
        "bmp: negative height": lambda: _bmp(_SIDE, -_SIDE, b"", bits=24),
        "bmp: bomb of bits": lambda: _bmp(_SIDE, _SIDE, bytes(876 * _SIDE), bits=1),
        "tiff: a directory of a million tags": lambda: _long_directory(1_000_000),
        "tiff: bomb": lambda: _tiff_bomb("RGB"),
        "tiff: bomb of palette and alpha": lambda: _tiff_bomb("PA"),
        "tiff: bomb in CMYK": lambda: _tiff_bomb("CMYK"),
        "tiff: bomb of floats": lambda: _tiff_bomb("F"),
        "tiff: bomb of 16-bit gray": lambda: _tiff_bomb("I;16"),
        "tiff: bomb of 16 bits": lambda: _tiff(zlib.compress(bytes(8 * _SIDE**2), 9), 16, 4),
        "tiff: JPEG of endless scans": lambda: tiff_with_jpeg(with_scans(3000, 3000, 20_000), 3000),
        "tiff: JPEG of as many scans as are taken": lambda: tiff_with_jpeg(
            with_scans(6000, 6000, 33), 6000
        ),
        "tiff: JPEG of arithmetic-coded scans": lambda: tiff_with_jpeg(
            arithmetic_scans(6000, 33), 6000
        ),
        "tiff: strips that name the same bytes": lambda: tiff_file(
            {257: 60_000, 278: 1, 273: [8] * 60_000, 279: [10**6] * 60_000}, bytes(10**6)
        ),
        "tiff: tags of megabytes that are named often": _named_often,
        "tiff: a tile of a billion pixels": lambda: tiff_file(
            {322: 2**15, 323: 2**15, 324: 8, 325: 16}, bytes(16)
        ),
        "tiff: a page that follows itself": lambda: tiff_file({}, bytes(16), following=8),
        "avif: bomb": lambda: saved(Image.new("RGB", (_SIDE, _SIDE)), "AVIF", speed=10),
        "avif: cut in the middle of a large picture": lambda: cut(
            saved(Image.effect_noise((2000, 2000), 50), "AVIF", speed=10), 90_000
        ),
        "webp: bomb without loss": lambda: _webp(5600, lossless=True),
        "webp: bomb with alpha": lambda: _webp(5600, quality=1, method=0),
        "webp: animated bomb": lambda: _webp(5600, animated=True),
        "webp: larger": lambda: _webp(6000, quality=1, method=0),
        "polyglot: a PDF before it": lambda: b"%PDF-1.7\n" + sound_files()["jpeg"],
        "polyglot: a page before it": lambda: b"<html><script>1</script>" + sound_files()["gif"],
        "polyglot: a script in a GIF": lambda: _gif(
            b"!\xfe\x20<script>fetch('//x')</script>/*--\0"
        ),
        "polyglot: a GIF that is a script": lambda: b"GIF89a=1;/*" + sound_files()["gif"][11:],
        "polyglot: a ZIP before it": lambda: b"PK\x03\x04" + sound_files()["png"],
        "polyglot: a ZIP after it": lambda: sound_files()["jpeg"] + b"PK\x03\x04" + bytes(2000),
        "polyglot: two pictures": lambda: sound_files()["png"] + sound_files()["jpeg"],
        "a video's first bytes": lambda: b"\0\0\0\x18ftypisom" + sound_files()["jpeg"],
        "zeros": lambda: bytes(10**6),
        "one byte": lambda: b"\xff",
        "nothing": lambda: b"",
        "too long": lambda: b"\xff\xd8\xff" + bytes(21 * 2**20),
    }.items():
        yield HostileFile(name, build)
    if HEIC.is_readable:
        large = Image.new("RGB", (_SIDE, _SIDE))
        yield HostileFile("heic: bomb", lambda: heic(large))
        yield HostileFile(
            "heic: cut in the middle of a large picture",
            lambda: cut(heic(Image.effect_noise((2000, 2000), 50).convert("RGB")), 90_000),
        )
    for kind in ("png", "jpeg", "webp"):
        for name, exif in _exif_forms().items():
            yield HostileFile(f"{kind}: EXIF {name}", partial(_with_exif, kind, exif))
    for width, height in ((0, 0), (0, 9), (1, 65_535), (65_535, 65_535), (2**31 - 1, 2**31 - 1)):
        for kind, lie in _LIES.items():
            lying = partial(lie, width, height)
            yield HostileFile(f"{kind}: says {width} x {height}", lying)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(chunks: list[tuple[bytes, bytes]]) -> bytes:
    return _PNG + b"".join(_chunk(kind, body) for kind, body in chunks)


def _png_with(inserted: bytes) -> bytes:
    data = sound_files()["png"]
    end = structures(data)[1]
    return data[:end] + inserted + data[end:]


def _header(width: int, height: int, depth: int = 8, color: int = 2) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)


def _pixels(width: int, height: int, bytes_per_pixel: int) -> list[tuple[bytes, bytes]]:
    rows = bytes((width * bytes_per_pixel + 1) * height)
    return [(b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]


def _bomb(depth: int, color: int, bytes_per_pixel: int) -> bytes:
    palette = [(b"PLTE", bytes(768)), (b"tRNS", bytes(256))] if color == 3 else []
    header = _header(_SIDE, _SIDE, depth, color)
    return _png([header, *palette, *_pixels(_SIDE, _SIDE, bytes_per_pixel)])


def png_with_profile(size: int) -> bytes:
    """A small PNG whose color profile unpacks to a given number of bytes."""
    profile = b"k\0\0" + zlib.compress(bytes(size), 9)
    return _png([_header(16, 16), (b"iCCP", profile), *_pixels(16, 16, 3)])


def _gif(inserted: bytes) -> bytes:
    data = sound_files()["gif"]
    at = 13 + 3 * (2 << (data[10] & 7))
    return data[:at] + inserted + data[at:]


def _jpeg(inserted: bytes) -> bytes:
    data = sound_files()["jpeg"]
    return data[:2] + inserted + data[2:]


def with_scans(width: int, height: int, scans: int, mode: str = "L") -> bytes:
    """A progressive JPEG with many scans, as many as fit into an accepted photo."""
    data = saved(Image.new(mode, (width, height)), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    more = min(scans - data.count(b"\xff\xda"), (_MAX_FILE - len(data)) // len(last))
    return data[:-2] + last * more + data[-2:]


def arithmetic_scans(side: int, scans: int) -> bytes:
    """A square gray progressive JPEG with arithmetic coding: each scan decodes endless noise.

    At the end of its bytes the decoder continues with zeros, which code something for every pixel.
    """
    plain = with_scans(side, side, 10)
    frame, first = plain.index(b"\xff\xc2"), plain.index(b"\xff\xda")
    tables = plain[:frame] + b"\xff\xca" + plain[frame + 2 : first]
    bytes_of_noise = b"\x73\xdd\x8f\xdb\xec\xc7"
    dc = b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00" + bytes_of_noise
    ac = b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00" + bytes_of_noise
    return tables + dc + ac * (scans - 1) + b"\xff\xd9"


def behind_mpf(jpeg: bytes) -> bytes:
    """Adds a header of two pictures to a JPEG: Pillow then treats it as MPO."""
    entries = struct.pack("<IIIHH", 0x030000, len(jpeg), 0, 0, 0)
    entries += struct.pack("<IIIHH", 0, 100, len(jpeg), 0, 0)
    tags = struct.pack("<HHI4s", 0xB000, 7, 4, b"0100") + struct.pack("<HHII", 0xB001, 4, 1, 2)
    tags += struct.pack("<HHII", 0xB002, 7, len(entries), 50)
    body = b"MPF\0II*\0" + struct.pack("<IH", 8, 3) + tags + bytes(4) + entries
    return jpeg[:2] + b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def _named_often() -> bytes:
    """A gray TIFF with 30,000 more tags, each with all following megabytes as its value."""
    page = {256: 4, 257: 4, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 4, 279: 16}
    body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in page.items())
    body += b"".join(struct.pack("<HHII", tag, 7, 15_000_000, 8) for tag in range(1000, 31_000))
    return b"II*\0" + struct.pack("<IH", 8, 30_009) + body + bytes(15_000_000)


def _jpeg_with_exif(exif: bytes) -> bytes:
    """EXIF in as many segments as it needs, which Pillow joins."""
    step = 65_000
    parts = [b"Exif\0\0" + exif[at : at + step] for at in range(0, len(exif), step)]
    return _jpeg(b"".join(b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part for part in parts))


def _tiff(pixels: bytes, bits: int, samples: int) -> bytes:
    layout = {256: _SIDE, 257: _SIDE, 278: _SIDE, 259: 8, 262: 2, 277: samples}
    return tiff_file(layout | {258: [bits] * samples, 338: 2}, pixels)


def _tiff_bomb(mode: str) -> bytes:
    return saved(Image.new(mode, (_SIDE, _SIDE)), "TIFF", compression="tiff_adobe_deflate")


def tiff_with_jpeg(jpeg: bytes, side: int) -> bytes:
    """A square gray TIFF whose only strip is a JPEG."""
    return tiff_file({256: side, 257: side, 278: side, 259: 7}, jpeg)


def _bmp(width: int, height: int, pixels: bytes, *, bits: int, packed: int = 0) -> bytes:
    palette = bytes(range(256)) * 4 if bits == 8 else bytes(4 << bits) if bits < 8 else b""
    start = 54 + len(palette)
    file = b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start)
    colors = 1 << bits if bits <= 8 else 0
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, packed, 0, 0, 0, colors, 0)
    return file + info + palette + pixels


def _webp(side: int, *, animated: bool = False, **options: object) -> bytes:
    image = Image.new("RGBA", (side, side), (1, 2, 3, 4))
    if animated:
        other = Image.new("RGBA", (side, side), (200, 2, 3, 4))
        options = {"save_all": True, "append_images": [other], "quality": 1, "method": 0}
    return saved(image, "WEBP", **options)


def _orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = value
    return exif


def _exif_forms() -> dict[str, bytes]:
    def directory(entries: list[tuple[int, int, int, int]], following: int) -> bytes:
        body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
        return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + struct.pack("<I", following)

    return {
        "that follows itself": directory([(0x0112, 3, 1, 6)], 8),
        "within itself": directory([(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8)], 8),
        "with endless values": directory([(0x0112, 3, 2**32 - 1, 8)], 0),
        "that names all bytes often": directory([(tag, 7, 60_000, 8) for tag in range(1, 4900)], 0),
        "beyond its end": directory([(0x0112, 3, 9, 2**32 - 8)], 2**32 - 1),
        "of unknown types": directory([(0x0112, 99, 1, 6), (0x010F, 0, 5, 8)], 0),
        "with divisions by zero": directory([(0x011A, 5, 1, 8), (0x0128, 3, 1, 2)], 0),
        "of another kind": b"MM\0+\0\x08\0\0" + bytes(40),
        "of noise": np.random.default_rng(0).bytes(2000),
        "of nothing": b"",
    }


def _with_exif(kind: str, exif: bytes) -> bytes:
    if kind == "png":
        return _png_with(_chunk(b"eXIf", exif))
    if kind == "jpeg":
        body = (b"Exif\0\0" + exif)[:65_533]
        return _jpeg(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)
    return saved(Image.new("RGB", (16, 16)), "WEBP", exif=b"Exif\0\0" + exif)


def _lying_jpeg(width: int, height: int) -> bytes:
    data = sound_files()["jpeg"]
    at = data.index(b"\xff\xc0") + 5
    return replaced(data, at, struct.pack(">HH", height & 0xFFFF, width & 0xFFFF))


def _lying_box(kind: str, width: int, height: int) -> bytes:
    data = sound_files()[kind]
    return replaced(data, data.index(b"ispe") + 8, struct.pack(">II", width, height))


_LIES: dict[str, Callable[[int, int], bytes]] = {
    "png": lambda width, height: _png([_header(width, height), *_pixels(16, 16, 3)]),
    "jpeg": _lying_jpeg,
    "gif": lambda width, height: replaced(
        sound_files()["gif"], 6, struct.pack("<HH", width & 0xFFFF, height & 0xFFFF)
    ),
    "webp": lambda width, height: replaced(
        sound_files()["webp"], 24, struct.pack("<II", width & 0xFFFFFF, height & 0xFFFFFF)
    ),
    "tiff": lambda width, height: tiff_file({256: width, 257: height}, bytes(16)),
    "avif": lambda width, height: _lying_box("avif", width, height),
    **(
        {"heic": lambda width, height: _lying_box("heic", width, height)}
        if HEIC.is_readable
        else {}
    ),
    "bmp": lambda width, height: replaced(
        sound_files()["bmp"], 18, struct.pack("<II", width, height)
    ),
}


def cut(data: bytes, at: int) -> bytes:
    return data[:at]


def replaced(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


def _flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes(byte ^ bit for byte in data[at : at + 1]) + data[at + 1 :]


def _long_directory(tags: int) -> bytes:
    """A BigTIFF whose directory has many tags, each an inner directory: itself."""
    head = b"II" + struct.pack("<HHHQQ", 43, 8, 0, 16, tags)
    return head + struct.pack("<HHQQ", 330, 16, 1, 16) * tags + bytes(8)
