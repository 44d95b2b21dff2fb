"""Files that are there as a whole or not at all, whenever the process is killed."""

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
    """Opens a file beside `path` for writing, which takes its place when the block ends.

    It is on the disk before it does. After an exception `path` is what it was before. The file has
    a name of its own, so nothing that is there is written to, and two processes do not meet.

    Args:
        path: the file to write; its folder must exist. Where it is a link, what it points to is
            replaced.
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
    """Writes a text file as UTF-8, as a whole or not at all."""
    with atomic_write(path) as file:
        file.write(text.encode())


def check_writable(path: Path) -> None:
    """Makes a file beside `path` and removes it again.

    Raises:
        OSError: that is not possible, so `atomic_write` would not be either.
    """
    probe = _name_beside(Path(os.path.realpath(path)))
    probe.open("xb").close()
    probe.unlink()


def remove_half_written(path: Path) -> None:
    """Removes what killed processes left of `path`; no process may be writing it.

    What cannot be seen or removed stays: in a folder that may be written but not read, or that
    keeps the files of each user.
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
    if os.name == "nt":  # Windows opens no folders, and keeps names safe by itself
        return
    with suppress(OSError):  # a folder that may be written but not read; the file itself is safe
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
