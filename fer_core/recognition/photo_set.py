"""Many photos of one visitor and what was found on each, in memory.

Photos come and go while a thread works through them. Each is analyzed once for each pair of model
and detector. What is kept of a result is numbers alone; faces are cut out again where one photo is
shown.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import InputRejected
from fer_core.faces import crop_square, face_square
from fer_core.imaging import decode_image
from fer_core.machine import FairSlots
from fer_core.recognition.analyzer import Analyzer, ImageAnalysis
from fer_core.recognition.photo_table import photo_checksum

MAX_PHOTOS: Final = 500
MAX_TOTAL_BYTES: Final = 300 * 2**20
"""Of the files in a set together."""

MAX_KEPT_FACES: Final = 20_000
"""Results of another model or detector are kept up to so many faces in all, about 20 MB. A photo
counts as one face more than it has."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class FileInMemory:
    """An uploaded file.

    Attributes:
        key: tells it from other files, also from those of the same name.
        name: of the file.
        data: the whole file.
    """

    key: str
    name: str
    data: bytes


@dataclass(frozen=True)
class AnalyzedBy:
    """Where a result comes from.

    Attributes:
        model: name of the model.
        fingerprint: of the model, see `ModelCard`.
        detector: name of the face detector.
    """

    model: str
    fingerprint: str
    detector: str


@dataclass(frozen=True, eq=False)
class PhotoResult:
    """What came of one photo: an analysis or the reason why there is none.

    Attributes:
        checksum: of the file, as `photo_checksum` gives it.
        analysis: without the faces' pixels; None for a file that cannot be used.
        rejection: why it cannot be used; else None.
    """

    checksum: str | None
    analysis: ImageAnalysis | None
    rejection: InputRejected | None

    @property
    def size(self) -> int:
        """How much it counts toward `MAX_KEPT_FACES`."""
        return 1 if self.analysis is None else 1 + len(self.analysis.faces)


@dataclass(frozen=True)
class SetProgress:
    """How far the work on a set is.

    Attributes:
        done: photos with a result.
        photos: photos in the set.
        name: of the photo that is looked at; empty at the end.
        version: of the set, see `PhotoSet.version`.
    """

    done: int
    photos: int
    name: str
    version: int

    @property
    def is_complete(self) -> bool:
        """Whether every photo has a result."""
        return self.done == self.photos


class PhotoSet:
    """Photos and their results; may be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = 0
        self._photos: dict[str, FileInMemory] = {}
        self._results: dict[AnalyzedBy, dict[str, PhotoResult]] = {}

    @property
    def version(self) -> int:
        """A number that grows with each photo that is added."""
        with self._lock:
            return self._version

    @property
    def photos(self) -> tuple[FileInMemory, ...]:
        """The photos in the order in which they came."""
        with self._lock:
            return tuple(self._photos.values())

    def photo(self, key: str) -> FileInMemory:
        """Returns the photo with a key."""
        with self._lock:
            return self._photos[key]

    def add(self, photos: Iterable[FileInMemory]) -> tuple[FileInMemory, ...]:
        """Takes photos up to `MAX_PHOTOS` and `MAX_TOTAL_BYTES`, and returns those not taken."""
        refused = []
        with self._lock:
            total = sum(len(photo.data) for photo in self._photos.values())
            for photo in photos:
                if photo.key in self._photos:
                    continue
                total += len(photo.data)
                if len(self._photos) == MAX_PHOTOS or total > MAX_TOTAL_BYTES:
                    total -= len(photo.data)
                    refused.append(photo)
                else:
                    self._photos[photo.key] = photo
                    self._version += 1
        return tuple(refused)

    def remove(self, keys: Collection[str]) -> None:
        """Drops photos and all that was found on them."""
        with self._lock:
            for key in keys:
                self._photos.pop(key, None)
                for results in self._results.values():
                    results.pop(key, None)

    def results(self, by: AnalyzedBy) -> dict[str, PhotoResult]:
        """Returns what there is so far, by the photos' keys."""
        with self._lock:
            return dict(self._results.get(by, {}))

    def progress(self, by: AnalyzedBy, name: str = "") -> SetProgress:
        """Returns how far the work with one model and detector is."""
        with self._lock:
            done = len(self._results.get(by, {}))
            return SetProgress(done, len(self._photos), name, self._version)

    def next_photo(self, by: AnalyzedBy) -> FileInMemory | None:
        """Returns the first photo without a result; None when there is none."""
        with self._lock:
            known = self._results.get(by, {})
            return next((photo for key, photo in self._photos.items() if key not in known), None)

    def same_file(self, by: AnalyzedBy, checksum: str | None) -> PhotoResult | None:
        """Returns the result of another photo with the same bytes; None when there is none."""
        if checksum is None:
            return None
        with self._lock:
            known = self._results.get(by, {}).values()
            return next((result for result in known if result.checksum == checksum), None)

    def keep(self, by: AnalyzedBy, key: str, result: PhotoResult) -> None:
        """Keeps a result, unless its photo is gone.

        When there are too many faces, the results of the model and detector that were used least
        recently go first; those of the current ones always stay.
        """
        with self._lock:
            if key not in self._photos:
                return
            self._results[by] = self._results.pop(by, {})  # now the last
            self._results[by][key] = result
            while len(self._results) > 1 and self._kept_faces() > MAX_KEPT_FACES:
                del self._results[next(iter(self._results))]

    def _kept_faces(self) -> int:
        return sum(one.size for results in self._results.values() for one in results.values())


