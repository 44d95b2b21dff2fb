"""Photos stored in a Parquet table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Final

from fer_core.batch.sources import Photo, Piece, open_filesystem, unreachable
from fer_core.errors import InputRejected
from fer_core.files import Listing

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem
    from pyarrow.parquet import ParquetFile

_NAME: Final = "path"
_DATA: Final = "bytes"
_ROWS_AT_ONCE: Final = 64
_NO_BYTES: Final = InputRejected("The table has no bytes for this photo.", reason="unreadable")


@dataclass(frozen=True)
class ParquetSource:
    """A table of photos: a text column `path` with their names, and a binary column `bytes`.

    Ray Data writes such tables: `read_binary_files(..., include_paths=True).write_parquet(...)`.

    Attributes:
        place: absolute path or URI of a file, or of a folder of files.
    """

    place: str

    def listing(self) -> Listing:
        """Lists the photos in the order of the table; files of a folder are sorted by name.

        Raises:
            InputRejected: there is no such table, it is damaged, or it lacks a column.
        """
        found: list[str] = []
        for path, file in self._files():
            missing = {_NAME, _DATA} - set(file.schema_arrow.names)
            if missing:
                raise InputRejected(
                    f"A table of photos has the columns {_NAME} and {_DATA}. Missing in {path}: "
                    f"{', '.join(sorted(missing))}",
                    reason="unsupported_type",
                )
            found += map(str, file.read(columns=[_NAME]).column(_NAME).to_pylist())
        return Listing(tuple(found))

    def pieces(self, names: Sequence[str], wanted: Sequence[int], size: int) -> Iterator[Piece]:
        """Splits photos at row groups, because only those can be read separately."""
        waiting = iter([*wanted, len(names)])
        index = next(waiting)
        first = 0
        for path, file in self._files():
            for group in range(file.num_row_groups):
                rows = []
                count = file.metadata.row_group(group).num_rows
                while index < first + count:
                    rows.append((index - first, names[index]))
                    index = next(waiting)
                if rows:
                    yield partial(_read_group, self.place, path, group, first, rows)
                first += count

    def _files(self) -> Iterator[tuple[str, ParquetFile]]:
        from pyarrow.fs import FileSelector, FileType

        filesystem, root = open_filesystem(self.place)
        try:
            paths = [root]
            if filesystem.get_file_info(root).type != FileType.File:
                found = filesystem.get_file_info(FileSelector(root, recursive=True))
                paths = sorted(info.path for info in found if info.path.endswith(".parquet"))
        except OSError as error:
            raise unreachable(self.place, error) from error
        for path in paths:
            with _open(filesystem, path) as file:
                yield path, file


def _open(filesystem: FileSystem, path: str) -> ParquetFile:
    from pyarrow.lib import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        return ParquetFile(path, filesystem=filesystem)
    except (OSError, ArrowException) as error:
        raise unreachable(path, error) from error


def _read_group(
    place: str, path: str, group: int, first: int, rows: Sequence[tuple[int, str]]
) -> Iterator[Photo]:
    photos = _photos(place, path, group)
    at = -1
    for row, name in rows:
        data: bytes | InputRejected | None = None
        while at < row:
            data, at = next(photos), at + 1
        yield Photo(first + row, name, data or _NO_BYTES)


def _photos(place: str, path: str, group: int) -> Iterator[bytes | InputRejected | None]:
    """Reads the photos of a row group; after damage, yields the error for each photo."""
    from pyarrow.lib import ArrowException

    try:
        filesystem, _ = open_filesystem(place)
        with _open(filesystem, path) as file:
            for batch in file.iter_batches(_ROWS_AT_ONCE, row_groups=[group], columns=[_DATA]):
                yield from batch[_DATA].to_pylist()
    except (OSError, ArrowException) as error:
        yield from repeat(unreachable(path, error))
    except InputRejected as error:
        yield from repeat(error)
