"""What a face looked like when it showed an expression most clearly. In memory only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.faces import crop_square, face_square
from fer_core.video.analysis import FollowedFaces
from fer_core.video.timeline import Event

THUMBNAIL_SIDE: Final = 112
MOST_PEAKS: Final = 200
"""As many pictures are kept: 8 MB."""


@dataclass(frozen=True, eq=False)
class Peak:
    """One face at its most expressive.

    Attributes:
        timestamp_s: when.
        probability: of the expression, averaged over time.
        thumbnail: `(THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3)` RGB uint8.
    """

    timestamp_s: float
    probability: float
    thumbnail: NDArray[np.uint8]


class PeakFaces:
    """Keeps one picture for each face and expression: pass it to `analyze_video` as `on_faces`."""

    def __init__(self) -> None:
        self._peaks: dict[tuple[int, int], Peak] = {}

    def __call__(self, timestamp_s: float, image: NDArray[np.uint8], faces: FollowedFaces) -> None:
        """Looks at the faces of one frame."""
        found = faces.detections
        for row, key in enumerate(zip(faces.track.tolist(), faces.label.tolist(), strict=True)):
            probability = float(faces.probabilities[row, key[1]])
            best = self._peaks.get(key)
            if probability <= best.probability if best else len(self._peaks) >= MOST_PEAKS:
                continue
            points = None if found.landmarks is None else found.landmarks[row]
            crop = crop_square(image, face_square(found.xyxy[row], points))
            side = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
            small = np.asarray(cv2.resize(crop, side, interpolation=cv2.INTER_AREA), np.uint8)
            self._peaks[key] = Peak(timestamp_s, probability, small)

    def of(self, event: Event, labels: tuple[str, ...]) -> Peak | None:
        """Returns the picture of an event's face and expression, if it was taken during the event.

        Of several events of one face and expression that is the one where it was clearest.
        """
        peak = self._peaks.get((event.track, labels.index(event.label)))
        if peak is None or not event.start_s <= peak.timestamp_s <= event.end_s:
            return None
        return peak
