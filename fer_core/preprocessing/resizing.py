"""Resizing a gray image by two matrix products, the same numbers on every runtime.

Each axis has a matrix whose weights follow from the two sizes alone: area averaging where it
shrinks, which avoids aliasing, and linear interpolation between pixel centers where it enlarges,
which is not blocky. The weights are multiples of 1 / 2048 and sum to 1 in each row, and the image
between the two products is rounded to sixteenths of a gray level. So every partial sum is a whole
number of 1 / 32768 below 256, which float32 holds exactly: NumPy, ONNX Runtime and a browser give
the same pixels in whatever order they add.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

WEIGHT_STEPS: Final = 2048
"""Weights are multiples of one part in so many."""

BETWEEN_STEPS: Final = 16
"""Steps of a gray level that the image between the two products keeps."""

_ROWS_AT_ONCE: Final = 4


def resize_matrix(source: int, target: int) -> NDArray[np.float32]:
    """Returns the weights of one axis, `(target, source)` float32; rows sum to exactly 1.

    Args:
        source: pixels of the axis before, at least 1.
        target: pixels after, at least 1.
    """
    edges = np.arange(source + 1, dtype=np.float32)
    rows = np.arange(target, dtype=np.float32)[:, np.newaxis]
    scale = np.float32(source) / np.float32(target)
    if source >= target:
        # How much of a target pixel's area lies before each edge between source pixels.
        before = (edges - rows * scale) / scale
    else:
        # The same for the two source pixels around the target pixel's center.
        center = np.clip((rows + np.float32(0.5)) * scale - np.float32(0.5), 0, source - 1)
        before = edges - center
    steps = np.rint(np.clip(before, 0, 1) * np.float32(WEIGHT_STEPS))
    steps[:, 0], steps[:, -1] = 0, WEIGHT_STEPS
    return np.asarray(np.diff(steps) / np.float32(WEIGHT_STEPS), np.float32)


def resize_gray(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Resizes a gray image to a square.

    Args:
        image: `(height, width)` uint8, at least one pixel.
        size: side of the result in pixels.

    Returns:
        `(size, size)` uint8, halves rounded to even.
    """
    height, width = image.shape
    if (height, width) == (size, size):
        return image
    steps = np.float32(BETWEEN_STEPS)
    between = np.rint(_resize_rows(image, size) * steps) / steps
    return np.asarray(np.rint(_resize_rows(between.T, size).T), np.uint8)


def _resize_rows(image: NDArray[Any], size: int) -> NDArray[np.float32]:
    """Returns `resize_matrix @ image`, without most of the zeros beside the diagonal.

    Products as small as these also stay on the calling thread. A larger one is shared among the
    threads of the linear algebra library, and waits for them where other work keeps them busy.
    """
    resized = np.empty((size, image.shape[1]), np.float32)
    for rows, used, weights in _bands(len(image), size):
        np.matmul(weights, image[used].astype(np.float32), out=resized[rows])
    return resized


@lru_cache(maxsize=1024)
def _bands(source: int, target: int) -> tuple[tuple[slice, slice, NDArray[np.float32]], ...]:
    """A few rows of the matrix at a time, the columns in which they are not zero, the weights."""
    matrix = resize_matrix(source, target)
    bands = []
    for start in range(0, target, _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        columns = np.flatnonzero(matrix[rows].any(axis=0))
        used = slice(int(columns[0]), int(columns[-1]) + 1)
        bands.append((rows, used, np.ascontiguousarray(matrix[rows, used])))
    return tuple(bands)
