"""The contents of TIFF files: photos of many kinds, and other data."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

from fer_core.errors import InputRejected
from fer_core.imaging import decode_image
from tests.hostile_images import saved
from tests.tiff_files import Value, tiff_file

RAMP = np.arange(16, dtype=np.uint8).reshape(4, 4) * 17


def gray(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    decoded = decode_image(data)
    assert (decoded == decoded[..., :1]).all()
    return decoded[..., 0]


def rejection(data: bytes) -> str:
    with pytest.raises(InputRejected) as caught:
        decode_image(data)
    assert caught.value.reason == "unsupported_type"
    return str(caught.value)


@pytest.mark.parametrize(
    ("tags", "pixels"),
    [
        ({}, RAMP.tobytes()),
        ({262: 0}, (255 - RAMP).tobytes()),
        ({258: 16}, (RAMP.astype("<u2") * 257).tobytes()),
        ({258: 16, 262: 0}, (65535 - RAMP.astype("<u2") * 257).tobytes()),
        ({258: 32, 339: 3}, RAMP.astype("<f4").tobytes()),
        ({258: 32, 339: 3}, (RAMP.astype("<f4") / 255).tobytes()),
        ({262: 2, 277: 3, 258: [8, 8, 8]}, np.repeat(RAMP, 3).tobytes()),
        ({262: 2, 277: 3, 258: [16, 16, 16]}, np.repeat(RAMP.astype("<u2") * 257, 3).tobytes()),
        ({262: 3, 320: [17 * 257 * (i % 16) for i in range(256)] * 3}, (RAMP // 17).tobytes()),
    ],
    ids=["gray", "white is 0", "16", "16, white is 0", "0-255", "0-1", "rgb", "rgb 16", "palette"],
)
def test_every_kind_of_number_gives_the_same_gray(tags: dict[int, Value], pixels: bytes) -> None:
    np.testing.assert_array_equal(gray(tiff_file(tags, pixels)), RAMP)


def test_one_bit_and_cmyk_and_alpha() -> None:
    checks = Image.fromarray(RAMP).convert("1", dither=Image.Dither.NONE)
    np.testing.assert_array_equal(gray(saved(checks, "TIFF")), np.where(RAMP > 127, 255, 0))
    fax = saved(checks, "TIFF", compression="group4")
    np.testing.assert_array_equal(gray(fax), np.where(RAMP > 127, 255, 0))
    cyan = saved(Image.new("CMYK", (4, 4), (255, 0, 0, 0)), "TIFF")
    assert decode_image(cyan)[0, 0].tolist() == [0, 255, 255]
    clear = saved(Image.new("RGBA", (4, 4), (9, 9, 9, 0)), "TIFF")
    assert decode_image(clear)[0, 0].tolist() == [255, 255, 255]


def test_of_several_pages_the_first_is_taken() -> None:
    red, blue = (Image.new("RGB", (8, 6), color) for color in ("red", "blue"))
    data = saved(red, "TIFF", save_all=True, append_images=[blue])
    assert decode_image(data)[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("byte_order", ["<", ">"])
def test_both_byte_orders_are_read(byte_order: str) -> None:
    numbers = {256: 4, 257: 4, 258: 16, 259: 1, 262: 1, 273: 122, 277: 1, 278: 4, 279: 32}
    entries = b"".join(
        struct.pack(f"{byte_order}HHIHH", tag, 3, 1, value, 0) for tag, value in numbers.items()
    )
    header = struct.pack(f"{byte_order}2sHIH", b"II" if byte_order == "<" else b"MM", 42, 8, 9)
    pixels = (RAMP * np.uint16(257)).astype(f"{byte_order}u2").tobytes()
    np.testing.assert_array_equal(gray(header + entries + bytes(4) + pixels), RAMP)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (tiff_file({50706: [1, 4, 0, 0]}, bytes(16)), "DNG"),
        (tiff_file({254: 1, 271: b"NIKON CORPORATION\0"}, bytes(16), inner=[{262: 32803}]), "NEF"),
        (tiff_file({271: b"SONY\0"}, bytes(16), inner=[{262: 32803}]), "Sony ARW"),
        (tiff_file({254: 1}, bytes(16), inner=[{262: 2}]), "raw camera file"),
        (tiff_file({262: 34892}, bytes(16)), "raw camera file"),
    ],
)
def test_a_raw_camera_file_is_not_read_as_its_preview(data: bytes, name: str) -> None:
    message = rejection(data)
    assert name in message
    assert "Export it as JPEG" in message


def test_a_preview_that_comes_first_is_not_taken_for_the_picture() -> None:
    assert "preview" in rejection(tiff_file({254: 1}, bytes(16), following=8))


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({259: 6}, "old-style JPEG"),
        ({259: 34712}, "JPEG 2000"),
        ({259: 50001}, "WebP"),
        ({259: 12345}, "method 12345"),
        ({258: 32}, "1 x 32 bits"),
        ({258: 16, 339: 2}, "signed"),
        ({258: 64, 339: 3}, "floating-point"),
        ({262: 8, 277: 3, 258: [8, 8, 8]}, "Lab"),
        ({262: 5, 277: 5, 258: [8] * 5}, "5 x 8 bits"),
    ],
)
def test_what_is_no_photo_is_refused_by_name(tags: dict[int, Value], words: str) -> None:
    message = rejection(tiff_file(tags, bytes(64)))
    assert words in message
    assert "Save it as PNG or JPEG" in message


@pytest.mark.parametrize("values", [(-1.0, 1.0), (0.0, 256.0), (float("nan"), 1.0)])
def test_floating_point_numbers_of_an_unknown_range_are_refused(
    values: tuple[float, float],
) -> None:
    pixels = np.resize(np.array(values, "<f4"), 16)
    assert "floating-point values from" in rejection(tiff_file({258: 32, 339: 3}, pixels.tobytes()))
