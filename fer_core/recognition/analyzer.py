"""From an image to faces with probabilities, for all uses.

>>> analysis = analyze_image(read_image("party.jpg"))
>>> [(face.label, round(face.confidence, 2)) for face in analysis.faces]
[('happy', 0.97), ('surprise', 0.64)]
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.faces import PHOTO_SIDE, Detections, Detector, create_detector, crop_faces
from fer_core.imaging import check_image
from fer_core.preprocessing import preprocess_batch
from fer_core.recognition.face_columns import UNCERTAIN_BELOW, Row, image_columns, names_of
from fer_core.recognition.face_table import RunInfo, Table, face_table, rows_of
from fer_core.recognition.faces import Faces
from fer_core.zoo import Classifier, ModelStore, load_classifier

if TYPE_CHECKING:
    import pandas as pd


def check_threshold(threshold: float) -> None:
    """Checks that a threshold is valid.

    Raises:
        ValueError: it is not from 0 to 1.
    """
    if not 0 <= threshold <= 1:  # also rejects NaN
        raise ValueError(f"Expected a threshold from 0 to 1. Received: threshold={threshold}")


@dataclass(frozen=True, eq=False)
class ImageAnalysis(RunInfo):
    """All faces of one image or frame, from left to right; no faces is a normal result.

    Attributes:
        width: image width in pixels.
        height: image height in pixels.
        faces: the faces; those of a video frame are tracked.
        detection_ms: time spent on detection.
        classification_ms: time spent on cropping and classification.
    """

    width: int
    height: int
    faces: Faces
    detection_ms: float
    classification_ms: float

    @property
    def labels(self) -> tuple[str, ...]:
        """The model's classes."""
        return self.faces.labels

    @property
    def action_units(self) -> tuple[str, ...]:
        """The action units that the model predicts."""
        return self.faces.action_units

    def without_crops(self) -> ImageAnalysis:
        """Returns the same results without face crops, to save memory."""
        return dataclasses.replace(self, faces=dataclasses.replace(self.faces, crops=()))

    def at_threshold(self, threshold: float) -> ImageAnalysis:
        """Returns the same faces with predictions at another threshold.

        Raises:
            ValueError: it is not from 0 to 1.
        """
        check_threshold(threshold)
        return dataclasses.replace(self, threshold=threshold)

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per face, with the columns of `face_columns.image_columns`."""
        import pandas as pd  # takes longer to import than the rest of the library

        return pd.DataFrame(self._table())

    def rows(self) -> list[Row]:
        """Returns the table rows of the faces, without `run`, which is the same for all."""
        table = self._table()
        return rows_of({name: table[name] for name in table if name not in self.run})

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

    def _table(self) -> Table:
        is_tracked = self.faces.track_id is not None
        columns = image_columns(self.labels, self.action_units, is_tracked=is_tracked)
        return face_table(self.faces, names_of(columns), {}, self)


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
        faces = self.classify(detections, crop_faces(image, detections))
        return self.analysis(image, faces, started, detected)

    def classify(self, detections: Detections, crops: Sequence[NDArray[np.uint8]]) -> Faces:
        """Predicts the expressions of n detected faces from their crops."""
        config = self.classifier.card.preprocessing
        predictions = self.classifier.predict_all(preprocess_batch(crops, config))
        return Faces.of(self.classifier, detections, predictions, crops)

    def analysis(
        self,
        image: NDArray[np.uint8],
        faces: Faces,
        started: float,
        detected: float,
        threshold: float = UNCERTAIN_BELOW,
    ) -> ImageAnalysis:
        """Returns the result for an image, given when its detection started and ended."""
        return ImageAnalysis(
            width=image.shape[1],
            height=image.shape[0],
            faces=faces,
            detection_ms=(detected - started) * 1000.0,
            classification_ms=(time.perf_counter() - detected) * 1000.0,
            model=self.classifier.card.name,
            model_checksum=self.classifier.card.weights.sha256,
            detector=self.detector.name,
            threshold=threshold,
        )


def load_analyzer(
    model: str | None = None,
    detector: str | None = None,
    *,
    longest_side: int = PHOTO_SIDE,
    store: ModelStore | None = None,
) -> Analyzer:
    """Returns an analyzer, by default with the sides of photos. Analyzers are cached.

    Args:
        model: name of a saved model; None selects the most accurate single one.
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


def load_analyzer_for_photos(
    model: str | None = None, detector: str | None = None, *, store: ModelStore | None = None
) -> Analyzer:
    """Returns an analyzer as `load_analyzer`, by default with the best model for photos.

    That is `ModelListing.default_for_photos`, which may be an ensemble and too slow for video.
    """
    store = store or ModelStore.default()
    if model is None:
        best = store.list_models().default_for_photos
        model = None if best is None else best.name
    return load_analyzer(model, detector, store=store)


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
        model: name of a saved model; None selects the best for photos.
        detector: name of a face detector; None selects the best available.
        threshold: predictions with a lower confidence are `uncertain`.

    Raises:
        ModelError: there is no such model or detector, or it is damaged.
        ImageArrayError: `image` is something else, has another shape or dtype, or no pixels.
        ValueError: `threshold` is not from 0 to 1.
    """
    check_threshold(threshold)
    return load_analyzer_for_photos(model, detector).analyze(image).at_threshold(threshold)


@lru_cache(maxsize=8)
def _load_analyzer(
    store: ModelStore, model: str, fingerprint: str, detector: str | None, longest_side: int
) -> Analyzer:
    # The fingerprint changes when a model is exported again under the same name.
    return Analyzer(
        load_classifier(model, store=store), create_detector(detector, longest_side=longest_side)
    )
