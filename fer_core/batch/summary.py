"""Summary statistics of a results table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fer_core.files import Skipped
from fer_core.recognition import UNCERTAIN_BELOW, ImageAnalysis, Row

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class BatchSummary:
    """The summary of a run.

    Attributes:
        files: photos in the table.
        without_face: photos on which no face was found.
        failures: files that could not be analyzed, by reason, most frequent first.
        expressions: number of faces by prediction, most frequent first; `uncertain` below the
            threshold.
        scored: photos that this run analyzed, without those of the runs that it resumed.
        seconds: duration of this run.
        skipped: skipped files, by reason.
        threshold: predictions with a lower confidence are `uncertain`.
    """

    files: int
    without_face: int
    failures: Mapping[str, int]
    expressions: Mapping[str, int]
    scored: int = 0
    seconds: float = 0.0
    skipped: tuple[Skipped, ...] = ()
    threshold: float = UNCERTAIN_BELOW

    @property
    def faces(self) -> int:
        """Number of faces."""
        return sum(self.expressions.values())

    @property
    def failed(self) -> int:
        """Number of files that could not be analyzed."""
        return sum(self.failures.values())

    @property
    def photos_per_second(self) -> float:
        """Photos per second of this run; 0 if it analyzed none."""
        return self.scored / self.seconds if self.scored and self.seconds > 0 else 0.0

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per figure: `figure`, `of` (a reason or a prediction) and `value`."""
        import pandas as pd  # slow to import

        rows: list[tuple[str, str, float]] = [
            ("files", "", self.files),
            ("faces", "", self.faces),
            ("without_face", "", self.without_face),
            ("failed", "", self.failed),
            *(("failed", reason, count) for reason, count in self.failures.items()),
            *(("skipped", one.reason, one.count) for one in self.skipped),
            *(("prediction", label, count) for label, count in self.expressions.items()),
            ("photos_per_second", "", self.photos_per_second),
            ("threshold", "", self.threshold),
        ]
        return pd.DataFrame(rows, columns=["figure", "of", "value"])

    @classmethod
    def of_analyses(
        cls, analyses: Iterable[ImageAnalysis], failures: Iterable[str], threshold: float
    ) -> BatchSummary:
        """Returns the summary of photos that were analyzed one by one.

        Args:
            analyses: of the photos that could be used.
            failures: failure reasons, one per file that could not be used.
            threshold: predictions with a lower confidence are `uncertain`.
        """
        photos = list(analyses)
        reasons = Counter(failures)
        expressions: Counter[str] = Counter()
        for photo in photos:
            expressions.update(photo.faces.prediction(threshold).tolist())
        return cls(
            files=len(photos) + reasons.total(),
            without_face=sum(not photo.faces for photo in photos),
            failures=dict(reasons.most_common()),
            expressions=dict(expressions.most_common()),
            threshold=threshold,
        )


@dataclass
class Tally:
    """Counts rows while passing them through."""

    _files: int = 0
    _without_face: int = 0
    _failures: Counter[str] = field(default_factory=Counter)
    _expressions: Counter[str] = field(default_factory=Counter)

    def counting(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yields the rows unchanged."""
        for row in rows:
            first_of_file = row["status"] != "face" or row["face_id"] == 1
            self._files += first_of_file
            self._without_face += row["status"] == "no face"
            if row["status"] == "failed":
                self._failures[str(row["reason"])] += 1
            if row["status"] == "face":
                self._expressions[str(row["prediction"])] += 1
            yield row

    def summary(
        self,
        *,
        scored: int,
        seconds: float,
        threshold: float,
        skipped: tuple[Skipped, ...] = (),
    ) -> BatchSummary:
        """Returns the summary of the counted rows."""
        return BatchSummary(
            self._files,
            self._without_face,
            dict(self._failures.most_common()),
            dict(self._expressions.most_common()),
            scored,
            seconds,
            skipped,
            threshold,
        )
