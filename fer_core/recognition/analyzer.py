"""From an image to faces with probabilities, for all uses.

>>> analysis = analyze_image(read_image("party.jpg"))
>>> [(face.label, round(face.confidence, 2)) for face in analysis.faces]
[('happy', 0.97), ('surprise', 0.64)]
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.faces import PHOTO_SIDE, Detector, create_detector, crop_faces
from fer_core.imaging import check_image
from fer_core.preprocessing import preprocess_batch
from fer_core.recognition.face_columns import (
    OF_RUN,
    UNCERTAIN,
    Value,
    face_values,
    image_columns,
    names_of,
)
from fer_core.zoo import Classifier, ModelStore, load_classifier

if TYPE_CHECKING:
    import pandas as pd

_Analysis = TypeVar("_Analysis", bound="ImageAnalysis")

UNCERTAIN_BELOW: Final = 0.5
"""Default threshold: a prediction with a lower confidence is `uncertain`."""


def check_threshold(threshold: float) -> None:
    """Checks that a threshold is valid.

    Raises:
        ValueError: it is not from 0 to 1.
    """
    if not 0 <= threshold <= 1:  # also rejects NaN
        raise ValueError(f"Expected a threshold from 0 to 1. Received: threshold={threshold}")


@dataclass(frozen=True, eq=False)
class FaceResult:
    """One face and the expression it appears to show.

    Attributes:
        xyxy: left, top, right and bottom of the face in pixels of the image.
        detection_score: confidence of the detector, in [0, 1].
        labels: the model's classes.
        probabilities: `(k,)` float32, one per label; they sum to 1.
        crop: `(side, side, 3)` RGB uint8, the face crop for the classifier; with side 0 where only
            the numbers were kept.
        action_units: the probability of each action unit that the model predicts, such as `AU12`;
            empty for other models.
        landmarks: `(5, 2)` float32, the points of `faces.LANDMARKS` in pixels of the image, or None
            where the detector gives none.
    """

    xyxy: tuple[float, float, float, float]
    detection_score: float
    labels: tuple[str, ...]
    probabilities: NDArray[np.float32]
    crop: NDArray[np.uint8]
    action_units: Mapping[str, float] = field(default_factory=dict)
    landmarks: NDArray[np.float32] | None = None

    @property
    def label(self) -> str:
        """The most probable label."""
        return self.labels[int(self.probabilities.argmax())]

    @property
    def confidence(self) -> float:
        """The largest probability."""
        return float(self.probabilities.max())

    def is_uncertain(self, threshold: float = UNCERTAIN_BELOW) -> bool:
        """Returns whether the largest probability is below `threshold`."""
        return self.confidence < threshold

    def prediction(self, threshold: float = UNCERTAIN_BELOW) -> str:
        """Returns the label, or `UNCERTAIN` below the threshold."""
        return UNCERTAIN if self.is_uncertain(threshold) else self.label

    def top(self, k: int) -> list[tuple[str, float]]:
        """Returns the `k` most probable labels with their probabilities, best first."""
        order = np.argsort(-self.probabilities, kind="stable")[:k]
        return [(self.labels[index], float(self.probabilities[index])) for index in order]


@dataclass(frozen=True, eq=False)
class ImageAnalysis:
    """All faces of one image, from left to right; no faces is a normal result.

    Attributes:
        width: image width in pixels.
        height: image height in pixels.
        faces: the detected faces.
        labels: the model's classes.
        model: name of the model.
        model_checksum: SHA-256 of its weights.
        detector: name of the detector.
        detection_ms: time spent on detection.
        classification_ms: time spent on cropping and classification.
        action_units: the action units that the model predicts.
        threshold: predictions with a lower confidence are `uncertain`, in the table and in JSON.
    """

    width: int
    height: int
    faces: tuple[FaceResult, ...]
    labels: tuple[str, ...]
    model: str
    model_checksum: str
    detector: str
    detection_ms: float
    classification_ms: float
    action_units: tuple[str, ...] = ()
    threshold: float = UNCERTAIN_BELOW

    def without_crops(self: _Analysis) -> _Analysis:
        """Returns the same results without face crops, to save memory."""
        no_crop = np.empty((0, 0, 3), np.uint8)
        faces = tuple(dataclasses.replace(face, crop=no_crop) for face in self.faces)
        return dataclasses.replace(self, faces=faces)

    def at_threshold(self: _Analysis, threshold: float) -> _Analysis:
        """Returns the same faces with predictions at another threshold.

        Raises:
            ValueError: it is not from 0 to 1.
        """
        check_threshold(threshold)
        return dataclasses.replace(self, threshold=threshold)

    @property
    def run(self) -> dict[str, Value]:
        """Model, detector and threshold, by the names of `face_columns.OF_RUN`."""
        return {name: getattr(self, name) for name in names_of(OF_RUN)}

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per face, with the columns of `face_columns.image_columns`."""
        import pandas as pd  # takes longer to import than the rest of the library

        columns = names_of(image_columns(self.labels, self.action_units))
        return pd.DataFrame([row | self.run for row in self.rows()], columns=columns)

    def rows(self) -> list[dict[str, Value]]:
        """Returns the table rows of the faces, without `run`, which is the same for all."""
        return [
            {"face_id": number} | face_values(face, self.threshold)
            for number, face in enumerate(self.faces, 1)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Returns everything except pixels as plain JSON values."""
        return {
            "width": self.width,
            "height": self.height,
            **self.run,
            "detection_ms": round(self.detection_ms, 2),
            "classification_ms": round(self.classification_ms, 2),
            "faces": self.rows(),
        }

    def to_json(self) -> str:
        """Returns `to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2)


class Analyzer:
    """A detector with a classifier. Can be shared between threads.

    Attributes:
        classifier: predicts the expression of a face.
        detector: finds the faces.
    """

    def __init__(self, classifier: Classifier, detector: Detector) -> None:
        self.classifier = classifier
        self.detector = detector

    def analyze(self, image: NDArray[np.uint8]) -> ImageAnalysis:
        """Finds and classifies every face in an image.

        Args:
            image: `(height, width, 3)` RGB uint8.

        Raises:
            ImageArrayError: `image` is something else, has another shape or dtype, or no pixels.
        """
        check_image(image)
        started = time.perf_counter()
        detections = self.detector.detect(image)
        detected = time.perf_counter()
        crops = crop_faces(image, detections)
        config = self.classifier.card.preprocessing
        predictions = self.classifier.predict_all(preprocess_batch(crops, config))
        classified = time.perf_counter()

        labels, units = self.classifier.labels, self.classifier.action_units
        points = detections.landmarks
        faces = []
        for index, crop in enumerate(crops):
            left, top, right, bottom = detections.xyxy[index].tolist()
            score = float(detections.score[index])
            faces.append(
                FaceResult(
                    (left, top, right, bottom),
                    score,
                    labels,
                    predictions.probabilities[index],
                    crop,
                    dict(zip(units, predictions.action_units[index].tolist(), strict=True)),
                    None if points is None else points[index],
                )
            )
        return ImageAnalysis(
            width=image.shape[1],
            height=image.shape[0],
            faces=tuple(faces),
            labels=labels,
            model=self.classifier.card.name,
            model_checksum=self.classifier.card.weights.sha256,
            detector=self.detector.name,
            detection_ms=(detected - started) * 1000.0,
            classification_ms=(classified - detected) * 1000.0,
            action_units=units,
        )


def load_analyzer(
    model: str | None = None,
    detector: str | None = None,
    *,
    longest_side: int = PHOTO_SIDE,
    store: ModelStore | None = None,
) -> Analyzer:
    """Returns an analyzer, by default for photos. Analyzers are cached.

    Args:
        model: name of a saved model; None selects the most accurate.
        detector: as for `create_detector`.
        longest_side: likewise.
        store: where the saved models are; by default `ModelStore.default()`.

    Raises:
        ModelError: there is no such model or detector, or no model at all, or it is damaged.
    """
    store = store or ModelStore.default()
    card = store.list_models().default if model is None else store.load_card(model)
    if card is None:
        raise ModelError(
            f"There is no usable model in {store.folder}. Train and export one, or download the "
            "saved models again."
        )
    return _load_analyzer(store, card.name, card.fingerprint, detector, longest_side)


def analyze_image(
    image: NDArray[np.uint8],
    *,
    model: str | None = None,
    detector: str | None = None,
    threshold: float = UNCERTAIN_BELOW,
) -> ImageAnalysis:
    """Finds and classifies every face in a photo.

    Args:
        image: `(height, width, 3)` RGB uint8, as from `read_image`.
        model: name of a saved model; None selects the most accurate.
        detector: name of a face detector; None selects the best available.
        threshold: predictions with a lower confidence are `uncertain`.

    Raises:
        ModelError: there is no such model or detector, or it is damaged.
        ImageArrayError: `image` is something else, has another shape or dtype, or no pixels.
        ValueError: `threshold` is not from 0 to 1.
    """
    check_threshold(threshold)
    return load_analyzer(model, detector).analyze(image).at_threshold(threshold)


@lru_cache(maxsize=8)
def _load_analyzer(
    store: ModelStore, model: str, fingerprint: str, detector: str | None, longest_side: int
) -> Analyzer:
    # The fingerprint changes when a model is exported again under the same name.
    return Analyzer(
        load_classifier(model, store=store), create_detector(detector, longest_side=longest_side)
    )
