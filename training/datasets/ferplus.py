"""FER+: ten votes for each image of FER2013, by the protocol of Barsoum et al. (2016).

The rules are those of `ferplus.py` in the authors' repository, microsoft/FERPlus: votes of one are
outliers; training uses the distribution over the leading classes, evaluation the majority class.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from fer_core.fer2013 import load_published_rows, read_rows
from fer_core.labels import FERPLUS, canonical_label
from training.datasets.dataset import FaceDataset, Split
from training.datasets.fer2013_csv import find_fer2013_csv, read_fer2013_csv

TrainingLabels = Literal["cross-entropy", "majority"]

VOTE_COLUMNS: Final = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
"""The vote columns of label.csv, which has no header, after the image name and the face box."""

SPLIT_FOLDERS: Final[dict[str, Split]] = {
    "FER2013Train": "train",
    "FER2013Valid": "valid",
    "FER2013Test": "test",
}
N_EMOTIONS: Final = len(FERPLUS)
_TO_FERPLUS: Final = [
    [canonical_label(name) for name in VOTE_COLUMNS[:N_EMOTIONS]].index(label) for label in FERPLUS
]


def read_ferplus(
    fer2013: str | Path,
    ferplus: str | Path,
    *,
    training_labels: TrainingLabels = "cross-entropy",
) -> FaceDataset:
    """Joins the images of FER2013 with the votes of FER+.

    Args:
        fer2013: a FER2013 CSV file, or a folder that holds one.
        ferplus: a folder with `fer2013new.csv` (which image name belongs to which row) and
            `FER2013Train/label.csv`, `FER2013Valid/label.csv`, `FER2013Test/label.csv`, at its top
            or, as in the authors' repository, in `data/`.
        training_labels: `cross-entropy` trains on vote distributions, `majority` on one class. The
            valid and test splits are always `majority`.

    Returns:
        Only the rows that the protocol keeps. `row_id` is the row of fer2013.csv, `targets` are
        over `fer_core.labels.emotions.FERPLUS`, `labels` their argmax (ties: the first).

    Raises:
        DatasetError: a file is missing or truncated, or the two datasets do not match.
    """
    images_file = find_fer2013_csv(Path(fer2013))
    if images_file is None:
        raise DatasetError(
            f"{fer2013}: expected fer2013.csv, or an archive of it. Received: neither"
        )
    faces = read_fer2013_csv(images_file)
    _require_published(faces, images_file)
    folder = Path(ferplus)
    names_file = _existing(folder / "fer2013new.csv")
    names = read_image_names(names_file)
    if len(names) != len(faces):
        raise DatasetError(
            f"{names_file}: expected one row for each of the {len(faces):,} rows of fer2013.csv. "
            f"Received: {len(names):,} rows"
        )
    row_of_name = {name: row for row, name in enumerate(names) if name}
    if (folder / "data").is_dir():
        folder = folder / "data"
    rows: list[NDArray[np.int64]] = []
    targets: list[NDArray[np.float32]] = []
    for folder_name, split in SPLIT_FOLDERS.items():
        label_file = _existing(folder / folder_name / "label.csv")
        row, votes = _read_votes(label_file, row_of_name, faces.split, split)
        uses_majority = split != "train" or training_labels == "majority"
        split_targets = majority_targets(votes) if uses_majority else distribution_targets(votes)
        kept = split_targets.any(axis=1)
        rows.append(row[kept])
        targets.append(split_targets[kept])
    all_rows, all_targets = np.concatenate(rows), np.concatenate(targets)
    order = np.argsort(all_rows)
    all_rows, all_targets = all_rows[order], all_targets[order]
    return FaceDataset(
        name="ferplus",
        images=faces.images[all_rows],
        labels=all_targets.argmax(axis=1),
        label_names=FERPLUS,
        split=faces.split[all_rows],
        row_id=faces.row_id[all_rows],
        targets=all_targets,
        notes=faces.notes,
    )


def majority_targets(votes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Assigns each image the class with more than half of its votes.

    Args:
        votes: `(n, 10)` counts in the order of `VOTE_COLUMNS`.

    Returns:
        `(n, 8)` in the order of `fer_core.labels.emotions.FERPLUS`: one-hot rows, or zeros for
        images to exclude.
    """
    counts = np.where(votes > 1, votes, 0)
    wins = counts[:, :N_EMOTIONS] * 2 > counts.sum(axis=1, keepdims=True)
    return np.asarray(wins[:, _TO_FERPLUS], np.float32)


