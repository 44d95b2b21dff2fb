"""From one photo file to the rows of a results table: one per face, or one without a face.

Everything that analyzes many photos uses `PhotoAnalyzer`, in this or another process, or creates
its rows with `RowFormat`, so rows, columns and order are the same everywhere.

>>> photo_analyzer = load_photo_analyzer(PhotoAnalyzerSettings(model="cnn", detector="yunet"))
>>> rows = photo_analyzer.analyze_photo(data, file="party.jpg")
>>> [(row["face_id"], row["prediction"]) for row in rows]
[(1, 'happy'), (2, 'surprise')]
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import cv2

from fer_core.errors import InputRejected
from fer_core.faces import create_detector
from fer_core.imaging import MAX_BYTES, decode_image, read_image_bytes
from fer_core.recognition.analyzer import Analyzer, ImageAnalysis
from fer_core.recognition.face_columns import UNCERTAIN, UNCERTAIN_BELOW, Kind, Row, photo_columns
from fer_core.recognition.face_table import RunInfo, face_table, rows_of
from fer_core.zoo import RunnableCard, load_classifier

if TYPE_CHECKING:
    import pandas as pd

Status = Literal["face", "no face", "failed"]
"""A face, a photo without a face, or a file that could not be analyzed."""


@dataclass(frozen=True, eq=False)
class RowFormat(RunInfo):
    """The columns of a results table, and the rows for it.

    Attributes:
        labels: the model's classes.
        action_units: the action units that the model predicts.
    """

    labels: tuple[str, ...]
    action_units: tuple[str, ...]

    @classmethod
    def of(cls, card: RunnableCard, detector: str, threshold: float) -> RowFormat:
        """Returns the format of one model's results."""
        return cls(
            card.labels,
            card.action_units,
            model=card.name,
            model_checksum=card.weights.sha256,
            detector=detector,
            threshold=threshold,
        )

    @cached_property
    def columns(self) -> dict[str, Kind]:
        """The columns of `face_columns.photo_columns` in order, with the type of their values.

        Values may be None in all but `file` and those that are the same in every row. Boxes and
        landmarks are in pixels of the upright photo; landmarks are None where the detector gives
        none. `reason` is a keyword and `message` a sentence, for failed files. `file_sha256` is
        None for a file that was not read completely, and for one on which a process crashed or
        timed out.
        """
        columns = photo_columns(self.labels, self.action_units)
        return {column.name: column.kind for column in columns}

    def of_photo(self, file: str, file_sha256: str | None, analysis: ImageAnalysis) -> list[Row]:
        """Returns one row per face from left to right, or the one row of a photo without faces.

        Args:
            file: the photo's name.
            file_sha256: from `photo_checksum`.
            analysis: of the photo.
        """
        photo: Row = {
            "file_sha256": file_sha256,
            "width": analysis.width,
            "height": analysis.height,
        }
        if not analysis.faces:
            return [self._row(file, "no face", photo)]
        place = photo | {"file": file, "status": "face"}
        return rows_of(face_table(analysis.faces, self.columns, place, self))

    def failed(
        self, file: str, reason: str, message: str, *, file_sha256: str | None = None
    ) -> Row:
        """Returns the row of a file that could not be analyzed."""
        values: Row = {"file_sha256": file_sha256, "reason": reason, "message": message}
        return self._row(file, "failed", values)

    def upgraded(self, row: Row) -> Row:
        """Converts a row of a run started by an older version to the current columns.

        Raises:
            InputRejected: it has neither the current nor the former columns.
        """
        if row.keys() == self.columns.keys():
            return row
        try:
            top_label = row["label"]
            former: Row = {
                "face_id": row["face"],
                "prediction": UNCERTAIN if row["uncertain"] else top_label,
                "top_label": top_label,
                "threshold": self.threshold,
            }
            return {name: (row | former).get(name) for name in self.columns}
        except KeyError as error:
            raise InputRejected(
                f"The unfinished run has rows without the column {error}, which this version "
                "cannot fill in. Delete the folder of the unfinished run and start again.",
                reason="unreadable",
            ) from error

    def to_frame(self, rows: Iterable[Row]) -> pd.DataFrame:
        """Returns rows as a table with nullable integer and boolean columns."""
        import pandas as pd  # takes longer to import than the rest of the library

        kept = {int: "Int64", float: "float64", bool: "boolean"}
        types = {name: kept[kind] for name, kind in self.columns.items() if kind in kept}
        return pd.DataFrame(rows, columns=list(self.columns)).astype(types)

    def _row(self, file: str, status: Status, values: Row) -> Row:
        """Returns a row without a face; missing values are None."""
        return dict.fromkeys(self.columns) | values | {"file": file, "status": status} | self.run


@dataclass(frozen=True)
class PhotoAnalyzerSettings:
    """What another process needs to create the same photo analyzer.

    Attributes:
        model: name of a saved model.
        detector: name of a face detector.
        threshold: predictions with a lower confidence are `uncertain`.
        threads: per call; None uses the defaults of ONNX Runtime and OpenCV. With one worker per
            core, 1 is best, because threads of several workers would compete.
    """

    model: str
    detector: str
    threshold: float = UNCERTAIN_BELOW
    threads: int | None = None


class PhotoAnalyzer:
    """Analyzes photos one at a time.

    Attributes:
        format: of the rows.
    """

    def __init__(self, analyzer: Analyzer, *, threshold: float = UNCERTAIN_BELOW) -> None:
        self._analyzer = analyzer
        self.format = RowFormat.of(analyzer.classifier.card, analyzer.detector.name, threshold)

    def analyze_photo(self, data: bytes, *, file: str) -> list[Row]:
        """Analyzes one photo; an unusable file gives a row with the reason.

        Args:
            data: content of the file.
            file: the name in the rows.

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
        return self.format.of_photo(file, checksum, analysis)

    def analyze_file(self, path: Path, *, file: str) -> list[Row]:
        """Reads and analyzes a file; one that cannot be read gives a row with the reason."""
        try:
            data = read_image_bytes(path)
        except InputRejected as error:
            return [self.format.failed(file, error.reason, str(error))]
        return self.analyze_photo(data, file=file)


def photo_checksum(data: bytes) -> str | None:
    """Returns the SHA-256 of a photo file as hexadecimal digits.

    Args:
        data: the whole file; for a file larger than `MAX_BYTES` perhaps only the beginning, so the
            result is None.
    """
    return hashlib.sha256(data).hexdigest() if len(data) <= MAX_BYTES else None


def load_photo_analyzer(settings: PhotoAnalyzerSettings) -> PhotoAnalyzer:
    """Creates a photo analyzer, in the process that uses it.

    Raises:
        ModelError: there is no such model or detector, or it is damaged.
    """
    if settings.threads is None:
        classifier = load_classifier(settings.model)
    else:
        cv2.setNumThreads(settings.threads)
        classifier = load_classifier(settings.model, threads=settings.threads)
    analyzer = Analyzer(classifier, create_detector(settings.detector))
    return PhotoAnalyzer(analyzer, threshold=settings.threshold)
