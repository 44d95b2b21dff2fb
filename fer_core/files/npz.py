"""Reads .npz archives without unpickling anything."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

_ARCHIVE_ERRORS: Final = (
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    struct.error,
)
"""Exceptions of zipfile for a damaged archive; the last two for a damaged header."""


def read_npz(source: Path | IO[bytes]) -> dict[str, NDArray[Any]]:
    """Reads all arrays of an .npz file, by name.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no .npz archive, is damaged, or holds pickled objects.
    """
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                return read_npz(file)
        archive = np.load(source, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError("it is not an .npz archive")
        return dict(archive)
    except _ARCHIVE_ERRORS as error:
        raise ValueError(str(error)) from error
