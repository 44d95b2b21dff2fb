"""From one photo file to the rows of a results table: one per face, and one when there is none.

Whatever works through many photos uses `PhotoScorer`, in this process or in another, or makes its
rows with `RowFormat`: the rows, their columns and their order are the same everywhere.

>>> scorer = load_scorer(ScorerSettings(model="cnn", detector="yunet"))
>>> [(row["face"], row["label"]) for row in scorer.score_photo(data, file="party.jpg")]
[(1, 'happy'), (2, 'surprise')]
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import cv2

from fer_core.analysis import UNCERTAIN_BELOW, Analyzer, FaceResult, ImageAnalysis
from fer_core.cards import ModelCard
from fer_core.classifier import load_classifier
from fer_core.errors import InputRejected
from fer_core.faces import LANDMARKS, create_detector
from fer_core.images import MAX_BYTES, decode_image, read_image_bytes

if TYPE_CHECKING:
    import pandas as pd

Value = str | int | float | bool | None
Row = dict[str, Value]

Status = Literal["face", "no face", "failed"]
"""What a row stands for: a face, a photo without any, or a file that could not be scored."""

_PIXEL_DIGITS: Final = 2
_PROBABILITY_DIGITS: Final = 6


@dataclass(frozen=True)
class RowFormat:
    """The columns of a results table, and the rows for it.

    Attributes:
        model: name of the model.
        model_checksum: SHA-256 of its weights.
        detector: name of the face detector.
        labels: the model's classes.
        action_units: the action units that the model reads.
    """

    model: str
    model_checksum: str
    detector: str
    labels: tuple[str, ...]
    action_units: tuple[str, ...]

    @classmethod
    def of(cls, card: ModelCard, detector: str) -> RowFormat:
        """Returns the format of one model's results."""
        return cls(card.name, card.weights.sha256, detector, card.labels, card.action_units)

    @property
    def columns(self) -> dict[str, type[str] | type[int] | type[float] | type[bool]]:
        """The columns in order, with the type of their values; in all but `file` some are None.

        Boxes and landmarks are in pixels of the upright photo; landmarks are None where the
        detector gives none. `reason` is a keyword and `message` a sentence, for failed files.
        `file_sha256` is None for a file that was not read to its end, and for one over which a
        process died or took too long.
        """
        landmarks = [f"{name}_{axis}" for name in LANDMARKS for axis in "xy"]
        measured = ["x1", "y1", "x2", "y2", "detection_score", *landmarks]
        probabilities = [f"p_{name}" for name in (*self.labels, *self.action_units)]
        return {
            "file": str,
            "file_sha256": str,
            "status": str,
            "reason": str,
            "message": str,
            "width": int,
            "height": int,
            "face": int,
            **dict.fromkeys(measured, float),
            "label": str,
            "confidence": float,
            "uncertain": bool,
            **dict.fromkeys(probabilities, float),
            "model": str,
            "model_checksum": str,
            "detector": str,
        }

    def of_photo(
        self, file: str, file_sha256: str | None, analysis: ImageAnalysis, *, threshold: float
    ) -> list[Row]:
        """Returns one row per face from left to right, or the one row of a photo without faces.

        Args:
            file: the photo's name.
            file_sha256: as `photo_checksum` gives it.
            analysis: what was found on the photo.
            threshold: a face whose largest probability is below it is called uncertain.
        """
        known: Row = {
            "file_sha256": file_sha256,
            "width": analysis.width,
            "height": analysis.height,
        }
        if not analysis.faces:
            return [self._row(file, "no face", known)]
        return [
            self._row(file, "face", known | {"face": number} | _values(face, threshold))
            for number, face in enumerate(analysis.faces, 1)
        ]

    def failed(
        self, file: str, reason: str, message: str, *, file_sha256: str | None = None
    ) -> Row:
        """Returns the row of a file that could not be scored."""
        values: Row = {"file_sha256": file_sha256, "reason": reason, "message": message}
        return self._row(file, "failed", values)

    def to_frame(self, rows: Iterable[Row]) -> pd.DataFrame:
        """Returns rows as a table; a whole number or a truth stays one where others are missing."""
        import pandas as pd  # takes longer to import than the rest of the library

        kept = {int: "Int64", float: "float64", bool: "boolean"}
        types = {name: kept[kind] for name, kind in self.columns.items() if kind in kept}
        return pd.DataFrame(rows, columns=list(self.columns)).astype(types)

    def _row(self, file: str, status: Status, values: Row) -> Row:
        """Returns a row with every column; those that are not given are None."""
        constant: Row = {
            "file": file,
            "status": status,
            "model": self.model,
            "model_checksum": self.model_checksum,
            "detector": self.detector,
        }
        return dict.fromkeys(self.columns) | values | constant


