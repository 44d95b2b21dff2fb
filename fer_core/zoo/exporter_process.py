"""The process that exports a model to ONNX with TensorFlow; not part of the app.

    python -m fer_core.zoo.exporter_process model.keras model.onnx [SIDE]

Prints its progress, one line per step.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.files import atomic_write
from fer_core.zoo.onnx_export import PROGRESS_MARK

TOLERANCE: Final = 1e-5
"""Largest accepted difference of a probability between ONNX Runtime and Keras; for logits above 1,
relative to the largest."""


def export_onnx(weights: Path, target: Path, side: int | None = None) -> None:
    """Exports model.keras in this process, which imports TensorFlow, and prints progress.

    Args:
        weights: the file to read.
        target: the file to write, atomically and only if it agrees with Keras.
        side: of a face in pixels, for a model that accepts any size.

    Raises:
        ModelError: ONNX Runtime and Keras do not agree.
    """
    _print_progress(0.1, "loading TensorFlow")
    import keras

    _print_progress(0.4, "reading the Keras model")
    model = keras.saving.load_model(weights, compile=False, safe_mode=True)
    _, *sides, channels = model.input_shape
    if None in sides:
        faces = keras.Input((*(each or side for each in sides), channels))
        model = keras.Model(faces, model(faces))
    zeros = np.zeros((1, *model.input_shape[1:]), np.float32)
    model(zeros)  # Keras refuses to export a model that was never called.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="exporting-") as folder:
        exported = Path(folder) / target.name
        _print_progress(0.5, "converting to ONNX")
        model.export(exported, format="onnx", verbose=False)
        _print_progress(0.9, "comparing with Keras")
        noise = np.random.default_rng(0).standard_normal((8, *zeros.shape[1:]), np.float32)
        for faces in (zeros, noise):
            _compare(model, exported, faces)
        try:
            with exported.open("rb") as made, atomic_write(target) as file:
                shutil.copyfileobj(made, file)
        except PermissionError:
            # Windows: another process has written the same file meanwhile and is using it.
            if not target.exists():
                raise


def _compare(model: Any, exported: Path, faces: NDArray[np.float32]) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(exported, providers=["CPUExecutionProvider"])
    served = session.run(None, {session.get_inputs()[0].name: faces})
    outputs = model(faces)
    expected = outputs if isinstance(outputs, list) else [outputs]
    difference = max(
        float(np.abs(one - np.asarray(other)).max() / max(1.0, np.abs(other).max()))
        for one, other in zip(served, expected, strict=True)
    )
    if not difference <= TOLERANCE:
        raise ModelError(
            f"ONNX Runtime and Keras must agree to {TOLERANCE:g} in every output. "
            f"Received: a difference of {difference:g}"
        )


def _print_progress(part: float, text: str) -> None:
    print(PROGRESS_MARK, part, text, flush=True)


if __name__ == "__main__":
    export_onnx(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
