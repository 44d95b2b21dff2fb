"""How well the models do on worse pictures: accuracy by corruption and severity.

Measured on a fixed sample of the report split, so that it takes minutes and not hours:
`draw_sample` draws it by a seed, stratified by label. `python -m training.robustness` writes the
counts beside each model, `models/<name>/robustness.csv`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.cards import ModelCard
from fer_core.classifier import Classifier
from fer_core.errors import WorkStopped
from fer_core.evaluation.corruptions import CORRUPTIONS, PROTOCOL, SEVERITIES, Corruption, corrupt
from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.scores import Interval
from fer_core.evaluation.wilson import wilson
from fer_core.preprocessing import preprocess_batch

if TYPE_CHECKING:
    import pandas as pd

BASELINES: Final = ("cnn", "ferplus_cnn")
"""The models to which errors are relative, as AlexNet is to Hendrycks and Dietterich: FER2013's and
FER+'s; the first that is there."""

SAMPLE_ROWS: Final = 700
_SEED: Final = 2013


@dataclass(frozen=True, eq=False)
class Robustness:
    """Right answers of one model on a sample of faces, undisturbed and under every corruption.

    Attributes:
        model: its name.
        split: where the faces are from.
        weights: checksum of the weights it was measured with.
        protocol: `corruptions.PROTOCOL` at that time.
        rows: faces in the sample.
        clean: right answers on the undisturbed faces.
        correct: `(10, 5)` int64, right answers by `CORRUPTIONS` and severity 1 to 5.
    """

    model: str
    split: str
    weights: str
    protocol: str
    rows: int
    clean: int
    correct: NDArray[np.int64]

    def __post_init__(self) -> None:
        expected = (len(CORRUPTIONS), len(SEVERITIES))
        if self.correct.shape != expected:
            raise ValueError(
                f"correct must have the shape {expected}. Received: shape={self.correct.shape}"
            )
        counts = np.append(self.correct, self.clean)
        if self.rows < 1 or counts.min() < 0 or counts.max() > self.rows:
            raise ValueError(f"Right answers must lie between 0 and rows. Received: {self.rows}")

    def is_current(self, card: ModelCard) -> bool:
        """Tells whether it was measured with these weights and with today's corruptions."""
        return self.weights == card.weights.sha256 and self.protocol == PROTOCOL

    def accuracy(self, corruption: Corruption, severity: int) -> Interval:
        """Returns the accuracy at one severity; 0 is the undisturbed picture."""
        if severity == 0:
            return wilson(self.clean, self.rows)
        return wilson(int(self.correct[CORRUPTIONS.index(corruption), severity - 1]), self.rows)

    def mean_accuracy(self, severity: int) -> float:
        """Returns the accuracy at one severity, averaged over all corruptions."""
        if severity == 0:
            return self.clean / self.rows
        return float(self.correct[:, severity - 1].mean() / self.rows)

    @property
    def errors(self) -> NDArray[np.float64]:
        """Shape `(10,)`: the part of wrong answers by corruption, averaged over severities."""
        return np.asarray(1 - self.correct.mean(axis=1) / self.rows, np.float64)

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per corruption and severity 0 to 5: rows, correct, accuracy, low, high.

        The interval is Wilson's (1927), at 95 %.
        """
        import pandas as pd

        table = []
        for index, corruption in enumerate(CORRUPTIONS):
            counts = (self.clean, *self.correct[index].tolist())
            for severity, correct in enumerate(counts):
                found = wilson(correct, self.rows)
                row = (corruption, severity, self.rows, correct)
                table.append((*row, found.value, found.low, found.high))
        columns = ["corruption", "severity", "rows", "correct", "accuracy", "low", "high"]
        return pd.DataFrame(table, columns=columns)


@dataclass(frozen=True, eq=False)
class CorruptionErrors:
    """Corruption errors of several models, relative to one of them.

    Hendrycks and Dietterich 2019: a model's errors on a corruption, summed over severities, divided
    by those of the baseline; the mean over the corruptions is the mean corruption error. Below 1
    is more robust than the baseline.

    Attributes:
        baseline: name of the model that all are divided by.
        models: their names.
        clean_error: `(models,)`, the part of wrong answers on undisturbed faces.
        errors: `(models, 10)`, relative errors by `CORRUPTIONS`.
    """

    baseline: str
    models: tuple[str, ...]
    clean_error: NDArray[np.float64]
    errors: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """Shape `(models,)`: the mean corruption errors."""
        return np.asarray(self.errors.mean(axis=1), np.float64)

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per model, most robust first: clean error, mCE, and every corruption."""
        import pandas as pd

        frame = pd.DataFrame(self.errors, columns=list(CORRUPTIONS))
        frame.insert(0, "model", list(self.models))
        frame.insert(1, "clean_error", self.clean_error)
        frame.insert(2, "mean_corruption_error", self.mean)
        return frame.sort_values("mean_corruption_error", ignore_index=True)


