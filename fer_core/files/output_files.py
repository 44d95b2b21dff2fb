"""The files that a command is to write: looked at before any work, and written as a whole.

A command never writes to what it reads, never writes two results to one place, and replaces nothing
unless it was told so.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import IO, Final

from fer_core.errors import OutputError
from fer_core.files.atomic import atomic_write, check_writable
from fer_core.files.names import shown

_BESIDE: Final = (".partial", ".lock")
"""What a run keeps beside an output while it works."""


def check_outputs(
    outputs: Mapping[str, Path], *, inputs: Iterable[Path] = (), overwrite: bool = False
) -> None:
    """Checks that all outputs can be written and that nothing is lost by it.

    Args:
        outputs: by what a person calls each, such as `--csv`.
        inputs: files that are read. Links, hard links and other spellings of them count too.
        overwrite: whether files that are there may be replaced.

    Raises:
        OutputError: one is also an input or another output, is there already, is no place for a
            file, or cannot be written.
    """
    read = tuple(inputs)
    for name, path in outputs.items():
        try:
            _check_place(name, path)
            _check_inputs(name, path, read)
            _check_vacant(name, path, overwrite=overwrite)
            check_writable(path)
        except OSError as error:
            raise unwritable(path, error) from error
    for (name, path), (other_name, other) in combinations(outputs.items(), 2):
        if _is_same_output(path, other) or any(
            _is_same_output(beside, place)
            for one, place in ((path, other), (other, path))
            for beside in _beside(one)
        ):
            raise OutputError(
                f"{name} and {other_name} must be different files. "
                f"Received: {shown(path)} and {shown(other)}"
            )


def unwritable(path: Path, error: OSError, advice: str = "") -> OutputError:
    """Returns what is said of a file that the system does not let be written."""
    return OutputError(f"{shown(path)} cannot be written: {error.strerror or error}.{advice}")


@contextmanager
def writing(path: Path, advice: str = "") -> Iterator[IO[bytes]]:
    """Opens a file that takes the place of `path` as a whole, when the block ends.

    Args:
        path: the file to write; its folder must exist.
        advice: what to do when that fails, with a space in front.

    Raises:
        OutputError: it cannot be written, as on a full disk.
    """
    try:
        with atomic_write(path) as file:
            yield file
    except OSError as error:
        raise unwritable(path, error, advice) from error


def _check_place(name: str, path: Path) -> None:
    if not path.parent.is_dir():
        raise OutputError(f"The folder of {name} must exist. Received: {shown(path)}")
    if path.is_dir():
        raise OutputError(f"{name} must be a file. Received: {shown(path)}, a folder")
    if path.is_symlink() and not path.exists():
        raise OutputError(
            f"{name} must not be a link to what is not there. Received: {shown(path)}. Remove the "
            "link, or name another file."
        )
    if path.exists() and not path.is_file():
        raise OutputError(f"{name} must be a plain file. Received: {shown(path)}")


def _check_inputs(name: str, path: Path, inputs: tuple[Path, ...]) -> None:
    for source in inputs:
        if any(_is_same_file(place, source) for place in (path, *_beside(path))):
            raise OutputError(
                f"{name} must be another file than what is read. Received: {shown(path)}"
            )


def _check_vacant(name: str, path: Path, *, overwrite: bool) -> None:
    if not path.exists():
        return
    if not overwrite:
        raise OutputError(
            f"{name} names a file that is there already: {shown(path)}. Replace it with "
            "--overwrite, or name another file."
        )
    if not os.access(path, os.W_OK):
        raise OutputError(f"{name} names a file that is write-protected: {shown(path)}")


def _beside(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(f"{path.name}{suffix}") for suffix in _BESIDE)


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return False


def _is_same_output(one: Path, other: Path) -> bool:
    """Also of files that are not there yet, on disks that take `a.csv` and `A.csv` for one."""
    if _is_same_file(one, other):
        return True
    return _is_same_file(one.parent, other.parent) and _folded(one) == _folded(other)


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", path.name).casefold()
