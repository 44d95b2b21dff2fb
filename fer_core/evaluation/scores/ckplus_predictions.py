"""Out-of-fold predictions for every frame of CK+, and their scores.

Scores use one prediction per sequence (`evaluation.sequences`). predictions.npz holds one row per
frame:

    ckplus_row_id                     (n,) position of the frame in the order of names
    ckplus_label                      (n,) true class, an index into the card's labels
    ckplus_probabilities              (n, k) of the classes
    ckplus_high_level                 (n,) true coarse class, an index into emotions.HIGH_LEVEL
    ckplus_action_units               (n, u) 1 present, 0 absent, -1 unknown
    ckplus_action_unit_probabilities  (n, u) in the order of the card's action units
    ckplus_fold                       (n,) the fold that held the frame out
    ckplus_subject                    (n,) number of the person: 5 for S005
    ckplus_sequence                   (n,) number of the sequence: 5001 for S005_001
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import ClassificationMetrics, Score, Sequences, SplitPredictions
from fer_core.evaluation.scores.action_units import action_unit_metrics
from fer_core.evaluation.scores.ckplus import CkPlusBaselines, CkPlusMetrics, CkPlusScores
from fer_core.evaluation.scores.classification import classification_metrics
from fer_core.labels import HIGH_LEVEL, high_level_probabilities

SPLIT: Final = "ckplus"


@dataclass(frozen=True, eq=False, kw_only=True)
class CkPlusPredictions:
    """One model's out-of-fold predictions, a row per frame or, once averaged, per sequence.

    Attributes:
        emotion: row ids, true classes and probabilities of the classes.
        high_level: `(n,)` int64, the true coarse class as an index into `emotions.HIGH_LEVEL`.
        action_unit_names: the u units in the order of the columns.
        action_units: `(n, u)` int8, 1 present, 0 absent, -1 unknown.
        action_unit_probabilities: `(n, u)` float32.
        fold: `(n,)` int64, the fold that held the frame out.
        subject: `(n,)` int64, number of the person.
        sequence: `(n,)` int64, number of the sequence.
    """

    emotion: SplitPredictions
    high_level: NDArray[np.int64]
    action_unit_names: tuple[str, ...]
    action_units: NDArray[np.int8]
    action_unit_probabilities: NDArray[np.float32]
    fold: NDArray[np.int64]
    subject: NDArray[np.int64]
    sequence: NDArray[np.int64]

    def __post_init__(self) -> None:
        n, u = len(self.emotion), len(self.action_unit_names)
        for name, values in self._own_arrays().items():
            expected = (n, u) if name.startswith("action_unit") else (n,)
            if values.shape != expected:
                raise ValueError(
                    f"{SPLIT}_{name} must have the shape {expected}. Received: {values.shape}"
                )
        subjects = len(np.unique(self.subject))
        if len(np.unique(np.stack([self.subject, self.fold]), axis=1).T) != subjects:
            raise ValueError("every subject must be in one fold only")

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Returns the arrays of predictions.npz by name."""
        plain: dict[str, NDArray[Any]] = {
            "row_id": self.emotion.row_id,
            "label": self.emotion.label,
            "probabilities": self.emotion.probabilities,
        }
        return {f"{SPLIT}_{name}": value for name, value in (plain | self._own_arrays()).items()}

    def by_sequence(self) -> CkPlusPredictions:
        """Returns one row per sequence, with the mean of its frames' probabilities.

        Everything else is taken from the first frame.
        """
        sequences = Sequences.of(self.sequence)
        first = sequences.first
        with_subject = replace(self.emotion, subject=self.subject)
        return CkPlusPredictions(
            emotion=with_subject.by_sequence(self.sequence),
            high_level=self.high_level[first],
            action_unit_names=self.action_unit_names,
            action_units=self.action_units[first],
            action_unit_probabilities=sequences.mean(self.action_unit_probabilities),
            fold=self.fold[first],
            subject=self.subject[first],
            sequence=self.sequence[first],
        )

    def _own_arrays(self) -> dict[str, NDArray[Any]]:
        names = [field.name for field in fields(self)]
        return {
            name: getattr(self, name)
            for name in names
            if name not in ("emotion", "action_unit_names")
        }


def ckplus_metrics(predictions: CkPlusPredictions) -> CkPlusMetrics:
    """Computes all scores of one prediction per sequence.

    The coarse class is the one whose emotions have the largest total probability. Intervals are
    bootstrapped over people, since neither frames of a sequence nor sequences of a person are
    independent.
    """
    sequences = predictions.by_sequence()
    emotion = sequences.emotion
    is_correct, folds = emotion.is_correct, np.unique(sequences.fold)
    return CkPlusMetrics(
        folds=len(folds),
        subjects=len(np.unique(sequences.subject)),
        sequences=len(emotion),
        fold_accuracy=tuple(float(is_correct[sequences.fold == fold].mean()) for fold in folds),
        by_sequence=_scores(sequences),
        baselines=_baselines(sequences),
    )


def _baselines(sequences: CkPlusPredictions) -> CkPlusBaselines:
    """Scores of constant predictions: the frequencies in these sequences, or all units absent."""
    emotion, units = sequences.emotion, sequences.action_units
    frequency = np.bincount(emotion.label, minlength=len(emotion.labels)) / len(emotion)
    is_coded = (units >= 0).all(axis=1, keepdims=True)
    prevalence = units.mean(axis=0, where=is_coded)
    frequent = _scores(
        replace(
            sequences,
            emotion=replace(emotion, probabilities=_in_every_row(frequency, len(emotion))),
            action_unit_probabilities=_in_every_row(prevalence, len(emotion)),
        )
    )
    absent = action_unit_metrics(
        units,
        np.zeros_like(sequences.action_unit_probabilities),
        sequences.sequence,
        sequences.subject,
        sequences.action_unit_names,
    )
    return CkPlusBaselines(
        emotion=_score(frequent.emotion),
        high_level=_score(frequent.high_level),
        all_absent=absent.averages,
        prevalence=frequent.action_units.averages,
    )


def _in_every_row(values: NDArray[np.floating], rows: int) -> NDArray[np.float32]:
    return np.tile(values.astype(np.float32), (rows, 1))


def _score(metrics: ClassificationMetrics) -> Score:
    return Score(rows=metrics.rows, accuracy=metrics.accuracy, macro_f1=metrics.macro_f1)


def _scores(predictions: CkPlusPredictions) -> CkPlusScores:
    emotion = predictions.emotion
    high_level = SplitPredictions(
        SPLIT,
        HIGH_LEVEL,
        row_id=emotion.row_id,
        label=predictions.high_level,
        subject=predictions.subject,
        probabilities=np.asarray(
            high_level_probabilities(emotion.probabilities, emotion.labels), np.float32
        ),
    )
    return CkPlusScores(
        emotion=classification_metrics(emotion),
        high_level=classification_metrics(high_level),
        action_units=action_unit_metrics(
            predictions.action_units,
            predictions.action_unit_probabilities,
            predictions.sequence,
            predictions.subject,
            predictions.action_unit_names,
        ),
    )
