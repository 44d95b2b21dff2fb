"""The interface and the results of face detectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.imaging import check_image

if TYPE_CHECKING:
    import pandas as pd

LANDMARKS: Final = ("right_eye", "left_eye", "nose", "right_mouth", "left_mouth")
"""The five points of a face, in order. Right is the person's own right, which is left in the
image."""

PHOTO_SIDE: Final = 640
"""Longest side, in pixels, of the detector input for photos; larger photos are shrunk, and large
ones are also processed in tiles of this side (`fer_core.faces.tiles`).

YuNet then finds faces from 2.5% of the image width up to the full image; with a larger input it
begins to find several faces in a large one.
"""

LIVE_SIDE: Final = 320
"""The same for live video: about four times as fast, for faces from 5% of the image width."""

_SMALLEST_SIDE: Final = 192
"""Smaller images are enlarged: 48-pixel faces are found in 94% instead of 85% of cases."""


@dataclass(frozen=True, eq=False)
class Detections:
    """The faces found in one image, one row per face; zero rows are a normal result.

    Attributes:
        xyxy: `(n, 4)` float32, left, top, right and bottom in pixels of the image.
        score: `(n,)` float32 in [0, 1], confidence of the detector.
        landmarks: `(n, 5, 2)` float32, the points of `LANDMARKS` as x and y in pixels, or None if
            the detector gives none.
    """

    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    landmarks: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        n = len(self.xyxy)
        expected = {"xyxy": (n, 4), "score": (n,), "landmarks": (n, len(LANDMARKS), 2)}
        for name, shape in expected.items():
            array = getattr(self, name)
            if array is None:
                continue
            if array.shape != shape or array.dtype != np.float32:
                raise ValueError(
                    f"{name} must be float32 of shape {shape}. "
                    f"Received: shape={array.shape}, dtype={array.dtype}"
                )
            if not np.isfinite(array).all():
                raise ValueError(f"{name} must be finite. Received: {name}={array}")
        if (self.xyxy[:, 2:] <= self.xyxy[:, :2]).any():
            raise ValueError(f"Every box must have an area. Received: xyxy={self.xyxy}")

    def __len__(self) -> int:
        return len(self.xyxy)

    @classmethod
    def empty(cls) -> Detections:
        """Returns the result for an image without faces."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32))

    def largest(self, count: int) -> Detections:
        """Returns the `count` faces with the largest boxes, in the same order."""
        if len(self) <= count:
            return self
        area = (self.xyxy[:, 2:] - self.xyxy[:, :2]).prod(axis=1)
        rows = np.sort(np.argsort(-area, kind="stable")[:count])
        points = None if self.landmarks is None else self.landmarks[rows]
        return Detections(self.xyxy[rows], self.score[rows], points)

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per face: `face_id`, the box, `detection_score` and the landmarks."""
        import pandas as pd  # slow to import

        frame = pd.DataFrame(self.xyxy, columns=["x1", "y1", "x2", "y2"])
        frame.insert(0, "face_id", np.arange(1, len(self) + 1))
        frame["detection_score"] = self.score
        if self.landmarks is not None:
            for index, name in enumerate(LANDMARKS):
                frame[f"{name}_x"] = self.landmarks[:, index, 0]
                frame[f"{name}_y"] = self.landmarks[:, index, 1]
        return frame


class Detector(Protocol):
    """Finds faces. An instance can be shared between threads, which then run one at a time.

    Attributes:
        name: as in `DETECTORS`.
        notice: one line for the user if this detector replaces a better one, else None.
    """

    name: str
    notice: str | None

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        """Finds the faces in an image, `(height, width, 3)` RGB uint8, ordered left to right."""
        ...


@dataclass(frozen=True)
class Scaled:
    """An image resized to the input size of a detector.

    Attributes:
        image: `(height, width, 3)` RGB uint8.
        factor_xy: width and height of the original, relative to this image.
        original_wh: width and height of the original in pixels.
    """

    image: NDArray[np.uint8]
    factor_xy: NDArray[np.float32]
    original_wh: tuple[int, int]

    def to_original(
        self,
        xywh: NDArray[np.float32],
        score: NDArray[np.float32],
        landmarks: NDArray[np.float32] | None = None,
    ) -> Detections:
        """Maps detections back to the original image.

        Boxes are clipped to the image, those without an area in it are dropped, and the rest are
        ordered from left to right.

        Args:
            xywh: `(n, 4)`, left, top, width and height.
            score: `(n,)`.
            landmarks: `(n, 5, 2)` or None.
        """
        corners = np.stack([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1) * self.factor_xy
        inside = np.clip(corners, 0, np.array(self.original_wh, np.float32))
        xyxy = inside.reshape(-1, 4).astype(np.float32)
        order = np.argsort(xyxy[:, 0], kind="stable")
        kept = order[(xyxy[order, 2:] > xyxy[order, :2]).all(axis=1)]
        points = None if landmarks is None else (landmarks * self.factor_xy)[kept]
        return Detections(xyxy[kept], score[kept], points)


def scale_for_detection(image: NDArray[np.uint8], longest_side: int) -> Scaled:
    """Shrinks a large image, and enlarges a tiny one, to the input size of detectors.

    Args:
        image: `(height, width, 3)` RGB uint8.
        longest_side: maximum longest side of the result, in pixels.
    """
    check_image(image)
    height, width = image.shape[:2]
    longest = max(height, width)
    factor = min(longest_side / longest, max(1.0, _SMALLEST_SIDE / longest))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    if size != (width, height):
        interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        scaled = np.asarray(cv2.resize(image, size, interpolation=interpolation), np.uint8)
    else:
        scaled = image
    factor_xy = np.array([width / size[0], height / size[1]], np.float32)
    return Scaled(scaled, factor_xy, (width, height))


def detect_at(detector: Detector, image: NDArray[np.uint8], longest_side: int) -> Detections:
    """Finds the faces in an image shrunk to `longest_side`; boxes are in original pixels.

    Args:
        detector: a detector with this input size or a smaller one.
        image: `(height, width, 3)` RGB uint8.
        longest_side: in pixels.
    """
    if max(image.shape[:2]) <= longest_side:
        return detector.detect(image)
    scaled = scale_for_detection(image, longest_side)
    small = detector.detect(scaled.image)
    xywh = np.concatenate([small.xyxy[:, :2], small.xyxy[:, 2:] - small.xyxy[:, :2]], axis=1)
    return scaled.to_original(xywh, small.score, small.landmarks)
