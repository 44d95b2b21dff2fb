"""The card's entry for a weights file, which every kind of export makes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fer_core.zoo import WeightsFile


def describe_weights(
    path: Path, mantissa_bits: int | None, rounding_change: float | None
) -> WeightsFile:
    """Returns the card's entry for the file `path`."""
    content = path.read_bytes()
    return WeightsFile(
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        mantissa_bits=mantissa_bits,
        rounding_accuracy_change=rounding_change,
    )
