"""Finds the pictures in a folder, and describes the other files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError, InputRejected
from fer_core.files import head_of, kind_of_suffix, readable_photos, reason_to_skip, sniff
from fer_core.imaging import read_image

N_NAMED: Final = 3


@dataclass(frozen=True)
class FolderFiles:
    """The files in a folder and its sub-folders.

    Attributes:
        pictures: the readable ones, by path.
        others: the others, by path.
    """

    pictures: tuple[Path, ...]
    others: tuple[Path, ...]


def is_picture(path: Path) -> bool:
    """Returns whether a file should be read: by its suffix, or by its first bytes.

    A file with a picture suffix counts even if it cannot be opened, so that an error is reported.
    """
    kind = kind_of_suffix(path.suffix)
    if kind not in readable_photos():
        try:
            kind = sniff(head_of(path))
        except OSError:
            return False
    return kind in readable_photos()


def is_hidden(path: Path) -> bool:
    """Returns whether a file or folder was created by a system or archiver, such as `._a.png`.

    These are not part of a dataset, and file managers do not show them.
    """
    return path.name.startswith("__") or reason_to_skip(path.name) is not None


def list_files(folder: Path) -> FolderFiles:
    """Lists the files in a folder and its sub-folders that are not hidden.

    Raises:
        DatasetError: a folder cannot be read.
    """
    pictures: list[Path] = []
    others: list[Path] = []
    for path in files_below(folder):
        (pictures if is_picture(path) else others).append(path)
    return FolderFiles(tuple(pictures), tuple(others))


def files_below(folder: Path) -> list[Path]:
    """Returns the files in a folder and its sub-folders that are not hidden, by path.

    Links to folders are followed, but no folder is entered twice.

    Raises:
        DatasetError: a folder cannot be read.
    """
    files: list[Path] = []
    entered: set[Path] = set()
    for name, folders, file_names in os.walk(folder, onerror=_reject, followlinks=True):
        here = Path(name)
        if here.resolve() in entered:
            folders.clear()
            continue
        entered.add(here.resolve())
        folders[:] = [each for each in folders if not is_hidden(here / each)]
        files += [here / each for each in file_names if not is_hidden(here / each)]
    return sorted(files, key=Path.as_posix)


def _reject(error: OSError) -> None:
    raise DatasetError(f"{error.filename}: the folder cannot be read: {error.strerror}.") from error


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Returns a picture of a dataset as RGB.

    Raises:
        DatasetError: it cannot be read.
    """
    try:
        return read_image(path)
    except InputRejected as error:
        raise DatasetError(f"{path}: {error}") from error


def named(paths: Sequence[Path], root: Path) -> str:
    """Returns the first few paths below `root` as text."""
    shown = ", ".join(path.relative_to(root).as_posix() for path in paths[:N_NAMED])
    return f"such as {shown}" if len(paths) > N_NAMED else shown


def suffix_counts(paths: Sequence[Path]) -> str:
    """Returns the number of files per suffix: `49 .tif, 2 without a suffix`."""
    counts = Counter(path.suffix.lower() or "without a suffix" for path in paths)
    return ", ".join(f"{count:,} {suffix}" for suffix, count in counts.most_common())
