"""From faces to probabilities.

>>> classifier = load_classifier("cnn")
>>> classifier.predict(preprocess_batch(crops, classifier.card.preprocessing)).shape
(2, 7)
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fer_core.cards import ModelCard
from fer_core.errors import ModelError
from fer_core.onnx_export import Progress, onnx_file
from fer_core.temperature import apply_temperature
from fer_core.zoo import load_card, verified_members, verified_weights

Runtime = Literal["onnx", "keras"]

_LARGEST_BATCH: Final = 64
_WARM_UP_BATCHES: Final = (1, 8)
_THREADS: Final = 2
"""Threads of one model, which do not spin while they wait. Processor time of a call measured on two
cores, one 48 pixel face, cnn with 4.7 M weights: 1 thread 4.9 ms, 2 threads 6.0 ms, 2 spinning
threads (the default) 9.7 ms, which the face detector and the video would miss."""

_Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]


class Classifier:
    """A loaded model, warmed up. One instance may be used by several threads at once.

    Attributes:
        card: the model's card.
    """

    def __init__(self, card: ModelCard, run: _Run) -> None:
        self.card = card
        self._run = run
        for size in _WARM_UP_BATCHES:
            self.predict(np.zeros((size, *card.input_shape), np.float32))

    @property
    def labels(self) -> tuple[str, ...]:
        """The class names in the order of the probabilities."""
        return self.card.labels

    def predict(self, faces: NDArray[np.float32]) -> NDArray[np.float32]:
        """Classifies a batch of faces.

        Args:
            faces: `(n, height, width, 1)` float32 from `preprocess_batch` with this card's
                preprocessing; n may be 0.

        Returns:
            `(n, k)` float32, the probabilities of `labels`; rows sum to 1. With a temperature in
            the card they are calibrated by it.

        Raises:
            ValueError: `faces` has another shape or dtype.
        """
        if faces.shape[1:] != self.card.input_shape or faces.dtype != np.float32:
            height, width, channels = self.card.input_shape
            raise ValueError(
                f"Expected float32 faces of shape (n, {height}, {width}, {channels}). "
                f"Received: shape={faces.shape}, dtype={faces.dtype}"
            )
        starts = range(0, len(faces), _LARGEST_BATCH)
        batches = [self._run(faces[start : start + _LARGEST_BATCH]) for start in starts]
        empty = np.empty((0, len(self.labels)), np.float32)
        probabilities = np.concatenate([empty, *batches])
        if self.card.temperature is None:
            return probabilities
        return apply_temperature(probabilities, self.card.temperature)


def load_classifier(
    name: str,
    *,
    models_dir: Path | None = None,
    runtime: Runtime = "onnx",
    progress: Progress | None = None,
) -> Classifier:
    """Loads one saved model and warms it up.

    Args:
        name: of the model.
        models_dir: the folder of the saved models; by default `zoo.models_directory()`.
        runtime: `onnx`, or `keras`, the reference, which imports TensorFlow.
        progress: told how far the one-time export is that ONNX Runtime needs.

    Raises:
        ModelError: the model is missing, damaged, or does not have the outputs its card names.
        ValueError: there is no such runtime.
    """
    if runtime not in get_args(Runtime):
        raise ValueError(
            f"runtime must be one of {', '.join(get_args(Runtime))}. Received: runtime={runtime!r}"
        )
    card = load_card(name, models_dir=models_dir)

    def load(name: str) -> _Run:
        if runtime == "onnx":
            return _onnx_run(onnx_file(name, models_dir=models_dir, progress=progress))
        return _keras_run(verified_weights(name, models_dir=models_dir))

    members = verified_members(name, models_dir=models_dir)
    run = (
        _weighted_mean(card, {member: load(member) for member in members})
        if members
        else load(name)
    )
    outputs = run(np.zeros((1, *card.input_shape), np.float32)).shape
    if outputs != (1, len(card.labels)):
        raise ModelError(
            f"Model {name!r} must have one output per label of its card, {len(card.labels)}. "
            f"Received: outputs of shape {outputs[1:]}"
        )
    return Classifier(card, run)


def _weighted_mean(card: ModelCard, runs: dict[str, _Run]) -> _Run:
    def run(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        answers = [card.members[name].weight * run(faces) for name, run in runs.items()]
        return np.asarray(sum(answers), np.float32)

    return run


def _onnx_run(path: Path) -> _Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(_THREADS, os.cpu_count() or 1)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(
        path, sess_options=options, providers=["CPUExecutionProvider"]
    )
    input_name = session.get_inputs()[0].name

    def run(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        (probabilities,) = session.run(None, {input_name: faces})
        return np.asarray(probabilities, np.float32)

    return run


def _keras_run(path: Path) -> _Run:
    import keras
    import tensorflow as tf

    model: Any = keras.saving.load_model(path, compile=False, safe_mode=True)
    signature = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)
    compiled = tf.function(lambda faces: model(faces, training=False), input_signature=[signature])

    def run(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(compiled(faces), np.float32)

    return run
