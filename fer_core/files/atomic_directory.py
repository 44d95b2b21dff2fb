"""Atomic creation of a folder: it is complete or absent, and replaced on request only."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fer_core.errors import OutputError
from fer_core.files.locks import file_lock
from fer_core.files.names import shown
from fer_core.files.output_files import unwritable


@contextmanager
def atomic_directory(parent: Path, name: str, what: str, *, overwrite: bool) -> Iterator[Path]:
    """Yields an empty folder, which replaces `parent/name` when the block succeeds.

    If the block fails, an existing folder of this name stays unchanged. A lock keeps other
    processes from writing a folder of this name in the meantime.

    Args:
        parent: created if needed.
        name: of the new folder.
        what: it holds, for messages, e.g. `"The saved model"`.
        overwrite: whether an existing folder may be replaced.

    Raises:
        OutputError: the folder exists and `overwrite` is false, even if it appeared during the
            block; it cannot be created; or another process is writing it.
    """
    target = parent / name
    _check_vacant(target, what, overwrite=overwrite)
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(target, error) from error
    with file_lock(parent / f".{name}.lock", f"{what} {shown(target)}"):
        _check_vacant(target, what, overwrite=overwrite)  # the last lock holder may have created it
        try:
            temporary = tempfile.TemporaryDirectory(dir=parent, prefix=".")
        except OSError as error:
            raise unwritable(target, error) from error
        with temporary as folder:
            new = Path(folder) / name
            new.mkdir()
            yield new
            _check_vacant(target, what, overwrite=overwrite)  # others move folders without a lock
            _move(new, target, replaced=Path(folder) / "replaced")


def _check_vacant(target: Path, what: str, *, overwrite: bool) -> None:
    if target.exists() and not overwrite:
        raise OutputError(
            f"{what} {shown(target)} already exists. Replace it with --overwrite, or "
            "choose another name."
        )


def _move(new: Path, target: Path, *, replaced: Path) -> None:
    """Moves a folder to `target`, after moving an existing one there to `replaced`."""
    if not target.exists():
        new.rename(target)
        return
    target.rename(replaced)
    try:
        new.rename(target)
    except BaseException:
        replaced.rename(target)  # otherwise it would be deleted with the temporary folder
        raise
