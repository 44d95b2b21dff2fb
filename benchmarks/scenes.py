"""The camera pictures of several benchmarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fer_core.labels.emotions import FER2013
from tests.scenes import PlacedFace, sample_scene


def swaying_faces(count: int, frames: int) -> list[NDArray[np.uint8]]:
    """Returns average faces that move slightly, so that the video is not a still picture.

    Args:
        count: faces side by side.
        frames: each `(480, 640, 3)` RGB uint8.
    """
    side = min(200, 900 // count)
    return [
        sample_scene(
            [
                PlacedFace(
                    FER2013[index % len(FER2013)],
                    ((index + 0.5) * 640 / count + 12 * np.sin(step / 4), 240.0),
                    side,
                )
                for index in range(count)
            ]
        )
        for step in range(frames)
    ]
