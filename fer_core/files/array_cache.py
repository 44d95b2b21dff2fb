"""Arrays made from the user's files, kept in the cache folder so that the second start is quick.

One file per source: reading a source that has changed replaces what was kept of it.
"""

from __future__ import annotations

import hashlib
import logging
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.files.atomic import atomic_write
from fer_core.paths import cache_folder

logger = logging.getLogger(__name__)

_STATE: Final = "source_state"
"""The array that says of which state of the source the others were made."""


def cached_arrays(
    source: Path,
    files: Iterable[Path],
    read: Callable[[], Mapping[str, NDArray[Any]]],
    *,
    layout: str,
) -> Mapping[str, NDArray[Any]]:
    """Returns what `read()` returns, from the cache when the source has not changed.

    When the cache cannot be written the source is read every time, and one line of the log says so.

    Args:
        source: the file or folder that is read; it names the cache file.
        files: what is watched by size and modification time: `source`, or the files below it.
        read: the reader to call when nothing current is cached.
        layout: the name and version of what `read` returns; another one makes the cache stale.
    """
    try:
        state = _state_of(source, files, layout)
        file = cache_folder("datasets") / f"{source.stem}-{_digest(str(source.resolve()))[:16]}.npz"
    except OSError as error:
        logger.warning("There is no dataset cache: %s", error)
        return read()
    arrays = _load(file, state)
    if arrays is None:
        arrays = read()
        try:
            with atomic_write(file) as stream:
                np.savez(stream, **arrays, **{_STATE: np.array(state)})  # type: ignore[arg-type]
        except OSError as error:
            logger.warning("The dataset cache cannot be written: %s", error)
    return arrays


def _state_of(source: Path, files: Iterable[Path], layout: str) -> str:
    # lstat of what a link leads to nowhere: which one it is, the reader says.
    stats = [
        (str(file.relative_to(source)), file.stat() if file.exists() else file.lstat())
        for file in files
    ]
    lines = [f"{name}\t{stat.st_size}\t{stat.st_mtime_ns}" for name, stat in stats]
    return _digest("\n".join([layout, *lines]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _load(file: Path, state: str) -> Mapping[str, NDArray[Any]] | None:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            if str(arrays[_STATE]) != state:
                return None
            return {name: arrays[name] for name in arrays.files if name != _STATE}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        logger.warning("The cached dataset %s is damaged and is read again: %s", file, error)
        return None
