"""Smaller model files: weights rounded to a short mantissa, bytes shuffled, deflated.

Rounded weights end in zeros, which deflate well, and better when HDF5's shuffle filter groups all
first bytes, then all second bytes: files are a quarter smaller at 7 or 8 bits. Arrays that float16
represents exactly are stored as float16. Keras reads the file like any other.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
from numpy.typing import NDArray

FULL_MANTISSA_BITS = 23
"""Explicit mantissa bits of float32."""

DEPTHWISE_BITS = 10
"""Minimum mantissa bits of depthwise kernels."""

_LEFT_OUT = {
    *("date_saved", "shared_object_id"),
    *("input_axes", "output_axes", "quantization_config"),
    *("renorm", "renorm_clipping", "renorm_momentum"),
}
"""Removed from the JSON: the date and object addresses, so that the same weights give the same
bytes; and layer settings, all switched off here, that older releases of Keras cannot read."""

_NO_DATE = (1980, 1, 1, 0, 0, 0)


def round_mantissa(values: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """Rounds finite float32 numbers to `bits` explicit mantissa bits, ties to even.

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
    """Rounds the weights of rank 2 or higher in place; biases and normalization stay exact.

    Depthwise kernels keep at least `DEPTHWISE_BITS`: they are a small part of the file, and
    rounding errors do not average out in a sum of nine weights.
    """
    for layer in model.layers:
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        kept = max(bits, DEPTHWISE_BITS) if depthwise else bits
        layer.set_weights(
            [
                round_mantissa(array, kept) if array.ndim >= 2 else array
                for array in layer.get_weights()
            ]
        )


def save_compressed(model: keras.Model, path: Path) -> None:
    """Saves `model.keras` compressed and without the optimizer, readable from Keras 3.12 on."""
    model.save(path, include_optimizer=False)
    with zipfile.ZipFile(path) as plain:
        members = [(info, plain.read(info)) for info in plain.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as deflated:
        for info, content in members:
            member = zipfile.ZipInfo(info.filename, date_time=_NO_DATE)
            deflated.writestr(member, _lasting(info.filename, content), zipfile.ZIP_DEFLATED)


def _lasting(name: str, content: bytes) -> bytes:
    """Shuffles the bytes of the weights, and removes date and new settings from the JSON."""
    if name.endswith(".h5"):
        return _shuffled(content)
    if name.endswith(".json"):
        return json.dumps(_without_left_out(json.loads(content))).encode()
    return content


def _shuffled(content: bytes) -> bytes:
    """The same HDF5 file with the shuffle filter applied to each array."""
    shuffled = io.BytesIO()
    with h5py.File(io.BytesIO(content), "r") as source, h5py.File(shuffled, "w") as target:

        def copy(path: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Group):
                new = target.require_group(path)
            elif item.ndim < 2:  # the filter's overhead exceeds its savings here
                new = target.create_dataset(path, data=item[()])
            else:
                data = _as_half_floats(item[()])
                new = target.create_dataset(path, data=data, chunks=item.shape, shuffle=True)
            new.attrs.update(item.attrs)

        source.visititems(copy)
        target.attrs.update(source.attrs)
    return shuffled.getvalue()


def _as_half_floats(values: NDArray[np.float32]) -> NDArray[np.floating[Any]]:
    """The same numbers as float16, if all of them are representable."""
    with np.errstate(over="ignore"):
        halves = values.astype(np.float16)
    return halves if np.array_equal(halves.astype(values.dtype), values) else values


def _without_left_out(config: Any) -> Any:
    if isinstance(config, dict):
        return {
            key: _without_left_out(value) for key, value in config.items() if key not in _LEFT_OUT
        }
    if isinstance(config, list):
        return [_without_left_out(value) for value in config]
    return config
