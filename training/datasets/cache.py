"""Parsed datasets kept in the user's cache folder, so that the second start takes a second.

One file per source: reading a source that has changed replaces what was kept of it.
"""

from __future__ import annotations

import hashlib
import logging
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from fer_core.files import replacing
from fer_core.paths import cache_folder
from training.datasets.dataset import FaceDataset
from training.datasets.pictures import files_below

logger = logging.getLogger(__name__)

_FORMAT: Final = 2
"""Raise it when a reader gives another result for the same files."""


def cached(source: Path, read: Callable[[Path], FaceDataset]) -> FaceDataset:
    """Returns what `read(source)` returns, from the cache when the source has not changed.

    When the cache cannot be written the dataset is read anew every time, and one line of the log
    says so.

    Args:
        source: a file, or a folder whose files are all watched by size and modification time.
        read: the reader to call when nothing current is cached.
    """
    fingerprint = _fingerprint(source)
    try:
        file = cache_folder("datasets") / _file_name(source)
    except OSError as error:
        logger.warning("There is no dataset cache: %s", error)
        return read(source)
    dataset = _load(file, fingerprint)
    if dataset is None:
        dataset = read(source)
        try:
            _save(dataset, file, fingerprint)
        except OSError as error:
            logger.warning("The dataset cache cannot be written: %s", error)
    return dataset


def _file_name(source: Path) -> str:
    return f"{source.stem}-{_digest(str(source.resolve()))[:16]}.npz"


def _fingerprint(source: Path) -> str:
    files = files_below(source) if source.is_dir() else [source]
    # lstat of what a link leads to nowhere: which one it is, the reader says.
    stats = [
        (str(file.relative_to(source)), file.stat() if file.exists() else file.lstat())
        for file in files
    ]
    lines = [f"{name}\t{stat.st_size}\t{stat.st_mtime_ns}" for name, stat in stats]
    return _digest("\n".join([f"format {_FORMAT}", *lines]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _load(file: Path, fingerprint: str) -> FaceDataset | None:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            if str(arrays["fingerprint"]) != fingerprint:
                return None
            return FaceDataset(
                name=str(arrays["name"]),
                images=arrays["images"],
                labels=arrays["labels"],
                label_names=tuple(arrays["label_names"].tolist()),
                split=arrays["split"],
                row_id=arrays["row_id"],
                targets=arrays.get("targets"),
                notes=tuple(arrays["notes"].tolist()),
            )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        logger.warning("The cached dataset %s is damaged and will be made anew: %s", file, error)
        return None


def _save(dataset: FaceDataset, file: Path, fingerprint: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        "fingerprint": np.array(fingerprint),
        "name": np.array(dataset.name),
        "images": dataset.images,
        "labels": dataset.labels,
        "label_names": np.array(dataset.label_names),
        "split": dataset.split,
        "row_id": dataset.row_id,
        "notes": np.array(dataset.notes, dtype=np.str_),
    }
    if dataset.targets is not None:
        arrays["targets"] = dataset.targets
    with replacing(file) as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]
