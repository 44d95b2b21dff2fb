"""Colors as pixel values."""

from __future__ import annotations


def rgb_of(code: str) -> tuple[int, int, int]:
    """Returns red, green and blue, 0 to 255 each, of a color written `#rrggbb`."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)
