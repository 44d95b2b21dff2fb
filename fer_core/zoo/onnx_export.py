"""Exports model.keras to ONNX for inference, once, into the user's cache folder.

The export needs TensorFlow, which takes seconds to import and hundreds of megabytes, so it runs in
a separate process:

    python -m fer_core.zoo.onnx_export models/cnn/model.keras cnn.onnx

The file is named by the checksum of model.keras and written atomically after its outputs have been
compared with Keras, so several processes may export at once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import CacheError, ModelError
from fer_core.files import atomic_write, check_writable, shown
from fer_core.paths import PROJECT, cache_folder, cache_root
from fer_core.zoo.card import ModelCard
from fer_core.zoo.store import BrokenModel, ModelStore

Progress = Callable[[float, str], None]
"""Called with the fraction done, 0 to 1, and a description of the current step."""

TOLERANCE: Final = 1e-5
"""Largest accepted difference of a probability between ONNX Runtime and Keras."""

_PROGRESS_MARK: Final = "progress"


def onnx_path(card: ModelCard) -> Path:
    """Returns the path of a model's ONNX file, which may not exist yet."""
    return cache_folder("onnx") / f"{card.weights.sha256}.onnx"


def onnx_file(
    name: str, *, store: ModelStore | None = None, progress: Progress | None = None
) -> Path:
    """Returns the ONNX file of a saved model, exporting it if necessary.

    Args:
        name: of the model.
        store: where the saved models are; by default `ModelStore.default()`.
        progress: called during an export.

    Raises:
        ModelError: the model is missing or damaged, or cannot be exported faithfully.
        CacheError: the cache folder cannot be written.
    """
    store = store or ModelStore.default()
    weights = store.verified_weights(name)
    try:
        target = onnx_path(store.load_card(name))
    except OSError as error:
        raise _no_cache(error) from error
    if not target.exists():
        try:
            check_writable(target)
        except OSError as error:
            raise _no_cache(error) from error
        _export_in_subprocess(name, weights, target, progress or (lambda part, text: None))
    return target


def _no_cache(error: OSError) -> CacheError:
    return CacheError(
        f"The cache folder {shown(cache_root())} cannot be written: {error.strerror or error}. The "
        "ONNX file of a model is exported once and stored there. Make it writable, or set "
        "FER_CACHE_DIR to another folder."
    )


def prepare_models(
    store: ModelStore | None = None, *, progress: Progress | None = None
) -> tuple[BrokenModel, ...]:
    """Exports every saved model without an ONNX file, and returns those that cannot be used.

    Args:
        store: where the saved models are; by default `ModelStore.default()`.
        progress: called during the exports.

    Raises:
        CacheError: the cache folder cannot be written.
    """
    store = store or ModelStore.default()
    listing = store.list_models()
    broken = list(listing.broken)
    cards = [card for card in listing.cards if not card.members]
    for index, card in enumerate(cards):

        def report(part: float, text: str, done: int = index, title: str = card.title) -> None:
            if progress is not None:
                progress((done + part) / len(cards), f"{title}: {text}")

        try:
            onnx_file(card.name, store=store, progress=report)
        except CacheError:  # no other model can be exported either
            raise
        except ModelError as error:
            broken.append(BrokenModel(card.name, str(error)))
        report(1.0, "ready")
    return tuple(broken)


def _export_in_subprocess(name: str, weights: Path, target: Path, progress: Progress) -> None:
    project = str(PROJECT)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (project, os.environ.get("PYTHONPATH")))),
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Otherwise tf2onnx copies the graph before each pass, to restore it if the pass fails: for
        # resnet50 twice the memory, 7.9 GB, and 25% more time.
        "TF2ONNX_CATCH_ERRORS": "FALSE",
    }
    command = [sys.executable, "-m", "fer_core.zoo.onnx_export", str(weights), str(target)]
    progress(0.0, "starting TensorFlow")
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            mark, _, report = line.strip().partition(" ")
            if mark == _PROGRESS_MARK:
                part, _, text = report.partition(" ")
                progress(float(part), text)
        if process.wait() != 0:
            log.seek(0)
            reason = (log.read().strip().splitlines() or ["no reason given"])[-1]
            raise ModelError(f"Model {name!r} cannot be exported to ONNX: {reason}")


def export_onnx(weights: Path, target: Path) -> None:
    """Exports model.keras in this process, which imports TensorFlow, and prints progress.

    Args:
        weights: the file to read.
        target: the file to write, atomically and only if it agrees with Keras.

    Raises:
        ModelError: ONNX Runtime and Keras do not agree.
    """
    _print_progress(0.1, "loading TensorFlow")
    import keras

    _print_progress(0.4, "reading the Keras model")
    model = keras.saving.load_model(weights, compile=False, safe_mode=True)
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
        float(np.abs(one - np.asarray(other)).max())
        for one, other in zip(served, expected, strict=True)
    )
    if not difference <= TOLERANCE:
        raise ModelError(
            f"ONNX Runtime and Keras must agree to {TOLERANCE:g} in every probability. "
            f"Received: a difference of {difference:g}"
        )


def _print_progress(part: float, text: str) -> None:
    print(_PROGRESS_MARK, part, text, flush=True)


if __name__ == "__main__":
    export_onnx(Path(sys.argv[1]), Path(sys.argv[2]))
