"""Finds, opens and reads the CSV file of a dataset, also compressed or in an archive.

The first bytes determine the format, not the name: people unpack `fer2013.tar.gz` only halfway, or
rename files.
"""

from __future__ import annotations

import csv
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final, TextIO

from fer_core.errors import DatasetError
from fer_core.files import shown

_ARCHIVE_ERRORS: Final = (
    *(EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError),
    RuntimeError,  # a password, or an unknown compression method
)
"""Errors for damaged, incomplete or encrypted files, besides `OSError`."""

_STEMS: Final = ("fer2013", "icml_face_data")
_SUFFIXES: Final = (".csv", ".csv.gz", ".csv.zip", ".zip", ".tar.gz", ".tgz", ".tar")
_FILE_NAMES: Final = tuple(stem + suffix for stem in _STEMS for suffix in _SUFFIXES)
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_ENCODING: Final = "utf-8-sig"


def find_fer2013_file(folder: Path) -> Path | None:
    """Returns the FER2013 file in a folder, ignoring case; None if there is none."""
    if not folder.is_dir():
        return None
    files = {file.name.lower(): file for file in sorted(folder.iterdir()) if file.is_file()}
    return next((files[name] for name in _FILE_NAMES if name in files), None)


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yields the fields of each non-blank row, with the number of its last line.

    Args:
        path: a CSV file, perhaps compressed or in an archive; see `open_csv`.

    Raises:
        DatasetError: the file cannot be opened, is incomplete, or is not text.
    """
    line = 0
    try:
        with open_csv(path) as stream:
            reader = csv.reader(stream)
            for row in reader:
                line = reader.line_num
                if any(map(str.strip, row)):
                    yield line, row
    except (OSError, *_ARCHIVE_ERRORS, UnicodeError, csv.Error) as error:
        raise DatasetError(
            f"{path}, after line {line}: expected a complete CSV file in UTF-8 (plain, .gz, .zip "
            f"or .tar.gz). Received: {error}"
        ) from error


@contextmanager
def open_csv(path: Path) -> Iterator[TextIO]:
    """Opens a CSV file: plain, gzipped, or in a zip or tar archive, also gzipped.

    In an archive, fer2013.csv or icml_face_data.csv is opened, else the only CSV file.

    Args:
        path: path of the file; its suffix does not matter.

    Raises:
        DatasetError: an archive has no such file, or several CSV files with other names.
        OSError: the file cannot be read; or one of `_ARCHIVE_ERRORS`: it is damaged.
    """
    with path.open("rb") as stream:
        start = stream.read(len(_ZIP))
    if start.startswith(_ZIP):
        with zipfile.ZipFile(path) as archive:
            name = _csv_member(archive.namelist(), path)
            with archive.open(name) as raw:
                yield io.TextIOWrapper(raw, encoding=_ENCODING, newline="")
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as tar:
            members = {member.name: member for member in tar if member.isfile()}
            unpacked = tar.extractfile(members[_csv_member(list(members), path)])
            if unpacked is None:
                raise tarfile.TarError("the member has no content")
            with unpacked:
                yield io.TextIOWrapper(unpacked, encoding=_ENCODING, newline="")
    elif start.startswith(_GZIP):
        with gzip.open(path, "rt", encoding=_ENCODING, newline="") as unzipped:
            yield unzipped
    else:
        with path.open(encoding=_ENCODING, newline="") as plain:
            yield plain


def _csv_member(names: Sequence[str], path: Path) -> str:
    visible = [name for name in names if not _is_hidden(name)]
    tables = [name for name in visible if name.lower().endswith(".csv")]
    for stem in _STEMS:
        named = [name for name in tables if PurePosixPath(name).stem.lower() == stem]
        if len(named) == 1:
            return named[0]
    if len(tables) == 1:
        return tables[0]
    raise DatasetError(
        f"{path}: expected exactly one CSV file in the archive, or one named "
        f"{' or '.join(f'{stem}.csv' for stem in _STEMS)}. Received: {_listed(tables or visible)}. "
        "Unpack the archive and give the path of the CSV file, or of the folder of images."
    )


def _is_hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5:,} more files" if len(names) > 5 else ""
    return (", ".join(map(shown, names[:5])) or "no files") + more
