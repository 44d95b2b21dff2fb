"""Holds out rows for a split that a dataset lacks, the same rows on every machine."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

_FRACTION: Final = 0.1
"""Share of the groups of each class."""


def hold_out(labels: NDArray[np.int64], groups: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Chooses about a tenth of each class, keeping the rows of a group together.

    The choice depends only on the names of the groups, so it is the same everywhere. A group
    counts for the class of its first row. For each class with at least two groups, at least one is
    held out and at least one is kept.

    Args:
        labels: `(n,)` class indices.
        groups: `(n,)` names; rows that must not be separated (the same picture or the same person)
            have the same name.

    Returns:
        `(n,)` True where the row is held out.
    """
    names, first_row, group = np.unique(groups, return_index=True, return_inverse=True)
    hashes = np.array([hashlib.sha256(name.encode()).hexdigest() for name in names.tolist()])
    group_label = labels[first_row]
    chosen = np.zeros(len(names), bool)
    for label in np.unique(group_label):
        members = np.flatnonzero(group_label == label)
        by_hash = members[np.argsort(hashes[members])]
        wanted = min(max(1, round(_FRACTION * len(members))), len(members) - 1)
        chosen[by_hash[:wanted]] = True
    return chosen[group]
