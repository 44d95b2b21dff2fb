"""Lists of the photos of an evaluation: those of a confusion cell, the hardest, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark.photo_evaluation import PhotoEvaluation
from fer_core.evaluation.comparison import ANY

if TYPE_CHECKING:
    import pandas as pd


def photos_frame(evaluation: PhotoEvaluation, rows: NDArray[np.int64]) -> pd.DataFrame:
    """Returns one row per photo: file, label, then each entry's top label and its confidence.

    The columns of an entry are named after it: `cnn` and `cnn_confidence`. No threshold is applied.
    A photo without a prediction has the reason instead, and no confidence.

    Args:
        evaluation: the evaluation.
        rows: positions of the photos, in the order of the table.
    """
    import pandas as pd

    photos = evaluation.photos
    columns: dict[str, Any] = {
        "file": [photos.id[row] for row in rows],
        "label": np.array(photos.labels)[photos.label[rows]],
    }
    for name, entry in evaluation.entries.items():
        predicted = entry.reasons.astype(object)
        predicted[entry.row] = np.array(entry.labels)[entry.predicted]
        confidence = np.full(len(photos), np.nan)
        calibrated = entry.calibration.apply(entry.probabilities)
        confidence[entry.row] = calibrated.max(axis=1, initial=0.0)
        columns |= {name: predicted[rows], f"{name}_confidence": confidence[rows]}
    return pd.DataFrame(columns)


def photos_of_cell(
    evaluation: PhotoEvaluation, entry: str, true: str, predicted: str
) -> NDArray[np.int64]:
    """Returns the photos with a true and a predicted class, most confident first.

    Args:
        evaluation: the evaluation.
        entry: name of the entry.
        true: a class, or `ANY`.
        predicted: a class of the entry, or `ANY`.
    """
    chosen = evaluation.entries[entry]
    own = evaluation.predictions(entry)
    is_chosen = np.ones(len(own), bool)
    for name, values in ((true, own.label), (predicted, chosen.predicted)):
        if name != ANY:
            is_chosen &= values == chosen.labels.index(name)
    found = np.flatnonzero(is_chosen)
    return chosen.row[found[np.argsort(-own.probabilities[found].max(axis=1), kind="stable")]]


def hardest_photos(evaluation: PhotoEvaluation) -> NDArray[np.int64]:
    """Returns the photos on which an entry is incorrect, the hardest first.

    They are ordered by how many entries are incorrect, then by the mean probability of the true
    class, lowest first; without a prediction it is 0.
    """
    photos = evaluation.photos
    errors = np.zeros(len(photos), np.int64)
    of_true = np.zeros(len(photos))
    for name, entry in evaluation.entries.items():
        errors += ~evaluation.is_correct(name)
        own = evaluation.predictions(name)
        of_true[entry.row] += own.probabilities[np.arange(len(own)), own.label]
    order = np.lexsort((of_true, -errors))
    return order[errors[order] > 0]
