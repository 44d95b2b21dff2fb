"""The photos of one visitor and their results, in memory.

Photos are added and removed while a thread analyzes them, each once per pair of model and detector.
Only numbers are kept of a result; faces are cropped again when a photo is shown.
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
from fer_core.faces import crop_faces
from fer_core.imaging import decode_image
from fer_core.machine import FairSlots
from fer_core.recognition.analyzer import Analyzer, ImageAnalysis
from fer_core.recognition.photo_table import photo_checksum

MAX_PHOTOS: Final = 500
MAX_TOTAL_BYTES: Final = 300 * 2**20
"""Total size of the files in a set."""

MAX_KEPT_FACES: Final = 20_000
"""Results of other models or detectors are kept up to this total number of faces, about 20 MB. Each
photo counts as one additional face."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class FileInMemory:
    """An uploaded file.

    Attributes:
        key: identifies the file, also among files of the same name.
        name: file name.
        data: content of the file.
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
    """The result of one photo: an analysis, or the reason for a failure.

    Attributes:
        checksum: of the file, from `photo_checksum`.
        analysis: without face crops; None for a file that cannot be used.
        rejection: why it cannot be used; else None.
    """

    checksum: str | None
    analysis: ImageAnalysis | None
    rejection: InputRejected | None

    @property
    def size(self) -> int:
        """Its contribution to `MAX_KEPT_FACES`."""
        return 1 if self.analysis is None else 1 + len(self.analysis.faces)


@dataclass(frozen=True)
class SetProgress:
    """Progress of the analysis of a set.

    Attributes:
        done: photos with a result.
        photos: photos in the set.
        name: of the current photo; empty at the end.
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
    """Photos and their results. Thread-safe."""

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
        """The photos in the order in which they were added."""
        with self._lock:
            return tuple(self._photos.values())

    def photo(self, key: str) -> FileInMemory:
        """Returns the photo with a key."""
        with self._lock:
            return self._photos[key]

    def add(self, photos: Iterable[FileInMemory]) -> tuple[FileInMemory, ...]:
        """Adds photos up to `MAX_PHOTOS` and `MAX_TOTAL_BYTES`; returns those not added."""
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
        """Removes photos and their results."""
        with self._lock:
            for key in keys:
                self._photos.pop(key, None)
                for results in self._results.values():
                    results.pop(key, None)

    def results(self, by: AnalyzedBy) -> dict[str, PhotoResult]:
        """Returns the results so far, by photo key."""
        with self._lock:
            return dict(self._results.get(by, {}))

    def progress(self, by: AnalyzedBy, name: str = "") -> SetProgress:
        """Returns the progress for one model and detector."""
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
        """Stores a result, unless its photo was removed.

        When there are too many faces, the results of the least recently used model and detector are
        removed; those of the current ones always stay.
        """
        with self._lock:
            if key not in self._photos:
                return
            self._results[by] = self._results.pop(by, {})  # now the most recent
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
    """Analyzes every photo without a result, including photos added meanwhile.

    Each photo requests its own slot, so a visitor with one photo does not wait for hundreds of
    photos of another.

    Args:
        photos: the set, which also receives the results.
        analyzer: finds and classifies the faces.
        by: model and detector of `analyzer`.
        slots: limit how many photos, of all visitors, are analyzed at the same time.
        owner: owner of the photos, for fair scheduling.
        progress: called before each photo.
        should_stop: called before each photo.

    Returns:
        The final progress.
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
    """Returns an analysis without crops with the faces cropped again.

    Args:
        analysis: of the image.
        image: `(height, width, 3)` RGB uint8, the same image.
    """
    crops = tuple(crop_faces(image, analysis.faces.detections))
    faces = dataclasses.replace(analysis.faces, crops=crops)
    return dataclasses.replace(analysis, faces=faces)


def _result_of(photo: FileInMemory, checksum: str | None, analyzer: Analyzer) -> PhotoResult:
    try:
        analysis = analyzer.analyze(decode_image(photo.data)).without_crops()
    except InputRejected as error:
        # A new exception: the traceback of the old one would keep the image in memory.
        return PhotoResult(checksum, None, InputRejected(str(error), reason=error.reason))
    except Exception:  # one photo must not stop the others
        _logger.exception("A photo could not be analyzed")
        message = (
            "This photo could not be analyzed (internal error); other photos are not affected."
        )
        return PhotoResult(checksum, None, InputRejected(message, reason="unreadable"))
    return PhotoResult(checksum, analysis, None)
