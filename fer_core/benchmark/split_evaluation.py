"""The saved models' predictions on a split of a dataset, as an evaluation.

So predictions from elsewhere for the same rows stand beside them. Row ids and true labels are those
of predictions.npz; the dataset itself is not needed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final

import numpy as np

from fer_core.benchmark.photo_evaluation import EvaluationEntry, LabeledRows, PhotoEvaluation
from fer_core.errors import ModelError
from fer_core.evaluation import SplitPredictions
from fer_core.zoo import ModelCard, ModelStore, with_distinct_titles

DUPLICATE: Final = "training duplicate"
"""The column that says whether the training split has an exact copy of the face: yes or no."""

PRE_CROPPED: Final = "pre-cropped"


def known_splits(store: ModelStore) -> tuple[str, ...]:
    """Returns the splits for which a saved model has predictions, sorted."""
    return tuple(sorted({split for card in store.list_models().cards for split in card.metrics}))


def split_rows(store: ModelStore, split: str) -> LabeledRows:
    """Returns the rows of a split with their true labels; the ids are its row ids.

    Raises:
        ModelError: no saved model has predictions for this split, or they cannot be read.
    """
    for card in store.list_models().cards:
        if split in card.metrics:
            return _rows(store.load_predictions(card.name)[split])
    raise ModelError(
        f"No saved model in {store.folder} has predictions for {split!r}. Splits with "
        f"predictions: {', '.join(known_splits(store)) or 'none'}"
    )


def split_evaluation(
    store: ModelStore, split: str, models: Collection[str] | None = None
) -> PhotoEvaluation:
    """Returns the saved predictions of models on one split, without test-time augmentation.

    Args:
        store: the saved models.
        split: e.g. `"fer2013_private_test"`.
        models: names in order; None for all that have predictions for this split.

    Raises:
        ModelError: a model has no predictions for this split, or for other rows or labels than the
            first; or they cannot be read.
    """
    cards = [
        card
        for card in with_distinct_titles(store.load_scored_cards(models))
        if models or split in card.metrics
    ]
    photos: LabeledRows | None = None
    entries = {}
    for card in cards:
        predictions = store.load_predictions(card.name).get(split)
        if predictions is None:
            raise ModelError(f"{card.name!r} has no predictions for {split!r}.")
        rows = _rows(predictions)
        photos = photos or rows
        if (rows.id, _classes(rows)) != (photos.id, _classes(photos)):
            raise ModelError(
                f"{card.name!r} was scored on other rows or true labels of {split!r} than "
                f"{cards[0].name!r}."
            )
        entries[card.name] = _entry(card, predictions)
    return PhotoEvaluation(
        name=split,
        created=datetime.now(UTC),
        photos=split_rows(store, split) if photos is None else photos,
        entries=entries,
    )


def split_predictions(evaluation: PhotoEvaluation, entry: str) -> SplitPredictions:
    """Returns one entry's predictions on a split in the form of the saved models'.

    Unlike `PhotoEvaluation.predictions`, `row_id` is the dataset's own row, so they can be compared
    with a model's, and the faces of the dataset can be shown.

    Raises:
        KeyError: there is no such entry.
        ValueError: the photos are not rows of a split.
    """
    photos, found = evaluation.photos, evaluation.predictions(entry)
    if photos.split is None:
        raise ValueError(f"The photos of {evaluation.name} are not rows of a split.")
    duplicate = photos.columns.get(DUPLICATE)
    return SplitPredictions(
        split=photos.split,
        labels=found.labels,
        row_id=np.array(photos.id, np.int64)[found.row_id],
        label=found.label,
        probabilities=found.probabilities,
        has_training_duplicate=None if duplicate is None else duplicate[found.row_id] == "yes",
        subject=found.subject,
    )


def _rows(predictions: SplitPredictions) -> LabeledRows:
    duplicate = predictions.has_training_duplicate
    return LabeledRows(
        id=tuple(map(str, predictions.row_id.tolist())),
        labels=predictions.labels,
        label=predictions.label,
        columns={} if duplicate is None else {DUPLICATE: np.where(duplicate, "yes", "no")},
        subject=predictions.subject,
        split=predictions.split,
    )


def _classes(rows: LabeledRows) -> list[str]:
    return [rows.labels[label] for label in rows.label]


def _entry(card: ModelCard, predictions: SplitPredictions) -> EvaluationEntry:
    notes = []
    if card.ckplus:
        notes.append("Out-of-fold: no network has seen the people that it is scored on.")
    elif predictions.split == card.protocol.selection_split:
        notes.append("The model was selected on this split.")
    return EvaluationEntry(
        name=card.name,
        title=card.title,
        kind="model",
        labels=predictions.labels,
        row=np.arange(len(predictions)),
        probabilities=predictions.probabilities,
        reasons=np.full(len(predictions), ""),
        faces=PRE_CROPPED,
        calibration=card.fitted_calibration,
        checksum=card.weights.sha256,
        notes=tuple(notes),
    )
