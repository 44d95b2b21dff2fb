"""Runs a saved model: from faces to probabilities.

>>> classifier = load_classifier("cnn")
>>> classifier.predict(preprocess_batch(crops, classifier.card.preprocessing)).shape
(2, 7)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ImageArrayError, ModelError
from fer_core.machine import available_processors
from fer_core.preprocessing import preprocess_batch
from fer_core.zoo.cards import ImportedCard, ModelCard, RunnableCard
from fer_core.zoo.combining import combine_members
from fer_core.zoo.onnx_export import Progress, onnx_file
from fer_core.zoo.store import ModelStore

Runtime = Literal["onnx", "keras"]

_LARGEST_BATCH: Final = 64
_WARM_UP_BATCHES: Final = (1, 8)
_THREADS: Final = 2
"""Threads per model; they do not spin while waiting. CPU time of a call on two cores, one 48-pixel
face, cnn with 4.7 M parameters: 1 thread 4.9 ms, 2 threads 6.0 ms, 2 spinning threads (the default)
9.7 ms, which the face detector and the video would lack."""

_Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""From faces to a model's concatenated outputs: first the classes, then the action units."""


@dataclass(frozen=True, eq=False)
class FacePredictions:
    """All predictions of a model for a batch of faces.

    Attributes:
        probabilities: `(n, k)` float32, of the classes; rows sum to 1.
        action_units: `(n, u)` float32, probability of each action unit; u is 0 for an
            emotion-only model.
    """

    probabilities: NDArray[np.float32]
    action_units: NDArray[np.float32]


