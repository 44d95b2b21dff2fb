"""Synthetic faces of a photo, with given probabilities."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Detections
from fer_core.labels.emotions import FER2013
from fer_core.recognition.faces import Faces
from fer_core.zoo.classifier import FacePredictions
from tests.stand_ins import brightness_classifier

Box = tuple[float, float, float, float]


def faces_with(
    probabilities: NDArray[np.float32],
    *,
    labels: tuple[str, ...] = FER2013,
    boxes: Sequence[Box] = (),
) -> Faces:
    """Returns n faces with these `(n, k)` probabilities, by default all in the same place."""
    n = len(probabilities)
    xyxy = np.array(boxes or [(0, 0, 9, 9)] * n, np.float32).reshape(-1, 4)
    faces = Faces.of(
        brightness_classifier(),
        Detections(xyxy, np.ones(n, np.float32)),
        FacePredictions(probabilities, np.empty((n, 0), np.float32)),
    )
    return dataclasses.replace(faces, labels=labels)


def faces_called(*called: tuple[str, float], boxes: Sequence[Box] = ()) -> Faces:
    """Returns a face for each label and its probability."""
    probabilities = np.empty((len(called), len(FER2013)), np.float32)
    for row, (label, confidence) in zip(probabilities, called, strict=True):
        row[:] = (1 - confidence) / (len(FER2013) - 1)
        row[FER2013.index(label)] = confidence
    return faces_with(probabilities, boxes=boxes)
