"""Describes a checked model by loading it in Keras; runs in the separate process."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelRejected

_SIDES: Final = (48, 96, 224)
"""Tried in this order if a model accepts any height and width, in pixels."""

_COLOR: Final = re.compile(r"\x1b\[\d*m")
_LARGE_FACE: Final = 2**18
"""From this many values per face, only two faces are tried, to save memory."""

_GRAYS: Final = (0.0, 0.5, 1.0, 255.0)
_NOISE_FACES: Final = 4


def describe(path: Path) -> dict[str, Any]:
    """Loads a model that has been checked, and runs it on synthetic faces.

    Args:
        path: of the `.keras` file.

    Returns:
        The fields of `ImportReport` that follow from the model.

    Raises:
        ModelRejected: Keras cannot load or run it, it has several inputs, or values that are
            not finite.
    """
    import keras

    try:
        model: Any = keras.saving.load_model(path, compile=False, safe_mode=True)
        input_shape = _only_input(model)
        _require_finite_weights(model)
        tried, outputs = _outputs(model, input_shape)
    except ModelRejected:
        raise
    except (Exception, MemoryError) as error:  # Keras fails in many ways on unsuitable files
        raise ModelRejected(
            f"Keras cannot load the model: {first_line(error)}", reason="failed"
        ) from error
    for name, output in outputs.items():
        if not np.isfinite(output).all():
            raise ModelRejected(
                f"The model's output {name!r} is NaN or infinite for a uniform face. Retrain it, "
                "or find the first layer that causes this.",
                reason="weights",
            )
    return {
        "name": str(model.name),
        "input_shape": list(input_shape),
        "tried_shape": list(tried),
        "outputs": {name: [None, *output.shape[1:]] for name, output in outputs.items()},
        "output_kinds": {name: _kind(output) for name, output in outputs.items()},
        "layers": dict(Counter(type(layer).__name__ for layer in _layers(model)).most_common()),
        "parameters": int(model.count_params()),
    }


def first_line(error: BaseException) -> str:
    """Returns the start of an error message, with the second line, which Keras uses too."""
    lines = [_COLOR.sub("", line).strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2] or [type(error).__name__])[:300]


def _only_input(model: Any) -> tuple[int | None, ...]:
    shapes = [tuple(tensor.shape) for tensor in model.inputs]
    if len(shapes) != 1:
        raise ModelRejected(
            f"Expected a model with one input, the face. Received {len(shapes)}.", reason="failed"
        )
    return shapes[0]


def _require_finite_weights(model: Any) -> None:
    for weight in model.weights:
        values = np.asarray(weight)
        broken = 0 if values.dtype.kind in "iub" else int((~np.isfinite(values)).sum())
        if broken:
            raise ModelRejected(
                f"The model's weights are broken: {broken:,} of {values.size:,} values of "
                f"{weight.path!r} are NaN or infinite. Its training diverged; use an earlier "
                "checkpoint or retrain it.",
                reason="weights",
            )


def _outputs(
    model: Any, shape: Sequence[int | None]
) -> tuple[tuple[int, ...], dict[str, NDArray[np.float32]]]:
    """The shape of the synthetic faces, and the outputs by name."""
    is_free = None in shape[1:-1]
    for side in _SIDES if is_free else _SIDES[:1]:
        face = (*(each or side for each in shape[1:-1]), shape[-1] or 1)
        try:
            return face, _named(model, model(_faces(face, shape[0])))
        except Exception:  # perhaps too small for its layers
            if not is_free or side == _SIDES[-1]:
                raise
    raise AssertionError("One of the sides is the last.")


def _faces(shape: tuple[int, ...], batch: int | None) -> NDArray[np.float32]:
    """Uniform and noisy faces, in the usual ranges of 0 to 1 and 0 to 255."""
    is_large = math.prod(shape) > _LARGE_FACE
    noise = np.random.default_rng(0).random((1 if is_large else _NOISE_FACES, *shape), np.float32)
    if is_large:
        faces = np.concatenate([np.full_like(noise, 0.5), 255 * noise])
    else:
        plain = [np.full((1, *shape), gray, np.float32) for gray in _GRAYS]
        faces = np.concatenate([*plain, noise, 255 * noise])
    return faces if batch is None else np.resize(faces, (batch, *shape))


def _named(model: Any, outputs: Any) -> dict[str, NDArray[np.float32]]:
    if isinstance(outputs, dict):
        return {str(name): np.asarray(output, np.float32) for name, output in outputs.items()}
    listed = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    # A Sequential model has no output names; its last layer is its only output.
    names = getattr(model, "output_names", None) or [model.layers[-1].name]
    if len(set(names)) != len(listed):
        names = [f"output {number}" for number in range(1, len(listed) + 1)]
    return {
        str(name): np.asarray(output, np.float32)
        for name, output in zip(names, listed, strict=True)
    }


def _kind(output: NDArray[np.float32]) -> str:
    if output.min() < 0 or output.max() > 1 + 1e-3:
        return "logits"
    is_distribution = output.shape[-1] > 1 and np.allclose(output.sum(axis=-1), 1.0, atol=1e-3)
    return "probabilities" if is_distribution else "between 0 and 1"


def _layers(model: Any) -> Iterator[Any]:
    """The layers, including those of nested models."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _layers(layer)
        else:
            yield layer
