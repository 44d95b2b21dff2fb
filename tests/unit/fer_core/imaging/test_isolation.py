"""Whatever a file does to its decoder, it is only rejected."""

from __future__ import annotations

import sys

import pytest
from PIL import Image

from fer_core.errors import InputRejected
from fer_core.files.file_kinds import AVIF
from fer_core.imaging.isolation import decode_isolated
from tests.hostile_images import saved

SMALL = saved(Image.new("RGB", (32, 24), "teal"), "AVIF")


def test_the_picture_arrives_as_it_was_saved() -> None:
    image, orientation = decode_isolated(AVIF, SMALL)
    assert (image.mode, image.size, orientation) == ("RGB", (32, 24), 1)
    assert image.getpixel((9, 9)) == pytest.approx((0, 128, 128), abs=3)


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")
def test_what_needs_more_memory_than_it_may_have_is_refused() -> None:
    large = saved(Image.new("RGB", (1500, 1500)), "AVIF", speed=10)
    with pytest.raises(InputRejected) as caught:
        decode_isolated(AVIF, large, memory_bytes=16 * 2**20)
    assert caught.value.reason == "corrupt"


def test_what_is_late_is_killed_and_refused() -> None:
    with pytest.raises(InputRejected, match="more memory or time") as caught:
        decode_isolated(AVIF, SMALL, timeout_s=0.0)
    assert caught.value.reason == "corrupt"


@pytest.mark.parametrize("data", [SMALL[:200], b"\0\0\0\x18ftypavif", SMALL[:-20]])
def test_what_is_damaged_is_refused(data: bytes) -> None:
    with pytest.raises(InputRejected, match="damaged or incomplete") as caught:
        decode_isolated(AVIF, data)
    assert caught.value.reason == "corrupt"