def corruption_errors(
    results: Sequence[Robustness], *, baselines: Sequence[str] = BASELINES
) -> CorruptionErrors | None:
    """Compares models by their corruption errors.

    Args:
        results: of models measured on the same split.
        baselines: names of models to divide by; the first of them that is among the results is.

    Returns:
        None where no baseline is among the results or it makes no error on a corruption.
    """
    errors = {result.model: result.errors for result in results}
    baseline = next((name for name in baselines if name in errors), None)
    if baseline is None or not errors[baseline].all():
        return None
    return CorruptionErrors(
        baseline,
        tuple(result.model for result in results),
        np.array([1 - result.clean / result.rows for result in results]),
        np.stack(list(errors.values())) / errors[baseline],
    )


def draw_sample(predictions: SplitPredictions, rows: int = SAMPLE_ROWS) -> SplitPredictions:
    """Draws the fixed sample of a split, stratified by label, in the order of its rows.

    Args:
        predictions: of any model on the split; they say which rows and labels there are.
        rows: to draw; a split of no more rows is taken whole.
    """
    from sklearn.model_selection import train_test_split

    # By row, not by position: two models' files may hold the rows in another order.
    ordered = predictions.take(np.argsort(predictions.row_id))
    if len(ordered) <= rows:
        return ordered
    chosen, _ = train_test_split(
        np.arange(len(ordered)), train_size=rows, stratify=ordered.label, random_state=_SEED
    )
    return ordered.take(np.sort(chosen))


def measure_robustness(
    classifier: Classifier,
    sample: SplitPredictions,
    faces: NDArray[np.uint8],
    *,
    progress: Callable[[float], object] = lambda part: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Robustness:
    """Counts right answers on a sample of faces, undisturbed and under every corruption.

    Args:
        classifier: the model.
        sample: from `draw_sample`; gives the labels, and by its row ids the seeds of what is
            random in a face's corruption.
        faces: `(n, 48, 48)` uint8, the pictures of its rows.
        progress: called with the part done, 0 to 1.
        should_stop: asked before each corruption and severity.

    Raises:
        WorkStopped: `should_stop` said so.
    """
    card = classifier.card

    def count(images: NDArray[np.uint8]) -> int:
        inputs = preprocess_batch(images, card.preprocessing)
        return int((classifier.predict(inputs).argmax(axis=1) == sample.label).sum())

    clean = count(faces)
    correct = np.zeros((len(CORRUPTIONS), len(SEVERITIES)), np.int64)
    for step, (index, severity) in enumerate(np.ndindex(correct.shape)):
        progress(step / correct.size)
        if should_stop():
            raise WorkStopped("It was stopped before everything was measured.")
        worse = [
            corrupt(face, CORRUPTIONS[index], severity + 1, seed=row)
            for face, row in zip(faces, sample.row_id.tolist(), strict=True)
        ]
        correct[index, severity] = count(np.stack(worse))
    return Robustness(
        card.name, sample.split, card.weights.sha256, PROTOCOL, len(faces), clean, correct
    )
