"""Accuracy by slices of the photos: by a user's own columns, and by what the pictures measure.

Each slice is compared with all other photos of its column. With many slices some differ by chance,
so p-values are corrected for all slices of all columns (Holm), and a slice is called worst only if
its corrected p-value is below 0.05.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark.photo_evaluation import PhotoEvaluation
from fer_core.evaluation import Interval
from fer_core.evaluation.comparison import SIGNIFICANCE_LEVEL, holm
from fer_core.evaluation.scores import proportion

if TYPE_CHECKING:
    import pandas as pd

FEWEST_PHOTOS: Final = 30
"""A slice with fewer photos is too small to say anything, and is not tested."""

MOST_VALUES: Final = 30
"""A column of text with more values, such as a file name, forms no slices."""

_RESAMPLES: Final = 10_000
_AT_ONCE: Final = 1000
_QUARTILES: Final = (0.25, 0.5, 0.75)


@dataclass(frozen=True, eq=False)
class Slice:
    """The photos with one value, or range of values, of a column.

    Attributes:
        column: the column.
        value: the value, or the range in words, e.g. `"48 to 81"`.
        is_photo: `(n,)`, which photos are in it.
        accuracy: over these photos; without a prediction they are errors.
        difference: accuracy minus that of the other photos with a value; None without others.
        p_value: of that difference, two-sided; None for slices that are not tested.
        p_holm: corrected for the number of tests.
    """

    column: str
    value: str
    is_photo: NDArray[np.bool_]
    accuracy: Interval
    difference: float | None
    p_value: float | None
    p_holm: float | None = None

    @property
    def photos(self) -> int:
        """Number of photos."""
        return int(self.is_photo.sum())

    @property
    def is_too_small(self) -> bool:
        """Whether it has fewer than `FEWEST_PHOTOS` photos."""
        return self.photos < FEWEST_PHOTOS

    @property
    def is_significant(self) -> bool:
        """Whether its accuracy differs from that of the other photos."""
        return self.p_holm is not None and self.p_holm < SIGNIFICANCE_LEVEL


@dataclass(frozen=True, eq=False)
class SliceReport:
    """All slices for one entry.

    Attributes:
        entry: name of the entry.
        accuracy: over all photos.
        slices: by column, in the order of the columns.
        unknown: photos without a value, by column, where there are any.
        not_sliced: sentences about columns without slices, by column.
    """

    entry: str
    accuracy: Interval
    slices: tuple[Slice, ...]
    unknown: Mapping[str, int]
    not_sliced: Mapping[str, str]

    @property
    def worst(self) -> Slice | None:
        """The slice furthest below the other photos, if any is significantly below."""
        below = [each for each in self.slices if each.is_significant and (each.difference or 0) < 0]
        return min(below, key=lambda each: each.difference or 0.0, default=None)

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per slice."""
        import pandas as pd

        columns = [
            *("column", "value", "photos", "accuracy", "accuracy_low", "accuracy_high"),
            *("difference", "p_value", "p_holm", "is_significant", "is_too_small"),
        ]
        rows = [
            {
                "column": each.column,
                "value": each.value,
                "photos": each.photos,
                "accuracy": each.accuracy.value,
                "accuracy_low": each.accuracy.low,
                "accuracy_high": each.accuracy.high,
                "difference": each.difference,
                "p_value": each.p_value,
                "p_holm": each.p_holm,
                "is_significant": each.is_significant,
                "is_too_small": each.is_too_small,
            }
            for each in self.slices
        ]
        return pd.DataFrame(rows, columns=columns)


