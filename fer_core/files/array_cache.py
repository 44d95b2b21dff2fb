"""Arrays read from the user's files, cached so that the second start is fast.

One cache file per source; it is replaced when the source has changed.
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
"""The array that holds the state of the source for which the others were created."""


def cached_arrays(
    source: Path,
    files: Iterable[Path],
    read: Callable[[], Mapping[str, NDArray[Any]]],
    *,
    layout: str,
) -> Mapping[str, NDArray[Any]]:
    """Returns what `read()` returns, from the cache when the source has not changed.

    If the cache cannot be written, the source is read every time, and a warning is logged.

    Args:
        source: the file or folder to read; the key of the cache file.
        files: the files checked by size and modification time: `source`, or the files in it.
        read: the function to call if the cache is missing or stale.
        layout: name and version of what `read` returns; a change makes the cache stale.
    """
    try:
        state = _state_of(source, files, layout)
        file = cache_folder("datasets") / f"{source.stem}-{_digest(str(source.resolve()))[:16]}.npz"
    except OSError as error:
        logger.warning("The dataset cache is not available: %s", error)
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
    # lstat for a broken link: the reader reports which one it is.
    stats = [
        (str(file.relative_to(source)), file.stat() if file.exists() else file.lstat())
        for file in files
    ]
    lines = [f"{name}\t{stat.st_size}\t{stat.st_mtime_ns}" for name, stat in stats]
    return _digest("\n".join([layout, *lines]))


def _digest(text: str) -> str:
    # A byte of a name that is not UTF-8 is a lone surrogate.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


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
