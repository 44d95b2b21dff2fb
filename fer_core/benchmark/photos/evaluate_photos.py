"""Runs saved models over labeled photos: one detection per photo serves all models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.batch import LostTask, run_in_workers
from fer_core.benchmark import NO_FACE, PRE_CROPPED, EvaluationEntry, LabeledRows, PhotoEvaluation
from fer_core.benchmark.photos.class_matching import ClassMatching
from fer_core.benchmark.photos.labeled_photos import LabeledPhotos, ReadPhoto
from fer_core.errors import InputRejected
from fer_core.faces import Detections, Detector, choose_face, create_detector, crop_faces
from fer_core.imaging import decode_image
from fer_core.preprocessing import preprocess_batch
from fer_core.quality import MEASURES, measure_crop, measure_face
from fer_core.zoo import Classifier, ModelStore, RunnableCard, load_classifier, with_distinct_titles

TIMEOUT_S: Final = 120.0
"""Of one photo in another process."""

_TITLES: Final = {"yunet": "YuNet", "haar": "Haar"}


@dataclass(frozen=True, eq=False)
class FoundFace:
    """The face of a photo with every model's probabilities, or why there is none.

    Attributes:
        reason: `NO_FACE`, or a sentence; "" if there is a face.
        probabilities: by model, `(k,)` float32, not calibrated.
        xyxy: left, top, right and bottom in pixels of the photo; None if pre-cropped.
        measures: by name, see `fer_core.quality`.
    """

    reason: str
    probabilities: Mapping[str, NDArray[np.float32]]
    xyxy: tuple[float, float, float, float] | None
    measures: Mapping[str, float]


@dataclass(frozen=True)
class EvaluationSettings:
    """How photos are evaluated.

    Attributes:
        models: names of saved models, at least one.
        detector: name of the face detector; None for the best available.
        pre_cropped: whether every photo is one face, so that none has to be found.
    """

    models: tuple[str, ...]
    detector: str | None = None
    pre_cropped: bool = False

    def resolved(self) -> EvaluationSettings:
        """Returns the settings with the name of the detector, None if photos are pre-cropped.

        Raises:
            ModelError: the detector is missing or damaged.
        """
        if self.pre_cropped:
            return replace(self, detector=None)
        return replace(self, detector=create_detector(self.detector).name)


class FaceFinder:
    """Finds the labeled face of a photo and classifies it with every model.

    Args:
        classifiers: by the models' names.
        detector: finds faces; None if photos are pre-cropped.
    """

    def __init__(self, classifiers: Mapping[str, Classifier], detector: Detector | None) -> None:
        self._classifiers = classifiers
        self._detector = detector

    def find(self, data: bytes, labeled: NDArray[np.float64] | None = None) -> FoundFace:
        """Analyzes a photo.

        Args:
            data: content of the file.
            labeled: `(4,)`, the box of the labeled face; None for the largest.
        """
        try:
            image = decode_image(data)
        except InputRejected as error:
            return FoundFace(str(error), {}, None, {})
        if self._detector is None:
            return FoundFace("", self._classify([image]), None, measure_crop(image).to_dict())
        found = self._detector.detect(image)
        chosen = choose_face(found.xyxy, labeled)
        if chosen is None:
            return FoundFace(NO_FACE, {}, None, {})
        points = None if found.landmarks is None else found.landmarks[chosen : chosen + 1]
        face = Detections(found.xyxy[chosen : chosen + 1], found.score[chosen : chosen + 1], points)
        measures = measure_face(
            image, face.xyxy[0], None if points is None else points[0], faces=len(found)
        )
        left, top, right, bottom = face.xyxy[0].tolist()
        return FoundFace(
            "",
            self._classify(crop_faces(image, face)),
            (left, top, right, bottom),
            measures.to_dict(),
        )

    def _classify(self, crops: Sequence[NDArray[np.uint8]]) -> dict[str, NDArray[np.float32]]:
        return {
            name: classifier.predict(
                preprocess_batch(crops, classifier.card.preprocessing), calibrated=False
            )[0]
            for name, classifier in self._classifiers.items()
        }


def evaluate_photos(
    photos: LabeledPhotos,
    matching: ClassMatching,
    settings: EvaluationSettings,
    *,
    workers: int | None = None,
    finder: FaceFinder | None = None,
    known: Mapping[str, FoundFace] | None = None,
    on_found: Callable[[str, FoundFace], None] = lambda name, face: None,
    progress: Callable[[int, int], None] = lambda done, photos: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> PhotoEvaluation | None:
    """Evaluates models on labeled photos.

    Photos of a class that a model does not know are left out for all models.

    Args:
        photos: from `open_photos`.
        matching: how their class names are read.
        settings: models and detection.
        workers: number of processes; None works in this one, with `finder`.
        finder: made of `settings` if None.
        known: faces by photo, of an earlier run that was interrupted.
        on_found: called with every new face, by photo.
        progress: called with the number of finished photos and of all.
        should_stop: called after each photo; if true, the evaluation has the finished photos only.

    Returns:
        None if it was stopped before a photo was finished.

    Raises:
        InputRejected: no photo has a class that all models know.
        ModelError: a model or detector is missing or damaged.
    """
    settings, cards = settings.resolved(), _cards(settings)
    every = photos.labeled(matching)
    known_labels = set.intersection(*(set(card.labels) for card in cards))
    rows = every.of_classes(known_labels)
    if not len(rows):
        raise InputRejected(
            f"No photo has a class of {' and '.join(card.title for card in cards)}.",
            reason="empty",
        )
    found = dict(known or {})
    todo = [name for name in rows.id if name not in found]
    row_of = {name: row for row, name in enumerate(photos.ids)}
    tasks = [(name, photos.box(row_of[name])) for name in todo]
    setup = _Setup(photos.read, settings)
    faces = (
        _here(tasks, photos.read, finder or setup.finder())
        if workers is None
        else _elsewhere(tasks, setup, workers)
    )
    for name, face in faces:
        found[name] = face
        on_found(name, face)
        progress(len(rows) - len(todo) + len(found) - len(known or {}), len(rows))
        if should_stop():
            break
    finished = [row for row, name in enumerate(rows.id) if name in found]
    if not finished:
        return None
    left_out = {
        label: count
        for index, label in enumerate(every.labels)
        if label not in known_labels and (count := int((every.label == index).sum()))
    }
    notes = _notes(photos, matching)
    if len(finished) < len(rows):
        notes = (*notes, f"Stopped after {len(finished):,} of {len(rows):,} photos.")
    kept = rows.take(np.array(finished))
    return _evaluation(photos.name, kept, cards, settings, found, left_out, notes)


@dataclass(frozen=True)
class _Setup:
    """Creates the function that analyzes one photo; called in each worker."""

    read: ReadPhoto
    settings: EvaluationSettings

    def finder(self, load: Callable[[str], Classifier] = load_classifier) -> FaceFinder:
        classifiers = {name: load(name) for name in self.settings.models}
        detector = None if self.settings.pre_cropped else create_detector(self.settings.detector)
        return FaceFinder(classifiers, detector)

    def __call__(self) -> Callable[[tuple[str, NDArray[np.float64] | None]], FoundFace]:
        cv2.setNumThreads(1)
        finder = self.finder(partial(load_classifier, threads=1))
        return lambda task: _read_and_find(*task, self.read, finder)


def _here(
    tasks: Sequence[tuple[str, NDArray[np.float64] | None]], read: ReadPhoto, finder: FaceFinder
) -> Iterator[tuple[str, FoundFace]]:
    for name, box in tasks:
        yield name, _read_and_find(name, box, read, finder)


def _elsewhere(
    tasks: Sequence[tuple[str, NDArray[np.float64] | None]], setup: _Setup, workers: int
) -> Iterator[tuple[str, FoundFace]]:
    results = run_in_workers(tasks, setup, workers=workers, timeout_s=TIMEOUT_S)
    for index, face in results:
        if isinstance(face, LostTask):
            face = FoundFace(face.message, {}, None, {})
        yield tasks[index][0], face


def _read_and_find(
    name: str, box: NDArray[np.float64] | None, read: ReadPhoto, finder: FaceFinder
) -> FoundFace:
    try:
        data = read(name)
    except InputRejected as error:
        return FoundFace(str(error), {}, None, {})
    return finder.find(data, box)


def _cards(settings: EvaluationSettings) -> list[RunnableCard]:
    return list(with_distinct_titles(ModelStore.default().load_cards(settings.models)))


def _notes(photos: LabeledPhotos, matching: ClassMatching) -> tuple[str, ...]:
    """What a reader must know about the photos: how their classes are read, and what is missing."""
    other = [
        f"{name} as {label}"
        for name, label in matching.read_as.items()
        if name.strip().lower() != label
    ]
    ignored = [
        f"{count:,} of {name}"
        for name, count in matching.photos.items()
        if name not in matching.read_as
    ]
    return (
        *([f"Classes are read as confirmed: {', '.join(other)}."] if other else ()),
        *([f"Photos without a known class are left out: {', '.join(ignored)}."] if ignored else ()),
        *(f"Skipped: {each}." for each in photos.skipped),
    )


def _evaluation(
    name: str,
    rows: LabeledRows,
    cards: Sequence[RunnableCard],
    settings: EvaluationSettings,
    found: Mapping[str, FoundFace],
    left_out: Mapping[str, int],
    notes: tuple[str, ...],
) -> PhotoEvaluation:
    faces = [found[name] for name in rows.id]
    reasons = np.array([face.reason for face in faces], np.str_)
    at = np.flatnonzero(reasons == "")
    boxes = [faces[row].xyxy for row in at]
    measured = {
        name: np.array([face.measures.get(name, np.nan) for face in faces]) for name in MEASURES
    }
    return PhotoEvaluation(
        name=name,
        created=datetime.now(UTC),
        photos=rows.with_measures(measured),
        entries={
            card.name: EvaluationEntry(
                name=card.name,
                title=card.title,
                kind="model",
                labels=card.labels,
                row=at,
                probabilities=np.array(
                    [faces[row].probabilities[card.name] for row in at], np.float32
                ).reshape(len(at), len(card.labels)),
                reasons=reasons,
                faces=PRE_CROPPED if settings.detector is None else _found_by(settings.detector),
                xyxy=None if settings.pre_cropped else np.array(boxes, np.float32).reshape(-1, 4),
                calibration=card.photo_calibration,
                checksum=card.weights.sha256,
            )
            for card in cards
        },
        left_out=left_out,
        notes=notes,
    )


def _found_by(detector: str) -> str:
    return f"found by {_TITLES.get(detector, detector)}"