class Classifier:
    """A loaded and warmed-up model. Thread-safe.

    Attributes:
        card: the model's card.
    """

    def __init__(self, card: RunnableCard, run: _Run) -> None:
        self.card = card
        self._run = run
        for size in _WARM_UP_BATCHES:
            self.predict(np.zeros((size, *card.input_shape), np.float32))

    @property
    def labels(self) -> tuple[str, ...]:
        """The class names in the order of the probabilities."""
        return self.card.labels

    @property
    def action_units(self) -> tuple[str, ...]:
        """The action units the model predicts, such as `AU12`; empty for an emotion-only model."""
        return self.card.action_units

    def predict(
        self, faces: NDArray[np.float32], *, calibrated: bool = True
    ) -> NDArray[np.float32]:
        """Classifies a batch of faces.

        Args:
            faces: `(n, height, width, channels)` float32 from `preprocess_batch` with this card's
                preprocessing; n may be 0.
            calibrated: whether the card's `photo_calibration` is applied. False gives the
                probabilities that it takes, and `fitted_calibration` too; those of an ensemble are
                means of its calibrated members either way.

        Returns:
            `(n, k)` float32, the probabilities of `labels`; rows sum to 1.

        Raises:
            ImageArrayError: `faces` is not an array.
            ValueError: `faces` has another shape or dtype.
        """
        return self.predict_all(faces, calibrated=calibrated).probabilities

    def predict_crops(
        self, crops: Sequence[NDArray[np.uint8]] | NDArray[np.uint8]
    ) -> NDArray[np.float32]:
        """Preprocesses face crops as stated in the card and classifies them.

        Args:
            crops: faces cropped as in FER2013, `(side, side)` gray or `(side, side, 3)` RGB uint8.

        Returns:
            As `predict`.
        """
        return self.predict(preprocess_batch(crops, self.card.preprocessing))

    def predict_action_units(self, faces: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predicts the action units of a batch of faces.

        Args:
            faces: as for `predict`.

        Returns:
            `(n, u)` float32, the probability of each of `action_units`.

        Raises:
            ValueError: `faces` has another shape or dtype.
        """
        return self.predict_all(faces).action_units

    def predict_all(
        self, faces: NDArray[np.float32], *, calibrated: bool = True
    ) -> FacePredictions:
        """Combines `predict` and `predict_action_units` in one pass."""
        if not isinstance(faces, np.ndarray):
            raise ImageArrayError(
                "A classifier takes an array of faces, as preprocess_batch makes it of crops. "
                f"Received: {type(faces).__name__}. For whole photos use analyze_image."
            )
        if faces.shape[1:] != self.card.input_shape or faces.dtype != np.float32:
            height, width, channels = self.card.input_shape
            raise ValueError(
                f"Expected float32 faces of shape (n, {height}, {width}, {channels}). "
                f"Received: shape={faces.shape}, dtype={faces.dtype}"
            )
        starts = range(0, len(faces), _LARGEST_BATCH)
        batches = [self._run(faces[start : start + _LARGEST_BATCH]) for start in starts]
        classes = len(self.labels)
        empty = np.empty((0, classes + len(self.action_units)), np.float32)
        outputs = np.concatenate([empty, *batches])
        probabilities, action_units = outputs[:, :classes], outputs[:, classes:]
        if calibrated:
            probabilities = self.card.photo_calibration.apply(probabilities)
        return FacePredictions(probabilities, action_units)


def load_classifier(
    name: str,
    *,
    store: ModelStore | None = None,
    runtime: Runtime = "onnx",
    threads: int = _THREADS,
    progress: Progress | None = None,
) -> Classifier:
    """Loads one saved model and warms it up.

    Args:
        name: of the model.
        store: where the saved models are; by default `ModelStore.default()`.
        runtime: `onnx`, or `keras`, the reference, which imports TensorFlow and which imported
            models do not have.
        threads: of ONNX Runtime per call; 1 if several processes share the cores.
        progress: called during the one-time export that ONNX Runtime needs.

    Raises:
        ModelError: the model is missing, damaged, or does not have the outputs stated in its card.
        ValueError: the runtime is unknown.
    """
    if runtime not in get_args(Runtime):
        raise ValueError(
            f"runtime must be one of {', '.join(get_args(Runtime))}. Received: runtime={runtime!r}"
        )
    found_in = store or ModelStore.default()
    card, members = found_in.load_card(name), found_in.verified_members(name)
    if runtime == "keras" and isinstance(card, ImportedCard):
        raise ModelError(f"{name!r} was imported and runs on ONNX Runtime only.")

    def load(name: str) -> _Run:
        if runtime == "onnx":
            return _onnx_run(onnx_file(name, store=found_in, progress=progress), threads)
        return _keras_run(found_in.verified_weights(name))

    run = (
        _weighted_mean(card, {member: load(member) for member in members})
        if isinstance(card, ModelCard) and members
        else load(name)
    )
    outputs = run(np.zeros((1, *card.input_shape), np.float32)).shape
    expected = len(card.labels) + len(card.action_units)
    if outputs != (1, expected):
        raise ModelError(
            f"Model {name!r} must have one output per label and action unit of its card, "
            f"{expected}. Received: outputs of shape {outputs[1:]}"
        )
    return Classifier(card, run)


def _weighted_mean(card: ModelCard, runs: dict[str, _Run]) -> _Run:
    def run(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        outputs = {name: runs[name](faces) for name in card.members}
        return combine_members(card.members, outputs, card.labels, card.class_weights)

    return run


def onnx_session(model: Path | bytes, *, threads: int = _THREADS) -> Any:
    """Returns an `onnxruntime.InferenceSession` with this many threads, from a file or bytes."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(threads, available_processors())
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        model, sess_options=options, providers=["CPUExecutionProvider"]
    )


def _onnx_run(path: Path, threads: int) -> _Run:
    session = onnx_session(path, threads=threads)
    taken = session.get_inputs()[0]
    fixed = taken.shape[0] if isinstance(taken.shape[0], int) else None

    def run(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        outputs = session.run(None, {taken.name: faces})
        return np.concatenate(outputs, axis=1, dtype=np.float32)

    return run if fixed is None else _in_batches_of(fixed, run)


def _in_batches_of(size: int, run: _Run) -> _Run:
    """For an imported model that only takes batches of one size; the last is filled with zeros."""

    def run_all(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        filled = np.zeros((-(-len(faces) // size) * size, *faces.shape[1:]), np.float32)
        filled[: len(faces)] = faces
        parts = [run(filled[start : start + size]) for start in range(0, len(filled), size)]
        return np.concatenate(parts)[: len(faces)]

    return run_all


def _keras_run(path: Path) -> _Run:
    import keras
    import tensorflow as tf

    model: Any = keras.saving.load_model(path, compile=False, safe_mode=True)
    signature = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)
    # Flattens one or several outputs into a list.
    compiled = tf.function(
        lambda faces: tf.nest.flatten(model(faces, training=False)), input_signature=[signature]
    )

    def run(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate(compiled(faces), axis=1, dtype=np.float32)

    return run
