import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image

from fer_core.errors import InputRejected
from fer_core.files.file_kinds import HEIC
from fer_core.imaging import MAX_BYTES, decode_image, encode_png, limits, read_image
from fer_core.imaging import decode as decoding
from tests.hostile_images import arithmetic_scans, hostile_images, saved, sound_files

# The upright image as a function of the stored one, by EXIF orientation (EXIF 2.3, 4.6.4).
UPRIGHT: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: stored.swapaxes(0, 1)[::-1, ::-1],
    8: lambda stored: np.rot90(stored, 1),
}


IN_THIS_PROCESS = {
    kind: data for kind, data in sound_files().items() if not kind.startswith(("avif", "tiff_jpeg"))
}


def picture(height: int = 24, width: int = 40) -> NDArray[np.uint8]:
    """A smooth image whose mirror images and rotations all differ."""
    rows, columns = np.mgrid[0:height, 0:width]
    channels = (255 * rows / height, 255 * columns / width, 40 + 90 * rows * columns / rows.size)
    return np.stack(channels, axis=-1).astype(np.uint8)


def png_with_header(width: int, height: int) -> bytes:
    """A PNG with these dimensions in its header, and garbage as pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", b"no pixels at all"), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def jpeg_with_header(width: int, height: int) -> bytes:
    data = bytearray(saved(Image.fromarray(picture()), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def bmp_with_header(width: int, height: int) -> bytes:
    data = bytearray(saved(Image.fromarray(picture()), "BMP"))
    data[18:26] = struct.pack("<ii", width, height)
    return bytes(data)


def gif_with_header(width: int, height: int) -> bytes:
    data = bytearray(saved(Image.fromarray(picture()), "GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def rejection(data: bytes) -> InputRejected:
    with pytest.raises(InputRejected) as caught:
        decode_image(data)
    return caught.value


@pytest.mark.parametrize(
    ("file_format", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("JPEG", {"quality": 95}, 6),
        ("JPEG", {"quality": 95, "progressive": True}, 6),
        ("WEBP", {"quality": 95}, 8),
        ("MPO", {"quality": 95}, 6),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, 0),
        ("TIFF", {"compression": "packbits"}, 0),
        ("TIFF", {"compression": "jpeg", "quality": 95}, 6),
        ("TIFF", {"big_tiff": True}, 0),
        ("AVIF", {"quality": 95}, 8),
    ],
)
def test_every_format_gives_the_pixels_that_were_saved(
    file_format: str, options: dict[str, object], tolerance: int
) -> None:
    original = picture()
    decoded = decode_image(saved(Image.fromarray(original), file_format, **options))
    assert decoded.shape == original.shape
    assert decoded.dtype == np.uint8
    assert np.abs(decoded.astype(int) - original).mean() <= tolerance


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied(orientation: int, file_format: str) -> None:
    stored = picture()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    options = {"lossless": True} if file_format == "WEBP" else {}
    decoded = decode_image(saved(Image.fromarray(stored), file_format, exif=exif, **options))
    expected = UPRIGHT[orientation](stored)
    assert decoded.shape == expected.shape
    assert np.abs(decoded.astype(int) - expected).mean() < 4


@pytest.mark.parametrize("file_format", ["AVIF", "TIFF"])
@pytest.mark.parametrize("orientation", [5, 6])
def test_orientation_is_applied_to_what_another_process_decoded(
    orientation: int, file_format: str
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    options = {"compression": "jpeg"} if file_format == "TIFF" else {}
    data = saved(Image.fromarray(picture()), file_format, quality=95, exif=exif, **options)
    expected = UPRIGHT[orientation](picture())
    decoded = decode_image(data)
    assert decoded.shape == expected.shape
    assert np.abs(decoded.astype(int) - expected).mean() < 4


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow warns and continues
@pytest.mark.parametrize("exif", [b"Exif\x00\x00garbage", b"Exif\x00\x00II*\x00\xff\xff\xff\xff"])
def test_damaged_exif_does_not_spoil_a_sound_picture(exif: bytes) -> None:
    data = saved(Image.fromarray(picture()), "JPEG", exif=exif)
    assert decode_image(data).shape == picture().shape


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_ignored(orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = saved(Image.fromarray(picture()), "PNG", exif=exif)
    np.testing.assert_array_equal(decode_image(data), picture())


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken(file_format: str) -> None:
    red, blue = (Image.new("RGB", (20, 10), color) for color in ("red", "blue"))
    data = saved(red, file_format, save_all=True, append_images=[blue], lossless=True)
    np.testing.assert_array_equal(decode_image(data), np.full((10, 20, 3), (255, 0, 0), np.uint8))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bit_values_are_reduced_and_not_clipped(channels: int) -> None:
    values = np.linspace(0, 65535, 60, dtype=np.uint16).reshape(6, 10)
    stored = np.stack([values] * channels, axis=-1).squeeze()
    if channels == 4:
        stored[..., 3] = 65535
    decoded = decode_image(cv2.imencode(".png", stored)[1].tobytes())
    expected = np.stack([values / 257] * 3, axis=-1)
    assert np.abs(decoded - expected).max() <= 1


def test_cmyk_becomes_rgb() -> None:
    cyan, ink = (
        Image.new("CMYK", (16, 16), (255, 0, 0, 0)),
        Image.new("CMYK", (16, 16), (0, 0, 0, 255)),
    )
    assert np.abs(decode_image(saved(cyan, "JPEG")).mean(axis=(0, 1)) - (0, 255, 255)).max() < 3
    assert decode_image(saved(ink, "JPEG")).max() < 3


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_lie_on_white(mode: str) -> None:
    image = Image.new("RGBA", (3, 1), (0, 0, 0, 255))
    image.putpixel((1, 0), (0, 0, 0, 128))
    image.putpixel((2, 0), (0, 0, 0, 0))
    opaque, half, clear = decode_image(saved(image.convert(mode), "PNG"))[0]
    assert (opaque == 0).all()
    assert (np.abs(half.astype(int) - 127) <= 1).all()
    assert (clear == 255).all()


@pytest.mark.parametrize("file_format", ["PNG", "GIF"])
def test_a_palette_with_transparency_lies_on_white(file_format: str) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 128, 0])
    image.putpixel((1, 0), 1)
    decoded = decode_image(saved(image, file_format, transparency=0))
    np.testing.assert_array_equal(decoded, [[[255, 255, 255], [0, 128, 0]]])


@pytest.mark.parametrize("mode", ["1", "L"])
def test_gray_pictures_get_three_equal_channels(mode: str) -> None:
    decoded = decode_image(saved(Image.fromarray(picture()).convert(mode), "PNG"))
    assert decoded.shape == picture().shape
    assert (decoded == decoded[..., :1]).all()
    assert decoded.std() > 10


def test_the_array_can_be_drawn_on() -> None:
    assert decode_image(saved(Image.fromarray(picture()), "PNG")).flags.writeable


@pytest.mark.parametrize(
    ("data", "reason", "word"),
    [
        (b"", "empty", "empty"),
        (b"hello, I am a text file\n" * 40, "unsupported_type", "no picture"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "unsupported_type", "PDF"),
        (b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_type", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "unsupported_type", "SVG"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00", "unsupported_type", "video"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40), "unsupported_type", "JPEG 2000"),
        (b"\xff\x4f\xff\x51" + bytes(40), "unsupported_type", "JPEG 2000"),
        (b"\xff\x0a" + bytes(40), "unsupported_type", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40), "unsupported_type", "JPEG XL"),
        (b"8BPS\0\1" + bytes(40), "unsupported_type", "Photoshop"),
        (b"\0\0\1\0\1\0" + bytes(40), "unsupported_type", "icon"),
        (b"FUJIFILMCCD-RAW " + bytes(40), "unsupported_type", "raw camera file"),
        (b"\0\0\0\x18ftypcrx " + bytes(40), "unsupported_type", "raw camera file"),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(40), "unsupported_type", "Canon CR2"),
        (b"II*\0\x08\0\0\0" + bytes(40), "corrupt", "TIFF or raw camera file"),
        (b"PK\x03\x04" + bytes(40), "unsupported_type", "ZIP"),
        (bytes(1000), "unsupported_type", "no picture"),
        (b"\x89PNG\r\n\x1a\n", "corrupt", "damaged"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "corrupt", "damaged"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(8), "corrupt", "damaged"),
        (b"GIF89a", "corrupt", "damaged"),
        (b"BM" + bytes(60), "corrupt", "damaged"),
        (png_with_header(20, 20), "corrupt", "damaged"),
        (png_with_header(0, 20), "corrupt", "damaged"),
        (b"\xff\xd8\xff" + bytes(MAX_BYTES), "too_large", "20 MB"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value,
)
def test_what_is_no_picture_is_rejected_with_the_reason(
    data: bytes, reason: str, word: str
) -> None:
    error = rejection(data)
    assert error.reason == reason
    assert word in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "with_header", [png_with_header, jpeg_with_header, bmp_with_header, gif_with_header]
)
@pytest.mark.parametrize("side", [7_100, 10_000, 30_000])
def test_a_header_that_promises_too_many_pixels_is_rejected_before_decoding(
    with_header: Callable[[int, int], bytes], side: int
) -> None:
    data = with_header(side, side)
    assert len(data) < 5_000
    # Decoding would have reported the garbage after the header: `corrupt`.
    error = rejection(data)
    assert error.reason == "too_many_pixels"
    assert "50 megapixels" in str(error)


def test_the_limit_itself_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PIXELS", 24 * 40)
    assert decode_image(encode_png(picture(24, 40))).shape == (24, 40, 3)
    assert rejection(encode_png(picture(31, 31))).reason == "too_many_pixels"


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
@given(st.data())
def test_a_truncated_file_is_rejected_or_whole(file_format: str, data: st.DataObject) -> None:
    whole = saved(Image.fromarray(picture()), file_format)
    expected = decode_image(whole)
    end = data.draw(st.integers(1, len(whole) - 1))
    try:
        decoded = decode_image(whole[:end])
    except InputRejected:
        return
    # Only the data after the pixels was cut off.
    np.testing.assert_array_equal(decoded, expected)


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
@given(st.data())
def test_no_damage_raises_anything_but_a_rejection(file_format: str, data: st.DataObject) -> None:
    damaged = bytearray(saved(Image.fromarray(picture()), file_format))
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = decode_image(bytes(damaged))
    except InputRejected:
        return
    assert decoded.dtype == np.uint8
    assert decoded.ndim == 3
    assert decoded.shape[2] == 3


@given(st.binary(max_size=200))
def test_random_bytes_are_rejected(data: bytes) -> None:
    assert rejection(data).reason in ("empty", "unsupported_type", "corrupt", "too_many_pixels")


def test_read_image_reads_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "größe.png"
    path.write_bytes(encode_png(picture()))
    np.testing.assert_array_equal(read_image(path), picture())
    np.testing.assert_array_equal(read_image(str(path)), picture())


def test_read_image_names_the_problem_with_the_path(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none.jpg", "no such file"), (tmp_path, "folder")):
        with pytest.raises(InputRejected, match=words) as caught:
            read_image(path)
        assert caught.value.reason == "unreadable"


def test_read_image_rejects_a_large_file(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    with path.open("wb") as stream:
        stream.write(b"\xff\xd8\xff")
        stream.truncate(MAX_BYTES * 100)
    with pytest.raises(InputRejected) as caught:
        read_image(path)
    assert caught.value.reason == "too_large"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_read_image_does_not_wait_on_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(InputRejected) as caught:
        read_image(tmp_path / "pipe.jpg")
    assert caught.value.reason == "unreadable"


def test_encode_png_is_lossless_and_holds_pixels_only() -> None:
    data = encode_png(picture())
    np.testing.assert_array_equal(decode_image(data), picture())
    kinds, position = set(), 8
    while position < len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        kinds.add(data[position + 4 : position + 8])
        position += 12 + length
    assert kinds == {b"IHDR", b"IDAT", b"IEND"}


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("jpeg: endless scans", "corrupt", "scans"),
        ("jpeg: endless scans of few pixels", "corrupt", "scans"),
        ("jpeg: endless markers", "corrupt", "pieces"),
        ("png: endless chunks", "corrupt", "pieces"),
        ("jpeg: endless scans behind an MPF header", "corrupt", "20000 scans"),
        ("tiff: JPEG of endless scans", "corrupt", "scans"),
        ("jpeg: arithmetic-coded scans of a few bytes", "corrupt", "33 scans"),
        ("tiff: JPEG of arithmetic-coded scans", "corrupt", "33 scans"),
        ("tiff: strips that name the same bytes", "corrupt", "parts"),
        ("tiff: a tile of a billion pixels", "corrupt", "tiles"),
        ("tiff: says 65535 x 65535", "too_many_pixels", "50 megapixels"),
        ("gif: endless small blocks", "corrupt", "pieces"),
        ("bmp: empty lines", "too_many_pixels", "4 megapixels in this format"),
        ("webp: larger", "too_many_pixels", "32 megapixels in this format"),
    ],
)
def test_what_would_keep_a_decoder_busy_is_rejected(name: str, reason: str, words: str) -> None:
    (case,) = (case for case in hostile_images() if case.name == name)
    error = rejection(case.build())
    assert error.reason == reason
    assert words in str(error)


def test_an_arithmetic_coded_photo_is_read() -> None:
    assert decode_image(arithmetic_scans(400, 10)).shape == (400, 400, 3)


def test_scans_are_counted_up_to_the_end_of_the_picture() -> None:
    # Phones append a clip to a photo, and cameras put a thumbnail before it: not scans of the
    # image.
    exif = b"Exif\x00\x00" + b"\xff\xda\x00\x02" * 2_000
    photo = saved(Image.fromarray(picture()), "JPEG", exif=exif, progressive=True)
    with_clip = photo + b"\xff\xda\x00\x02" * 5_000
    np.testing.assert_array_equal(decode_image(with_clip), decode_image(photo))


def test_a_bmp_of_runs_is_read() -> None:
    decoded = decode_image(sound_files()["bmp_runs"])
    assert decoded.shape == (32, 32, 3)
    assert len(np.unique(decoded)) > 2


@pytest.mark.parametrize("band_pixels", [1, 70, 10_000])
def test_the_bands_of_a_large_picture_fit_together(
    band_pixels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {kind: decode_image(data) for kind, data in IN_THIS_PROCESS.items()}
    monkeypatch.setattr(decoding, "_BAND_PIXELS", band_pixels)
    for kind, data in IN_THIS_PROCESS.items():
        np.testing.assert_array_equal(decode_image(data), expected[kind], err_msg=kind)


@pytest.mark.skipif(HEIC.is_readable, reason="pillow-heif is installed")
def test_without_its_package_heic_is_refused_with_what_to_do() -> None:
    error = rejection(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")
    assert error.reason == "unsupported_type"
    for words in ("HEIC", "pip install '.[heic]'", "JPEG"):
        assert words in str(error)


@pytest.mark.skipif(not HEIC.is_readable, reason="pillow-heif is not installed")
@pytest.mark.parametrize("orientation", [1, 6])
def test_heic_is_read(orientation: int) -> None:
    import pillow_heif

    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stream = io.BytesIO()
    heif = pillow_heif.from_pillow(Image.fromarray(picture(64, 96)))
    heif.save(stream, quality=95, exif=exif.tobytes())
    expected = UPRIGHT[orientation](picture(64, 96))
    decoded = decode_image(stream.getvalue())
    assert decoded.shape == expected.shape
    assert np.abs(decoded.astype(int) - expected).mean() < 8
    assert rejection(stream.getvalue()[:400]).reason == "corrupt"


@pytest.mark.parametrize("kind", [bytearray, memoryview])
@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF"])
def test_bytes_may_come_in_any_of_their_types(
    kind: Callable[[bytes], bytes], file_format: str
) -> None:
    data = saved(Image.fromarray(picture()), file_format)
    np.testing.assert_array_equal(decode_image(kind(data)), decode_image(data))
