"""Robustness: a model's predictions by corruption and severity.

Measured on a fixed random sample of the report split, stratified by label (`draw_sample`), so that
it takes minutes instead of hours. `python -m training.artifacts.robustness` writes the predictions
to `models/<name>/robustness.npz`. Every accuracy and interval is computed from them;
`corruption_errors` compares models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import JobCanceled
from fer_core.evaluation import Interval, SplitPredictions
from fer_core.evaluation.scores import RESAMPLES, interval, row_weights, wilson
from fer_core.preprocessing import CORRUPTIONS, PROTOCOL, SEVERITIES, Corruption, corrupt

if TYPE_CHECKING:
    import pandas as pd

SAMPLE_ROWS: Final = 700
_SEED: Final = 2013


@dataclass(frozen=True, eq=False)
class Robustness:
    """One model's predictions for a sample of faces, clean and under every corruption.

    Attributes:
        model: its name.
        split: of the faces.
        weights: checksum of the weights it was measured with.
        protocol: `corruptions.PROTOCOL` at that time.
        row_id: `(n,)` int64, rows of the split.
        label: `(n,)` int64, their true class.
        clean: `(n,)` uint8, the predicted class of the clean faces.
        predicted: `(10, 5, n)` uint8, the predicted class by `CORRUPTIONS` and severity 1 to 5.
    """

    model: str
    split: str
    weights: str
    protocol: str
    row_id: NDArray[np.int64]
    label: NDArray[np.int64]
    clean: NDArray[np.uint8]
    predicted: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if not self.row_id.size:
            raise ValueError("Robustness needs at least one face. Received: none")
        faces = self.row_id.shape
        expected = {
            "row_id": (len(self.row_id),),
            "label": faces,
            "clean": faces,
            "predicted": (len(CORRUPTIONS), len(SEVERITIES), *faces),
        }
        for name, shape in expected.items():
            if (found := getattr(self, name).shape) != shape:
                raise ValueError(f"{name} must have the shape {shape}. Received: shape={found}")

    @property
    def rows(self) -> int:
        """Faces in the sample."""
        return len(self.row_id)

    @cached_property
    def correct(self) -> NDArray[np.int64]:
        """Shape `(10, 5)`: correct predictions by `CORRUPTIONS` and severity 1 to 5."""
        return np.asarray(self._is_correct.sum(axis=2), np.int64)

    @property
    def correct_clean(self) -> int:
        """Correct predictions on the clean faces."""
        return int((self.clean == self.label).sum())

    def is_current(self, weights: str) -> bool:
        """Returns whether it was measured with these weights and the current corruptions.

        Args:
            weights: checksum of the model's weights.
        """
        return self.weights == weights and self.protocol == PROTOCOL

    def accuracy(self, corruption: Corruption, severity: int) -> Interval:
        """Returns the accuracy at one severity; 0 is the clean picture."""
        if severity == 0:
            return wilson(self.correct_clean, self.rows)
        return wilson(int(self.correct[CORRUPTIONS.index(corruption), severity - 1]), self.rows)

    def mean_accuracy(self, severity: int | None = None) -> Interval:
        """Returns the accuracy, averaged over all corruptions, with its bootstrap interval.

        A face is resampled with all its corrupted versions, whose predictions are correlated.

        Args:
            severity: 0 is the clean picture, whose interval is Wilson's; None averages over
                severities 1 to 5.
        """
        if severity == 0:
            return wilson(self.correct_clean, self.rows)
        at = slice(None) if severity is None else slice(severity - 1, severity)
        return interval(
            float(self.correct[:, at].mean() / self.rows),
            self.resampled_accuracy[:, :, at].mean(axis=(1, 2)),
        )

    @property
    def errors(self) -> NDArray[np.float64]:
        """Shape `(10,)`: the error by corruption, averaged over severities."""
        return np.asarray(1 - self.correct.mean(axis=1) / self.rows, np.float64)

    @cached_property
    def resampled_accuracy(self) -> NDArray[np.float64]:
        """Shape `(resamples, 10, 5)`: the accuracies on faces drawn with replacement.

        Results on the same faces share the draws, so their differences are paired. The draws ignore
        the stratification, which makes intervals slightly wider, not narrower.
        """
        weights = row_weights(self.rows, RESAMPLES)
        columns = self._is_correct.reshape(-1, self.rows).T.astype(np.float64)
        return np.asarray((weights @ columns).reshape(-1, *self.correct.shape), np.float64)

    @cached_property
    def _is_correct(self) -> NDArray[np.bool_]:
        return np.asarray(self.predicted == self.label)

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per corruption and severity 0 to 5: rows, correct, accuracy, low, high.

        The interval is Wilson's (1927), at 95%.
        """
        import pandas as pd

        table = []
        for index, corruption in enumerate(CORRUPTIONS):
            counts = (self.correct_clean, *self.correct[index].tolist())
            for severity, correct in enumerate(counts):
                found = wilson(correct, self.rows)
                row = (corruption, severity, self.rows, correct)
                table.append((*row, found.value, found.low, found.high))
        columns = ["corruption", "severity", "rows", "correct", "accuracy", "low", "high"]
        return pd.DataFrame(table, columns=columns)


def draw_sample(predictions: SplitPredictions, rows: int = SAMPLE_ROWS) -> SplitPredictions:
    """Draws the fixed sample of a split, stratified by label, in the order of its rows.

    Args:
        predictions: of any model on the split, for its rows and labels.
        rows: to draw; a smaller split is used completely.
    """
    from sklearn.model_selection import train_test_split

    # By row, not by position: the order of rows may differ between models' files.
    ordered = predictions.take(np.argsort(predictions.row_id))
    if len(ordered) <= rows:
        return ordered
    chosen, _ = train_test_split(
        np.arange(len(ordered)), train_size=rows, stratify=ordered.label, random_state=_SEED
    )
    return ordered.take(np.sort(chosen))


def measure_robustness(
    predict: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    sample: SplitPredictions,
    faces: NDArray[np.uint8],
    *,
    model: str,
    weights: str,
    progress: Callable[[float], object] = lambda part: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Robustness:
    """Predicts a sample of faces, clean and under every corruption.

    Args:
        predict: from `(n, 48, 48)` uint8 faces to `(n, k)` probabilities.
        sample: from `draw_sample`; provides the labels, and with its row IDs the seeds of the
            corruptions.
        faces: `(n, 48, 48)` uint8, the images of its rows.
        model: name of the model.
        weights: checksum of its weights.
        progress: called with the fraction done, 0 to 1.
        should_stop: called before each corruption and severity.

    Raises:
        JobCanceled: `should_stop` returned True.
    """

    def predicted_classes(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return np.asarray(predict(images).argmax(axis=1), np.uint8)

    clean = predicted_classes(faces)
    predicted = np.zeros((len(CORRUPTIONS), len(SEVERITIES), len(faces)), np.uint8)
    steps = list(np.ndindex(predicted.shape[:2]))
    for step, (index, severity) in enumerate(steps):
        progress(step / len(steps))
        if should_stop():
            raise JobCanceled("The measurement was stopped before it was complete.")
        corrupted = [
            corrupt(face, CORRUPTIONS[index], severity + 1, seed=row)
            for face, row in zip(faces, sample.row_id.tolist(), strict=True)
        ]
        predicted[index, severity] = predicted_classes(np.stack(corrupted))
    return Robustness(
        model=model,
        split=sample.split,
        weights=weights,
        protocol=PROTOCOL,
        row_id=sample.row_id,
        label=sample.label,
        clean=clean,
        predicted=predicted,
    )
