"""Which of several faces a label of a photo is about."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def choose_face(xyxy: ArrayLike, labeled: ArrayLike | None = None) -> int | None:
    """Returns the position of the largest face, or of the one that overlaps a labeled box most.

    Overlap is intersection over union.

    Args:
        xyxy: `(n, 4)`, left, top, right and bottom of each face.
        labeled: `(4,)`, the box of the labeled face, if it is known.

    Returns:
        None if there is no face, or none that overlaps the labeled box. Of equal ones, the first.
    """
    boxes = np.asarray(xyxy, np.float64).reshape(-1, 4)
    if not len(boxes):
        return None
    area = _area(boxes)
    if labeled is None:
        return int(area.argmax())
    box = np.asarray(labeled, np.float64).reshape(1, 4)
    shared = _area(
        np.hstack([np.maximum(boxes[:, :2], box[:, :2]), np.minimum(boxes[:, 2:], box[:, 2:])])
    )
    if not shared.any():
        return None
    return int((shared / (area + _area(box) - shared)).argmax())


def _area(xyxy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns `(n,)`; 0 for a box whose sides are reversed."""
    return np.asarray((xyxy[:, 2:] - xyxy[:, :2]).clip(0).prod(axis=1))