def analyze_set(
    photos: PhotoSet,
    analyzer: Analyzer,
    by: AnalyzedBy,
    *,
    slots: FairSlots,
    owner: Hashable,
    progress: Callable[[SetProgress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> SetProgress:
    """Analyzes every photo that has no result yet, also those that are added meanwhile.

    Each photo asks for a slot of its own, so a visitor with one photo does not wait for the
    hundreds of another.

    Args:
        photos: to be analyzed; takes the results.
        analyzer: finds and classifies the faces.
        by: what `analyzer` is made of.
        slots: as many photos, of all visitors, are analyzed at once.
        owner: of the photos, for a fair order.
        progress: called before each photo.
        should_stop: asked before each photo.

    Returns:
        How far it came.
    """
    while not should_stop() and (photo := photos.next_photo(by)) is not None:
        progress(photos.progress(by, photo.name))
        checksum = photo_checksum(photo.data)
        result = photos.same_file(by, checksum)
        if result is None:
            with slots.slot(owner):
                result = _result_of(photo, checksum, analyzer)
        photos.keep(by, photo.key, result)
    return photos.progress(by)


def with_crops(analysis: ImageAnalysis, image: NDArray[np.uint8]) -> ImageAnalysis:
    """Returns an analysis that was kept without pixels with the faces cut out again.

    Args:
        analysis: of the picture.
        image: `(height, width, 3)` RGB uint8, the same picture.
    """
    faces = []
    for face in analysis.faces:
        square = face_square(np.array(face.xyxy, np.float32), face.landmarks)
        faces.append(dataclasses.replace(face, crop=crop_square(image, square)))
    return dataclasses.replace(analysis, faces=tuple(faces))


def _result_of(photo: FileInMemory, checksum: str | None, analyzer: Analyzer) -> PhotoResult:
    try:
        analysis = analyzer.analyze(decode_image(photo.data)).without_crops()
    except InputRejected as error:
        # A new one: with its traceback the error would keep the picture.
        return PhotoResult(checksum, None, InputRejected(str(error), reason=error.reason))
    except Exception:  # one photo must not keep the others from their results
        _logger.exception("A photo could not be analyzed")
        message = "Something went wrong with this photo; the others are not affected."
        return PhotoResult(checksum, None, InputRejected(message, reason="unreadable"))
    return PhotoResult(checksum, analysis, None)
