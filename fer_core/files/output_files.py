"""The output files of a command: checked before any work, and written atomically.

A command never overwrites its inputs, never writes two results to one file, and replaces files only
on request.
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
"""Temporary files of a run next to its output."""


def check_outputs(
    outputs: Mapping[str, Path], *, inputs: Iterable[Path] = (), overwrite: bool = False
) -> None:
    """Checks that all outputs can be written without losing data.

    Args:
        outputs: by the name for the user, such as `--csv`.
        inputs: files that are read, including by links, hard links and other spellings.
        overwrite: whether existing files may be replaced.

    Raises:
        OutputError: an output is also an input or another output, exists already, is not a valid
            path for a file, or cannot be written.
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
    """Returns the error for a file that the system cannot write."""
    return OutputError(f"{shown(path)} cannot be written: {error.strerror or error}.{advice}")


@contextmanager
def writing(path: Path, advice: str = "") -> Iterator[IO[bytes]]:
    """Opens a file that atomically replaces `path` when the block ends.

    Args:
        path: the file to write; its folder must exist.
        advice: what to do if that fails, with a leading space.

    Raises:
        OutputError: it cannot be written, e.g. because the disk is full.
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
            f"{name} must not be a broken link. Received: {shown(path)}. Remove the link, or "
            "choose another file."
        )
    if path.exists() and not path.is_file():
        raise OutputError(f"{name} must be a regular file. Received: {shown(path)}")


def _check_inputs(name: str, path: Path, inputs: tuple[Path, ...]) -> None:
    for source in inputs:
        if any(_is_same_file(place, source) for place in (path, *_beside(path))):
            raise OutputError(f"{name} must not be an input file. Received: {shown(path)}")


def _check_vacant(name: str, path: Path, *, overwrite: bool) -> None:
    if not path.exists():
        return
    if not overwrite:
        raise OutputError(
            f"{name} names an existing file: {shown(path)}. Replace it with --overwrite, or "
            "choose another file."
        )
    if not os.access(path, os.W_OK):
        raise OutputError(f"{name} names a file that is write-protected: {shown(path)}")


def _beside(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(f"{path.name}{suffix}") for suffix in _BESIDE)


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them does not exist
        return False


def _is_same_output(one: Path, other: Path) -> bool:
    """Also for files that do not exist yet, on case-insensitive disks."""
    if _is_same_file(one, other):
        return True
    return _is_same_file(one.parent, other.parent) and _folded(one) == _folded(other)


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", path.name).casefold()
