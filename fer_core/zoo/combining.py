"""The predictions of an ensemble, from those of its members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fer_core.zoo.cards import Member


def combine_members(
    members: Mapping[str, Member],
    outputs: Mapping[str, NDArray[np.float32]],
    labels: Sequence[str],
    class_weights: Mapping[str, float],
) -> NDArray[np.float32]:
    """Returns the weighted mean of calibrated probabilities.

    Args:
        members: of the ensemble, by name.
        outputs: by member, `(n, k)` probabilities of its own classes, not calibrated.
        labels: the classes of the ensemble.
        class_weights: by label; multiply the mean, before it is renormalized. Empty for none. To
            divide out the shares p of the classes in training (Saerens et al. 2002, "Adjusting the
            outputs of a classifier to new a priori probabilities"), in part, they are p**-a with a
            from 0 to 1.

    Returns:
        `(n, len(labels))` float32; rows sum to 1.
    """
    mean = np.asarray(
        sum(
            member.weight
            * member.fitted_calibration.apply(
                keep_classes(outputs[name], member.labels or labels, labels)
            )
            for name, member in members.items()
        ),
        np.float32,
    )
    if not class_weights:
        return mean
    weighted = mean * np.array([class_weights[label] for label in labels], np.float32)
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True), np.float32)


def keep_classes(
    probabilities: NDArray[np.float32], labels: Sequence[str], kept: Sequence[str]
) -> NDArray[np.float32]:
    """Returns the probabilities of some classes, renormalized.

    Args:
        probabilities: `(n, k)`, rows sum to 1.
        labels: the k classes.
        kept: some of them, or all, in the order of the result.

    Returns:
        `(n, len(kept))` float32; rows sum to 1.
    """
    if tuple(labels) == tuple(kept):
        return probabilities
    columns = [labels.index(label) for label in kept]
    # A class may have underflowed to 0 in every row that another one fills.
    some = np.maximum(probabilities[:, columns], np.finfo(np.float32).tiny)
    return np.asarray(some / some.sum(axis=1, keepdims=True), np.float32)
