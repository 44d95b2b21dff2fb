"""The rows of a CSV file, plain or compressed, with their line numbers."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from fer_core.errors import DatasetError


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yields the number of its last line and the fields of each row that is not blank.

    Args:
        path: a CSV file; `.gz` and `.zip` are unpacked on the way (the archive must hold exactly
            one CSV file).

    Raises:
        DatasetError: the file cannot be opened, is incomplete, or is no text.
    """
    line = 0
    try:
        with _open_csv(path) as stream:
            reader = csv.reader(stream)
            for row in reader:
                line = reader.line_num
                if row:
                    yield line, row
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, UnicodeError, csv.Error) as error:
        raise DatasetError(
            f"{path}, after line {line}: expected a complete CSV file (plain, .gz or .zip). "
            f"Received: {error}"
        ) from error


@contextmanager
def _open_csv(path: Path) -> Iterator[TextIO]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(_only_csv_member(archive, path)) as raw:
            yield io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
    elif path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as stream:
            yield stream
    else:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield stream


def _only_csv_member(archive: zipfile.ZipFile, path: Path) -> str:
    members = [
        name
        for name in archive.namelist()
        if name.lower().endswith(".csv") and not name.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        raise DatasetError(
            f"{path}: expected exactly one CSV file in the archive. Received: "
            f"{', '.join(members) or 'none'}. Unpack the archive and name the CSV file itself."
        )
    return members[0]
