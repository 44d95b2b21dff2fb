from __future__ import annotations

import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.artifacts.weight_compression import (
    DEPTHWISE_BITS,
    round_mantissa,
    round_weights,
    save_compressed,
)

NORMAL_FLOATS = st.floats(min_value=2.0**-60, max_value=2.0**60, width=32)


@given(value=NORMAL_FLOATS, sign=st.sampled_from([-1, 1]), bits=st.integers(1, 23))
def test_rounding_moves_a_number_by_at_most_half_a_unit_of_its_last_bit(
    value: float, sign: int, bits: int
) -> None:
    exact = np.array([sign * value], np.float32)
    rounded = round_mantissa(exact, bits)
    assert abs(rounded[0] - exact[0]) <= abs(exact[0]) * 2.0 ** -(bits + 1)
    assert (rounded.view(np.uint32) & np.uint32((1 << (23 - bits)) - 1)).item() == 0


def test_seven_bits_are_bfloat16() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    values = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    expected = values.astype(ml_dtypes.bfloat16).astype(np.float32)
    np.testing.assert_array_equal(round_mantissa(values, 7), expected)


@pytest.mark.parametrize("bits", [0, 24])
def test_invalid_bits_are_rejected(bits: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 23"):
        round_mantissa(np.ones(1, np.float32), bits)


def test_the_file_is_smaller_and_reproducible_and_loads_in_keras(tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64)])
    model.save(tmp_path / "plain.keras")
    bias = np.random.default_rng(0).normal(size=64).astype(np.float32)
    model.set_weights([model.get_weights()[0], bias])
    round_weights(model, 7)
    for name in ("first.keras", "second.keras"):
        save_compressed(model, tmp_path / name)
    first = tmp_path / "first.keras"
    assert first.read_bytes() == (tmp_path / "second.keras").read_bytes()
    assert first.stat().st_size < 0.6 * (tmp_path / "plain.keras").stat().st_size
    with zipfile.ZipFile(first) as archive:
        assert b"quantization_config" not in archive.read("config.json")
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    kernel, kept_bias = keras.models.load_model(first, compile=False).get_weights()
    np.testing.assert_array_equal(kernel, model.get_weights()[0])
    np.testing.assert_array_equal(kept_bias, bias)


def test_depthwise_kernels_keep_more_bits_and_float16_is_used_if_exact(tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 4)),
            keras.layers.DepthwiseConv2D(3, use_bias=False),
            keras.layers.Conv2D(4, 3, use_bias=False),
            keras.layers.Conv2D(2, 1, use_bias=False),
        ]
    )
    depthwise, kernel, huge = model.get_weights()
    model.set_weights([depthwise, kernel, huge * 1e6])
    round_weights(model, 2)
    rounded = model.get_weights()
    np.testing.assert_array_equal(rounded[0], round_mantissa(depthwise, DEPTHWISE_BITS))
    np.testing.assert_array_equal(rounded[1], round_mantissa(kernel, 2))
    save_compressed(model, tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        (tmp_path / "weights.h5").write_bytes(archive.read("model.weights.h5"))
    kinds: dict[tuple[int, ...], np.dtype[np.generic]] = {}
    with h5py.File(tmp_path / "weights.h5") as file:
        file.visititems(
            lambda _, item: (
                kinds.update({item.shape: item.dtype}) if isinstance(item, h5py.Dataset) else None
            )
        )
    assert kinds[kernel.shape] == np.float16
    assert kinds[huge.shape] == np.float32
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False).get_weights()
    for one, other in zip(loaded, rounded, strict=True):
        np.testing.assert_array_equal(one, other)
