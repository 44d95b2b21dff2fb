"""Entries of several evaluations of the same photos, side by side."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import reduce
from itertools import chain, count

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark.photo_evaluation import EvaluationEntry, LabeledRows, PhotoEvaluation


def side_by_side(first: PhotoEvaluation, *others: PhotoEvaluation) -> PhotoEvaluation:
    """Returns one evaluation with the entries of all, on the photos that all of them have.

    Name, date, columns and notes are those of the first. A name or title that occurs again gets
    a number.

    Raises:
        ValueError: they share no photo, disagree about the class of one, or are rows of different
            splits; the message says which.
    """
    evaluations = (first, *others)
    shared = reduce(set.intersection, (set(each.photos.id) for each in evaluations))
    if not shared:
        raise ValueError("The evaluations share no photo.")
    ids = [each for each in first.photos.id if each in shared]
    photos = _photos(first.photos, ids)
    classes = [photos.labels[each] for each in photos.label]
    entries: dict[str, EvaluationEntry] = {}
    for each in evaluations:
        if each.photos.split != photos.split:
            raise ValueError(f"{first.name} and {each.name} are not about the same split.")
        rows = _positions(each.photos, ids)
        theirs = [each.photos.labels[label] for label in each.photos.label[rows]]
        if theirs != classes:
            row = next(row for row in range(len(ids)) if theirs[row] != classes[row])
            raise ValueError(
                f"{first.name} and {each.name} disagree about the class of {ids[row]}: "
                f"{classes[row]} and {theirs[row]}."
            )
        for name, entry in each.entries.items():
            free = _free(name, entries)
            title = _free(entry.title, [known.title for known in entries.values()])
            entries[free] = replace(_on_rows(entry, rows), name=free, title=title)
    return replace(first, photos=photos, entries=entries)


def _free(name: str, taken: Collection[str]) -> str:
    names = chain([name], (f"{name} ({number})" for number in count(2)))
    return next(each for each in names if each not in taken)


def _photos(photos: LabeledRows, ids: list[str]) -> LabeledRows:
    rows = _positions(photos, ids)
    return replace(
        photos,
        id=tuple(ids),
        label=photos.label[rows],
        columns={name: values[rows] for name, values in photos.columns.items()},
        subject=None if photos.subject is None else photos.subject[rows],
    )


def _positions(photos: LabeledRows, ids: list[str]) -> NDArray[np.int64]:
    position = {name: row for row, name in enumerate(photos.id)}
    return np.array([position[name] for name in ids], np.int64)


def _on_rows(entry: EvaluationEntry, rows: NDArray[np.int64]) -> EvaluationEntry:
    """Returns an entry's predictions for the photos at `rows`, in that order."""
    prediction_of = np.full(len(entry.reasons), -1, np.int64)
    prediction_of[entry.row] = np.arange(len(entry.row))
    predictions = prediction_of[rows]
    kept = predictions[predictions >= 0]
    return replace(
        entry,
        row=np.flatnonzero(predictions >= 0),
        probabilities=entry.probabilities[kept],
        reasons=entry.reasons[rows],
        xyxy=None if entry.xyxy is None else entry.xyxy[kept],
    )