def distribution_targets(votes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Assigns each image the distribution of its leading votes.

    Classes are added in descending order of votes, ties together, until they cover three quarters
    of the votes, there are three of them, or unknown or "not a face" has as many votes. The image
    is excluded when they cover at most half of the votes or are more than three.

    Args:
        votes: `(n, 10)` counts in the order of `VOTE_COLUMNS`.

    Returns:
        `(n, 8)` in the order of `fer_core.labels.emotions.FERPLUS`: rows sum to 1, or are zeros
        for images to exclude.
    """
    counts = np.where(votes > 1, votes, 0)
    emotions, rejections = counts[:, :N_EMOTIONS], counts[:, N_EMOTIONS:]
    total = counts.sum(axis=1)
    taken = np.zeros(emotions.shape, bool)
    goes_on = np.ones(len(counts), bool)
    for level in range(int(counts.max(initial=0)), 1, -1):
        taken |= (emotions == level) & goes_on[:, np.newaxis]
        covered = np.where(taken, emotions, 0).sum(axis=1)
        goes_on &= (covered * 4 < total * 3) & (taken.sum(axis=1) < 3)
        goes_on &= ~(rejections == level).any(axis=1)
    leading = np.where(taken, emotions, 0)
    covered = leading.sum(axis=1)
    kept = (covered * 2 > total) & (taken.sum(axis=1) <= 3)
    shares = np.where(kept[:, np.newaxis], leading, 0) / np.maximum(covered, 1)[:, np.newaxis]
    return np.asarray(shares[:, _TO_FERPLUS], np.float32)


def read_image_names(path: Path) -> list[str]:
    """Returns the FER+ image name of each row of fer2013.csv, empty where there is none.

    Args:
        path: path of `fer2013new.csv`.

    Raises:
        DatasetError: the file cannot be read, or has no "Image name" column.
    """
    rows = read_rows(path)
    line, header = next(rows, (1, []))
    if "Image name" not in header:
        raise DatasetError(
            f"{path}, line {line}: expected a header with the column Image name. "
            f"Received: {','.join(header)[:80]!r}"
        )
    column = header.index("Image name")
    return [row[column] if column < len(row) else "" for _, row in rows]


def _require_published(faces: FaceDataset, file: Path) -> None:
    """Checks that all faces are published ones: votes belong to pixels, not to row positions."""
    published = len(load_published_rows())
    if not np.array_equal(faces.row_id, np.arange(published)):
        found = int((faces.row_id < published).sum())
        raise DatasetError(
            f"{file}: FER+ votes refer to the published FER2013. Expected its {published:,} "
            f"faces, in any order. Received: {len(faces):,} rows, {found:,} of which have the "
            "pixels of a published row. Use the file as it was downloaded."
        )


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise DatasetError(f"The FER+ file {path} is missing.")
    return path


def _read_votes(
    path: Path, row_of_name: dict[str, int], splits: NDArray[np.str_], split: Split
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows: list[int] = []
    votes: list[list[int]] = []
    for line, (name, *fields) in read_rows(path):
        counts = fields[1:]  # fields[0] is the face box, always the whole image
        if len(counts) != len(VOTE_COLUMNS) or not all(count.isdecimal() for count in counts):
            raise DatasetError(
                f"{path}, line {line}: expected an image name, a box and {len(VOTE_COLUMNS)} vote "
                f"counts. Received: {','.join([name, *fields])[:80]!r}"
            )
        if name not in row_of_name:
            raise DatasetError(f"{path}, line {line}: fer2013new.csv has no image named {name!r}.")
        row = row_of_name[name]
        if splits[row] != split:
            raise DatasetError(
                f"{path}, line {line}: {name} should be a {split} image, but its row {row} of "
                f"fer2013.csv belongs to {splits[row]}."
            )
        rows.append(row)
        votes.append([int(count) for count in counts])
    if len(set(rows)) != len(rows):
        raise DatasetError(f"{path}: expected each image once. Received: repeated image names")
    if not rows:
        raise DatasetError(f"{path}: expected at least one line of votes. Received: an empty file")
    return np.array(rows, np.int64), np.array(votes, np.int64)