def slice_report(evaluation: PhotoEvaluation, entry: str) -> SliceReport:
    """Computes the accuracy of every slice of every column, and tests each against the rest.

    Without people, the test is Fisher's exact test and intervals are Wilson's. With people, a
    bootstrap draws people with all their photos (Davison and Hinkley 1997, section 3.8).

    Args:
        evaluation: of at least one photo.
        entry: name of the entry.
    """
    photos, correct = evaluation.photos, evaluation.is_correct(entry)
    slices, unknown, not_sliced = [], {}, {}
    for column, values in photos.columns.items():
        is_known = np.isfinite(values) if values.dtype.kind == "f" else values != ""
        if missing := int((~is_known).sum()):
            unknown[column] = missing
        parts = list(_parts(values, is_known))
        if len(parts) < 2:
            not_sliced[column] = "All known values are the same."
        elif len(parts) > MOST_VALUES:
            not_sliced[column] = f"It has {len(parts)} different values; at most {MOST_VALUES}."
        else:
            slices += [
                _slice(column, value, is_photo, is_known, correct, photos.subject)
                for value, is_photo in parts
            ]
    return SliceReport(
        entry, proportion(correct, photos.subject), _corrected(slices), unknown, not_sliced
    )


def _parts(
    values: NDArray[Any], is_known: NDArray[np.bool_]
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yields name and photos of each slice of a column: a value, or a quartile of numbers."""
    known = values[is_known]
    different = np.unique(known)
    if values.dtype.kind != "f" or len(different) <= len(_QUARTILES) + 1:
        for value in different:
            name = f"{value:g}" if values.dtype.kind == "f" else str(value)
            yield name, is_known & (values == value)
        return
    edges = np.unique(np.quantile(known, _QUARTILES, method="inverted_cdf"))
    quartile = np.searchsorted(edges, values, side="left")
    for index in np.unique(quartile[is_known]):
        is_photo = is_known & (quartile == index)
        inside = values[is_photo]
        yield f"{inside.min():.4g} to {inside.max():.4g}", is_photo


def _slice(
    column: str,
    value: str,
    is_photo: NDArray[np.bool_],
    is_known: NDArray[np.bool_],
    correct: NDArray[np.bool_],
    subject: NDArray[np.int64] | None,
) -> Slice:
    is_rest = is_known & ~is_photo
    difference = p_value = None
    if is_rest.any():
        difference = float(correct[is_photo].mean() - correct[is_rest].mean())
        if is_photo.sum() >= FEWEST_PHOTOS:
            p_value = (
                _fisher(correct[is_photo], correct[is_rest])
                if subject is None
                else _by_person(correct, is_photo, is_rest, subject)
            )
    people = None if subject is None else subject[is_photo]
    accuracy = proportion(correct[is_photo], people)
    return Slice(column, value, is_photo, accuracy, difference, p_value)


def _fisher(inside: NDArray[np.bool_], outside: NDArray[np.bool_]) -> float:
    from scipy.stats import fisher_exact

    table = [[part.sum(), (~part).sum()] for part in (inside, outside)]
    return float(fisher_exact(table).pvalue)


def _by_person(
    correct: NDArray[np.bool_],
    is_photo: NDArray[np.bool_],
    is_rest: NDArray[np.bool_],
    subject: NDArray[np.int64],
) -> float:
    """How often the difference of resampled people lies on the other side of 0, two-sided."""
    _, person = np.unique(subject, return_inverse=True)
    people = person.max() + 1
    counts = np.stack(
        [
            np.bincount(person[part], minlength=people)
            for part in (is_photo & correct, is_photo, is_rest & correct, is_rest)
        ],
        axis=1,
    )
    rng = np.random.default_rng(0)
    above = below = drawn = 0
    for _ in range(_RESAMPLES // _AT_ONCE):
        sums = rng.multinomial(people, np.full(people, 1 / people), size=_AT_ONCE) @ counts
        hits, rows, rest_hits, rest = sums[(sums[:, 1] > 0) & (sums[:, 3] > 0)].T
        difference = hits / rows - rest_hits / rest
        above, below = above + int((difference >= 0).sum()), below + int((difference <= 0).sum())
        drawn += len(difference)
    return min(1.0, 2 * (1 + min(above, below)) / (1 + drawn))


def _corrected(slices: list[Slice]) -> tuple[Slice, ...]:
    tested = [each.p_value for each in slices if each.p_value is not None]
    corrected = iter(holm(tested).tolist())
    return tuple(
        each if each.p_value is None else replace(each, p_holm=next(corrected)) for each in slices
    )
