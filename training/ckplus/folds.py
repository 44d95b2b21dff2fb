"""Divides the subjects of CK+ into folds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from training.datasets.ckplus import CkPlusDataset


def subject_folds(dataset: CkPlusDataset, *, folds: int, seed: int) -> NDArray[np.int64]:
    """Assigns every row to the fold that holds it out, whole subjects at a time.

    The same data and seed always give the same folds. They are stratified by emotion as far as
    whole subjects allow (scikit-learn's `StratifiedGroupKFold`).

    Returns:
        `(n,)` int64, from 0 to `folds - 1`.

    Raises:
        DatasetError: there are fewer subjects than folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    subjects = len(np.unique(dataset.subject))
    if subjects < folds:
        raise DatasetError(
            f"Expected at least {folds} subjects for {folds} folds. Received: {subjects} subjects"
        )
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    # All frames of a sequence have the same class, so each sequence counts three times, equally.
    parts = splitter.split(dataset.images, dataset.label, groups=dataset.subject)
    fold = np.full(len(dataset), -1, np.int64)
    for number, (_, held_out) in enumerate(parts):
        fold[held_out] = number
    assert_apart(dataset, fold)
    return fold


def inner_rows(fold: NDArray[np.int64], number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divides the training people of one fold into two parts, to try a config on them.

    The people of the next fold are set aside for validation. The people held out by fold `number`
    are in neither part, so a choice based on the validation score has not seen them.

    Args:
        fold: `(n,)` int64, the fold that holds each row out; at least three.
        number: 0-based index of the fold.

    Returns:
        Positions to train on, and positions to validate on.

    Raises:
        DatasetError: there are fewer than three folds.
    """
    folds = int(fold.max()) + 1
    if folds < 3:
        raise DatasetError(f"Trying a config needs at least 3 folds. Received: {folds}")
    validation = (number + 1) % folds
    learned = (fold != number) & (fold != validation)
    return np.flatnonzero(learned), np.flatnonzero(fold == validation)


def assert_apart(dataset: CkPlusDataset, fold: NDArray[np.int64]) -> None:
    """Checks that no subject, and hence no sequence, is in two folds.

    Raises:
        AssertionError: a subject is in two folds, or a row is in none.
    """
    assert (fold >= 0).all(), "every row must be in a fold"
    for subject in np.unique(dataset.subject):
        found = np.unique(fold[dataset.subject == subject])
        assert len(found) == 1, f"{subject} is in the folds {found.tolist()}"
