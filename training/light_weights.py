"""Smaller model files: weights rounded to a short mantissa, the archive deflated.

Rounded weights end in zeros, which deflate well. Keras reads the file as any other.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

FULL_MANTISSA_BITS = 23
"""Explicit mantissa bits of float32."""


def round_mantissa(values: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """Rounds finite float32 numbers to `bits` explicit mantissa bits, halves to even.

    Raises:
        ValueError: `bits` is not between 1 and 23.
    """
    if not 1 <= bits <= FULL_MANTISSA_BITS:
        raise ValueError(f"bits must be between 1 and {FULL_MANTISSA_BITS}. Received: bits={bits}")
    dropped = FULL_MANTISSA_BITS - bits
    if dropped == 0:
        return values.copy()
    pattern = np.ascontiguousarray(values).view(np.uint32)
    is_odd = (pattern >> np.uint32(dropped)) & np.uint32(1)
    half = np.uint32((1 << (dropped - 1)) - 1)
    mask = np.uint32(0xFFFFFFFF ^ ((1 << dropped) - 1))
    return ((pattern + half + is_odd) & mask).view(np.float32)


def round_weights(model: keras.Model, bits: int) -> None:
    """Rounds the weights of rank 2 and more in place; biases and normalization stay exact."""
    model.set_weights(
        [round_mantissa(array, bits) if array.ndim >= 2 else array for array in model.get_weights()]
    )


def save_deflated(model: keras.Model, path: Path) -> None:
    """Saves `model.keras` without the optimizer and deflates the archive."""
    model.save(path, include_optimizer=False)
    with zipfile.ZipFile(path) as plain:
        members = [(info, plain.read(info)) for info in plain.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as deflated:
        for info, content in members:
            # A fixed date makes the same weights give the same bytes.
            member = zipfile.ZipInfo(info.filename, date_time=(1980, 1, 1, 0, 0, 0))
            deflated.writestr(member, content, zipfile.ZIP_DEFLATED)
