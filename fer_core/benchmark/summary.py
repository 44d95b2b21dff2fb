"""The scores of an evaluation: every entry over all photos, and entries against each other.

Photos without a prediction count as errors, except where a score says "found".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark.photo_evaluation import PhotoEvaluation
from fer_core.evaluation import (
    CalibrationScores,
    ClassificationMetrics,
    Interval,
    SplitPredictions,
)
from fer_core.evaluation.comparison import PairwiseComparisons, compare_all_correctness
from fer_core.evaluation.reliability import Calibration, calibration_scores
from fer_core.evaluation.scores import MissedRows, classification_metrics, proportion

if TYPE_CHECKING:
    import pandas as pd

FEWEST_TO_CALIBRATE: Final = 100
"""With fewer photos, no temperature is fitted on half of them."""


@dataclass(frozen=True)
class RefittedCalibration:
    """A temperature fitted on one half of the photos and measured on the other.

    Attributes:
        calibration: the fitted one.
        rows: photos in the other half.
        before: scores there with the entry's own calibration.
        after: scores there with the fitted one.
    """

    calibration: Calibration
    rows: int
    before: CalibrationScores
    after: CalibrationScores


@dataclass(frozen=True)
class EntryScores:
    """The scores of one entry.

    Attributes:
        title: display name of the entry.
        all_photos: over all photos; those without a prediction are errors.
        found: accuracy over the photos with a prediction; None if there is none.
        detection_rate: share of the photos with a prediction.
        calibration: with the entry's own calibration, over the photos with a prediction; None if
            there is none.
        mean_confidence: with the same, over the same photos.
        refitted: None if there are fewer than `FEWEST_TO_CALIBRATE` predictions.
    """

    title: str
    all_photos: ClassificationMetrics
    found: Interval | None
    detection_rate: Interval
    calibration: CalibrationScores | None
    mean_confidence: float | None
    refitted: RefittedCalibration | None


@dataclass(frozen=True)
class EvaluationSummary:
    """The scores of an evaluation.

    Attributes:
        entries: by name, in the order of the evaluation.
        comparisons: of each pair of entries over all photos; None if there is only one entry.
    """

    entries: Mapping[str, EntryScores]
    comparisons: PairwiseComparisons | None

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per entry, most accurate first; shares from 0 to 1 with their bounds."""
        import pandas as pd

        rows = []
        for name, scores in self.entries.items():
            row: dict[str, object] = {"entry": name, "photos": scores.all_photos.rows}
            intervals = {
                "accuracy": scores.all_photos.accuracy,
                "accuracy_found": scores.found,
                "detection_rate": scores.detection_rate,
                "macro_f1": scores.all_photos.macro_f1,
            }
            for column, each in intervals.items():
                row |= {
                    column: each and each.value,
                    f"{column}_low": each and each.low,
                    f"{column}_high": each and each.high,
                }
            row["ece"] = scores.calibration and scores.calibration.ece.value
            rows.append(row)
        return pd.DataFrame(rows).sort_values(
            "accuracy", ascending=False, kind="stable", ignore_index=True
        )


def summarize(evaluation: PhotoEvaluation) -> EvaluationSummary:
    """Computes the scores of an evaluation of at least one photo and one entry."""
    correct = {name: evaluation.is_correct(name) for name in evaluation.entries}
    comparisons = None
    if len(correct) > 1:
        comparisons = compare_all_correctness(correct, evaluation.photos.subject)
    scores = {name: entry_scores(evaluation, name) for name in evaluation.entries}
    return EvaluationSummary(scores, comparisons)


def entry_scores(evaluation: PhotoEvaluation, entry: str) -> EntryScores:
    """Computes the scores of one entry; see `summarize`."""
    predictions, subject = evaluation.predictions(entry), evaluation.photos.subject
    calibration = evaluation.entries[entry].calibration
    has_prediction = np.zeros(len(evaluation.photos), bool)
    has_prediction[predictions.row_id] = True
    calibrated = calibration.apply(predictions.probabilities)
    metrics = classification_metrics(predictions, missed=missed_rows(evaluation, entry))
    # Its bootstrap draws other people than that of `proportion`, which all other tables use.
    accuracy = proportion(evaluation.is_correct(entry), subject)
    return EntryScores(
        title=evaluation.entries[entry].title,
        all_photos=metrics.model_copy(update={"accuracy": accuracy}),
        found=proportion(predictions.is_correct, predictions.subject) if predictions else None,
        detection_rate=proportion(has_prediction, subject),
        calibration=calibration_scores(calibrated, predictions.label) if predictions else None,
        mean_confidence=float(calibrated.max(axis=1).mean()) if predictions else None,
        refitted=_refitted(predictions, calibration),
    )


def missed_rows(evaluation: PhotoEvaluation, entry: str) -> MissedRows | None:
    """Returns the photos for which an entry has no prediction; None if it has all."""
    chosen, photos = evaluation.entries[entry], evaluation.photos
    missed = np.flatnonzero(chosen.reasons != "")
    if not len(missed):
        return None
    to_own = np.array([chosen.labels.index(label) for label in photos.labels], np.int64)
    subject = None if photos.subject is None else photos.subject[missed]
    return MissedRows(to_own[photos.label[missed]], subject)


def _refitted(predictions: SplitPredictions, own: Calibration) -> RefittedCalibration | None:
    if len(predictions) < FEWEST_TO_CALIBRATE:
        return None
    is_fitted_on = _half(len(predictions), predictions.subject)
    fitted_on, other = predictions.take(is_fitted_on), predictions.take(~is_fitted_on)
    if not (len(fitted_on) and len(other)):
        return None
    fitted = Calibration.fit(fitted_on.probabilities, fitted_on.label)
    return RefittedCalibration(
        calibration=fitted,
        rows=len(other),
        before=calibration_scores(own.apply(other.probabilities), other.label),
        after=calibration_scores(fitted.apply(other.probabilities), other.label),
    )


def _half(rows: int, subject: NDArray[np.int64] | None) -> NDArray[np.bool_]:
    """`(n,)` a random half of the rows, always the same; of people if known, so none is in both."""
    people = np.arange(rows) if subject is None else subject
    _, index = np.unique(people, return_inverse=True)
    drawn = np.random.default_rng(0).permutation(index.max() + 1)
    return np.asarray(drawn[index] * 2 < len(drawn))
