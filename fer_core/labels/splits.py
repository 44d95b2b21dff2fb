"""Names of splits for people."""

from __future__ import annotations

from typing import Final

_TITLES: Final = {
    "fer2013_public_test": "FER2013 validation (PublicTest)",
    "fer2013_private_test": "FER2013 test (PrivateTest)",
    "ferplus_valid": "FER+ validation (PublicTest)",
    "ferplus_test": "FER+ test (PrivateTest)",
    "ckplus": "CK+ (cross-validation)",
}


def split_title(split: str) -> str:
    """Returns what a split is called on screen: a known one by its dataset and role.

    Args:
        split: as predictions and cards name it.
    """
    return _TITLES.get(split, split)