@dataclass(frozen=True)
class ScorerSettings:
    """What another process needs to make the same scorer.

    Attributes:
        model: name of a saved model.
        detector: name of a face detector.
        threshold: a face whose largest probability is below it is called uncertain.
        threads: of one call; None leaves ONNX Runtime and OpenCV their own choice. With one worker
            per core 1 is best, for threads of several workers would wait for each other.
    """

    model: str
    detector: str
    threshold: float = UNCERTAIN_BELOW
    threads: int | None = None


class PhotoScorer:
    """Scores one photo after the other.

    Attributes:
        format: of the rows.
    """

    def __init__(self, analyzer: Analyzer, *, threshold: float = UNCERTAIN_BELOW) -> None:
        self._analyzer = analyzer
        self._threshold = threshold
        self.format = RowFormat.of(analyzer.classifier.card, analyzer.detector.name)

    def score_photo(self, data: bytes, *, file: str) -> list[Row]:
        """Scores one photo; a file that is none gives a row with the reason.

        Args:
            data: the whole file.
            file: the name it gets in the rows.

        Returns:
            One row per face from left to right, or the one row of a photo without faces or of a
            file that cannot be used.
        """
        checksum = photo_checksum(data)
        try:
            image = decode_image(data)
        except InputRejected as error:
            return [self.format.failed(file, error.reason, str(error), file_sha256=checksum)]
        analysis = self._analyzer.analyze(image)
        return self.format.of_photo(file, checksum, analysis, threshold=self._threshold)

    def score_file(self, path: Path, *, file: str) -> list[Row]:
        """Reads a file and does the same; one that cannot be read gives a row with the reason."""
        try:
            data = read_image_bytes(path)
        except InputRejected as error:
            return [self.format.failed(file, error.reason, str(error))]
        return self.score_photo(data, file=file)


def photo_checksum(data: bytes) -> str | None:
    """Returns the SHA-256 of a photo file as hexadecimal digits.

    Args:
        data: the whole file; of one that is larger than `MAX_BYTES` perhaps only the beginning, so
            for that the answer is None.
    """
    return hashlib.sha256(data).hexdigest() if len(data) <= MAX_BYTES else None


def load_scorer(settings: ScorerSettings) -> PhotoScorer:
    """Makes a scorer, in the process that is to use it.

    Raises:
        ModelError: there is no such model or detector, or it is damaged.
    """
    if settings.threads is None:
        classifier = load_classifier(settings.model)
    else:
        cv2.setNumThreads(settings.threads)
        classifier = load_classifier(settings.model, threads=settings.threads)
    analyzer = Analyzer(classifier, create_detector(settings.detector))
    return PhotoScorer(analyzer, threshold=settings.threshold)


def _values(face: FaceResult, threshold: float) -> Row:
    values: Row = {
        "detection_score": round(face.detection_score, _PROBABILITY_DIGITS),
        "label": face.label,
        "confidence": round(face.confidence, _PROBABILITY_DIGITS),
        "uncertain": face.is_uncertain(threshold),
    }
    for name, pixels in zip(("x1", "y1", "x2", "y2"), face.xyxy, strict=True):
        values[name] = round(pixels, _PIXEL_DIGITS)
    if face.landmarks is not None:
        for name, (x, y) in zip(LANDMARKS, face.landmarks.tolist(), strict=True):
            values[f"{name}_x"] = round(x, _PIXEL_DIGITS)
            values[f"{name}_y"] = round(y, _PIXEL_DIGITS)
    named = dict(zip(face.labels, face.probabilities.tolist(), strict=True))
    for name, probability in (named | dict(face.action_units)).items():
        values[f"p_{name}"] = round(probability, _PROBABILITY_DIGITS)
    return values
