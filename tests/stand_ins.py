"""A fake detector and classifier with known predictions, instead of the slow real ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Detections
from fer_core.labels.emotions import FER2013
from fer_core.preprocessing.preprocess import PreprocessingConfig
from fer_core.zoo.cards import ModelCard, WeightsFile
from fer_core.zoo.classifier import Classifier


class FixedDetector:
    """Finds the same boxes on every picture."""

    notice: str | None = None

    def __init__(self, *boxes: Sequence[float], name: str = "fixed") -> None:
        self.name = name
        self._boxes = np.array(boxes, np.float32).reshape(-1, 4)

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        return Detections(self._boxes, np.full(len(self._boxes), 0.75, np.float32))


def brightness_classifier(
    name: str = "brightness", *, action_units: tuple[str, ...] = ()
) -> Classifier:
    """A classifier that predicts dark faces as angry and bright ones as neutral, both with 0.9.

    It predicts every action unit with the face's brightness as probability.
    """
    card = ModelCard.model_construct(
        name=name,
        labels=FER2013,
        action_units=action_units,
        input_shape=(48, 48, 1),
        preprocessing=PreprocessingConfig(scaling="unit"),
        temperature=None,
        weights=WeightsFile(sha256="ab" * 32, size_bytes=1),
    )

    def run(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        classes = len(FER2013)
        probabilities = np.full((len(faces), classes), 0.1 / (classes - 1), np.float32)
        brightness = faces.mean(axis=(1, 2, 3))
        is_bright = brightness > 0.5
        probabilities[np.arange(len(faces)), np.where(is_bright, classes - 1, 0)] = 0.9
        units = np.repeat(brightness[:, None], len(action_units), axis=1)
        return np.concatenate([probabilities, units], axis=1)

    return Classifier(card, run)


def dark_and_bright(height: int = 120, width: int = 200) -> NDArray[np.uint8]:
    """A picture, black on the left and nearly white on the right."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, width // 2 :] = (250, 240, 230)
    return image
