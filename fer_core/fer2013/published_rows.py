"""Finds the row of a face in the published FER2013 by its pixels.

In a sorted, shuffled or reduced copy of `fer2013.csv`, row numbers differ, while predictions and
FER+ votes refer to the rows of the published file. So this package includes a 4-byte checksum of
every published face, with its label and split; `python -m training.assets.published_rows` creates
the file. Rows that FER+ marks as not a face have no checksum: their original pixels are not
available.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.files import atomic_write
from fer_core.paths import ASSETS

ROWS_FILE: Final = ASSETS / "fer2013_rows.npz"
NO_ROW: Final = -1
"""The row ID of a face that is not in the published file."""

_CHECKSUM: Final = np.dtype("<u4")


@dataclass(frozen=True, eq=False)
class RowMatch:
    """The published rows of some faces.

    Attributes:
        row_id: `(n,)` int64, 0-based rows of the published file, each at most once; `NO_ROW` for a
            face that is not in it.
        is_complete: whether these are all published faces, and no others.
        is_in_order: whether they are in the published order.
        relabeled: number of faces whose label or split differs from the published one.
        by_class_only: number of faces without a known checksum that were assigned a row of the same
            split and, if possible, the same label; the exact row is a guess.
    """

    row_id: NDArray[np.int64]
    is_complete: bool
    is_in_order: bool
    relabeled: int
    by_class_only: int

    @property
    def found(self) -> int:
        """Number of faces found in the published file."""
        return int((self.row_id != NO_ROW).sum())


@dataclass(frozen=True, eq=False)
class PublishedRows:
    """The rows of the published file.

    Attributes:
        row_id: `(n,)` int64, ascending: 0-based rows.
        checksum: `(n,)` uint32, of the pixels.
        has_checksum: `(n,)` bool, False where the original pixels are not available.
        label: `(n,)` int64, indices into `emotions.FER2013`.
        usage: `(n,)` strings: Training, PublicTest, PrivateTest.
    """

    row_id: NDArray[np.int64]
    checksum: NDArray[np.uint32]
    has_checksum: NDArray[np.bool_]
    label: NDArray[np.int64]
    usage: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.row_id)

    def of(self, usages: Sequence[str]) -> PublishedRows:
        """Returns the rows of some splits."""
        chosen = np.isin(self.usage, usages)
        columns = ("row_id", "checksum", "has_checksum", "label", "usage")
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})

    def match(
        self, images: NDArray[np.uint8], label: NDArray[np.int64], usage: NDArray[np.str_]
    ) -> RowMatch:
        """Finds the rows of faces by their pixels.

        Duplicates get the rows of their own label and split first, in order. Faces at their
        published position keep it.

        Args:
            images: `(n, 48, 48)` uint8.
            label: `(n,)` indices into `emotions.FER2013`.
            usage: `(n,)` strings: Training, PublicTest, PrivateTest.
        """
        checksum = checksums_of(images)
        own = list(zip(checksum.tolist(), label.tolist(), usage.tolist(), strict=True))
        known = list(
            zip(self.checksum.tolist(), self.label.tolist(), self.usage.tolist(), strict=True)
        )
        at = np.full(len(own), NO_ROW, np.int64)
        is_known = self.has_checksum
        _pair(at, own, known, is_known)
        same = int((at != NO_ROW).sum())
        _pair(at, [each[0] for each in own], [each[0] for each in known], is_known)
        by_pixels = int((at != NO_ROW).sum())
        if self._is_in_order(checksum):
            at = np.arange(len(self), dtype=np.int64)
            by_class_only = 0
        else:
            self._pair_by_class(at, own, known)
            by_class_only = int((at != NO_ROW).sum()) - by_pixels
        row_id = np.where(at == NO_ROW, NO_ROW, self.row_id[at])
        return RowMatch(
            row_id=row_id,
            is_complete=len(own) == len(self) and bool((at != NO_ROW).all()),
            is_in_order=bool((np.diff(row_id[row_id != NO_ROW]) > 0).all()),
            relabeled=by_pixels - same,
            by_class_only=by_class_only,
        )

    def _is_in_order(self, checksum: NDArray[np.uint32]) -> bool:
        return len(checksum) == len(self) and bool(
            (checksum == self.checksum)[self.has_checksum].all()
        )

    def _pair_by_class(
        self,
        at: NDArray[np.int64],
        own: Sequence[tuple[int, int, str]],
        known: Sequence[tuple[int, int, str]],
    ) -> None:
        """Assigns remaining faces to rows without checksum, if the counts per split match."""
        left = [own[index][2] for index in np.flatnonzero(at == NO_ROW).tolist()]
        unknown = self.usage[~self.has_checksum].tolist()
        if sorted(left) == sorted(unknown):
            _pair(at, [each[1:] for each in own], [each[1:] for each in known], ~self.has_checksum)
            _pair(at, [each[2] for each in own], [each[2] for each in known], ~self.has_checksum)


def load_published_rows() -> PublishedRows:
    """Reads the checksums included in this package."""
    return _load(ROWS_FILE)


@lru_cache(maxsize=1)
def _load(file: Path) -> PublishedRows:
    with np.load(file, allow_pickle=False) as arrays:
        return PublishedRows(
            row_id=np.arange(len(arrays["checksum"]), dtype=np.int64),
            checksum=arrays["checksum"],
            has_checksum=arrays["has_checksum"],
            label=arrays["label"].astype(np.int64),
            usage=arrays["usage_names"][arrays["usage"]],
        )


def write_published_rows(rows: PublishedRows, file: Path) -> None:
    """Writes a compact file for `load_published_rows`."""
    names, usage = np.unique(rows.usage, return_inverse=True)
    with atomic_write(file) as stream:
        np.savez_compressed(
            stream,
            checksum=np.where(rows.has_checksum, rows.checksum, 0).astype(_CHECKSUM),
            has_checksum=rows.has_checksum,
            label=rows.label.astype(np.uint8),
            usage=usage.astype(np.uint8),
            usage_names=names,
        )


def checksums_of(images: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Returns `(n,)` checksums of the pixels of `(n, 48, 48)` faces."""
    digests = [hashlib.blake2b(image.tobytes(), digest_size=4).digest() for image in images]
    return np.frombuffer(b"".join(digests), _CHECKSUM).astype(np.uint32)


def _pair(
    at: NDArray[np.int64],
    own: Sequence[Hashable],
    known: Sequence[Hashable],
    is_offered: NDArray[np.bool_],
) -> None:
    """Assigns each face of `own` without a row the first free row with the same key."""
    free = is_offered.copy()
    free[at[at != NO_ROW]] = False
    places: dict[Hashable, deque[int]] = defaultdict(deque)
    for place in np.flatnonzero(free).tolist():
        places[known[place]].append(place)
    for index in np.flatnonzero(at == NO_ROW).tolist():
        if waiting := places.get(own[index]):
            at[index] = waiting.popleft()
