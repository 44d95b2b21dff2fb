"""Atomic writes: a file is complete or absent, whenever the process is killed."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

_RANDOM_BYTES: Final = 4


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Opens a temporary file next to `path` that replaces it when the block ends.

    The data is flushed to disk first. After an exception `path` is unchanged. The temporary file
    has a unique name, so no existing file is overwritten, and two processes do not conflict.

    Args:
        path: the file to write; its folder must exist. If it is a link, its target is replaced.
    """
    place = Path(os.path.realpath(path))
    temporary = _name_beside(place)
    try:
        with temporary.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(place.parent)


def atomic_write_text(path: Path, text: str) -> None:
    """Writes a UTF-8 text file atomically."""
    with atomic_write(path) as file:
        file.write(text.encode())


def check_writable(path: Path) -> None:
    """Creates a file next to `path` and removes it again.

    Raises:
        OSError: this fails, so `atomic_write` would fail too.
    """
    probe = _name_beside(Path(os.path.realpath(path)))
    probe.open("xb").close()
    probe.unlink()


def remove_temporary_files(path: Path) -> None:
    """Removes temporary files of `path` left by killed processes; no process may be writing it.

    Files that cannot be listed or removed stay, e.g. in a folder with write but no read permission,
    or with the sticky bit.
    """
    place = Path(os.path.realpath(path))
    ours = re.compile(rf"{re.escape(place.name)}\.[0-9a-f]{{{2 * _RANDOM_BYTES}}}\.tmp")
    with suppress(OSError):
        for file in place.parent.iterdir():
            if ours.fullmatch(file.name):
                file.unlink(missing_ok=True)


def _name_beside(place: Path) -> Path:
    return place.with_name(f"{place.name}.{secrets.token_hex(_RANDOM_BYTES)}.tmp")


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open folders, and flushes names by itself
        return
    with suppress(
        OSError
    ):  # a folder with write but no read permission; the file itself is flushed
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
