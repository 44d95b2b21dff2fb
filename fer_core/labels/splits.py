"""Display titles of splits."""

from __future__ import annotations

from typing import Final

_TITLES: Final = {
    "fer2013_public_test": "FER2013 validation (PublicTest)",
    "fer2013_private_test": "FER2013 test (PrivateTest)",
    "ferplus_valid": "FER+ validation (PublicTest)",
    "ferplus_test": "FER+ test (PrivateTest)",
    "ckplus": "CK+ (cross-validation)",
    "ckplus48": "CK+48",
    "jaffe": "JAFFE",
    "muxspace": "muxspace",
}


def split_title(split: str) -> str:
    """Returns the display title of a split, by dataset and role; unknown splits keep their name.

    Args:
        split: its name in predictions and cards.
    """
    return _TITLES.get(split, split)
