"""The rows of a CSV file, plain or compressed, with their line numbers."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from fer_core.errors import DatasetError
from fer_core.fer2013 import ARCHIVE_ERRORS, open_csv


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yields the number of its last line and the fields of each row that is not blank.

    Args:
        path: a CSV file, perhaps compressed or in an archive; see `fer2013_file.open_csv`.

    Raises:
        DatasetError: the file cannot be opened, is incomplete, or is no text.
    """
    line = 0
    try:
        with open_csv(path) as stream:
            reader = csv.reader(stream)
            for row in reader:
                line = reader.line_num
                if any(map(str.strip, row)):
                    yield line, row
    except (OSError, *ARCHIVE_ERRORS, UnicodeError, csv.Error) as error:
        raise DatasetError(
            f"{path}, after line {line}: expected a complete CSV file in UTF-8 (plain, .gz, .zip "
            f"or .tar.gz). Received: {error}"
        ) from error
