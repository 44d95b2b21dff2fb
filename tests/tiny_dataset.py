"""Synthetic faces for tests: like FER2013, but small and easy to learn."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from fer_core.fer2013 import published_rows
from fer_core.fer2013.published_rows import PublishedRows, checksums_of, write_published_rows
from fer_core.labels.emotions import FER2013
from training.datasets import SPLITS, FaceDataset

FACES_PER_CLASS: Mapping[str, int] = MappingProxyType({"train": 3, "valid": 2, "test": 2})
USAGE: Mapping[str, str] = MappingProxyType(
    {"train": "Training", "valid": "PublicTest", "test": "PrivateTest"}
)


def tiny_dataset(faces_per_class: Mapping[str, int] = FACES_PER_CLASS) -> FaceDataset:
    """Returns noise with one bright bar per face, whose position encodes the class."""
    generator = np.random.default_rng(0)
    classes = np.arange(len(FER2013))
    labels = np.concatenate([np.tile(classes, faces_per_class[split]) for split in SPLITS])
    images = generator.integers(0, 120, (len(labels), 48, 48), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[6 * label : 6 * label + 6] += 130
    counts = [len(classes) * faces_per_class[split] for split in SPLITS]
    return FaceDataset(
        name="tiny",
        images=images,
        labels=labels.astype(np.int64),
        label_names=FER2013,
        split=np.repeat(np.array(SPLITS), counts),
        row_id=np.arange(len(labels), dtype=np.int64),
    )


def fer2013_lines(
    dataset: FaceDataset, header: Sequence[str] = ("emotion", "pixels", "Usage")
) -> list[str]:
    """Returns the lines of a FER2013 CSV file with this header, including spaces and order."""
    lines = [",".join(header)]
    for image, label, split in zip(dataset.images, dataset.labels, dataset.split, strict=True):
        fields = {
            "emotion": str(label),
            "pixels": " ".join(map(str, image.ravel().tolist())),
            "Usage": USAGE[str(split)],
        }
        lines.append(",".join(fields[column.strip()] for column in header))
    return lines


def write_fer2013_csv(folder: Path, dataset: FaceDataset | None = None) -> Path:
    """Writes a dataset, by default the tiny one, as `<folder>/fer2013.csv` and returns the file."""
    file = folder / "fer2013.csv"
    lines = fer2013_lines(tiny_dataset() if dataset is None else dataset)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def write_tar(path: Path, members: Mapping[str, str]) -> None:
    """Writes text files into a tar archive, gzipped if the name ends in `.gz`."""
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as tar:
        for name, text in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))


def publish(
    patch: pytest.MonkeyPatch,
    folder: Path,
    dataset: FaceDataset | None = None,
    *,
    without_checksum: Sequence[int] = (),
) -> None:
    """Makes a dataset, by default the tiny one, the published FER2013 for one test.

    Args:
        patch: undoes the change after the test.
        folder: an existing folder, for the file of checksums.
        dataset: its rows, in the published order.
        without_checksum: rows with unknown pixels.
    """
    dataset = tiny_dataset() if dataset is None else dataset
    rows = PublishedRows(
        row_id=dataset.row_id,
        checksum=checksums_of(dataset.images),
        has_checksum=~np.isin(dataset.row_id, without_checksum),
        label=dataset.labels,
        usage=np.array([USAGE[str(split)] for split in dataset.split]),
    )
    write_published_rows(rows, folder / "fer2013_rows.npz")
    patch.setattr(published_rows, "ROWS_FILE", folder / "fer2013_rows.npz")
