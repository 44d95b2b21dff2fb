"""One process at a time for an output or a run.

The lock is the system's, on a file that says who holds it. So it ends with its process, however
that ends, and a file that was left behind holds nobody up.
"""

from __future__ import annotations

import errno
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from fer_core.atomic import remove_half_written
from fer_core.errors import OutputError
from fer_core.names import shown
from fer_core.output_files import unwritable

_SIGNED: Final = "Locked by process "
_LONGEST: Final = 1000
_HELD_ERRORS: Final = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
_FAR: Final = 2**30
"""Windows lets nobody read bytes that are locked, so one far behind the text is."""


@contextmanager
def writing_alone(output: Path) -> Iterator[None]:
    """Keeps other processes from writing an output; also removes what a killed one left of it.

    Raises:
        OutputError: another process is writing it, or the lock file cannot be made.
    """
    place = Path(os.path.realpath(output))
    with held(place.with_name(f"{place.name}.lock"), shown(output)):
        remove_half_written(place)
        yield


@contextmanager
def held(lock: Path, what: str) -> Iterator[None]:
    """Holds a lock file, and removes it in the end.

    Where a disk knows no locks, nobody is kept away.

    Args:
        lock: the file; its folder must exist.
        what: is worked on, for the message.

    Raises:
        OutputError: another process holds it, it cannot be made, or there is another file.
    """
    try:
        descriptor = _open_current(lock, what)
    except OSError as error:
        raise unwritable(lock, error) from error
    try:
        try:
            _sign(descriptor, lock)
        except OSError as error:  # a full disk
            raise unwritable(lock, error) from error
        yield
    finally:
        _release(descriptor, lock)


def _open_current(lock: Path, what: str) -> int:
    """Opens and locks the file; once more where its last holder removed it in between."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        if not _lock(descriptor):
            holder = _read(descriptor).removeprefix(_SIGNED).strip()
            os.close(descriptor)
            raise OutputError(
                f"{what} is in use by another run (process {shown(holder) or 'not known'}). Wait "
                "until that has ended, or name another place."
            )
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), lock.stat()):
                return descriptor
        os.close(descriptor)


def _read(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, _LONGEST).decode("utf-8", "replace")


def _sign(descriptor: int, lock: Path) -> None:
    text = _read(descriptor)
    if text and not text.startswith(_SIGNED):
        raise OutputError(
            f"A run keeps its lock in {shown(lock)}, but another file is there. Move it away, or "
            "name another place."
        )
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, f"{_SIGNED}{os.getpid()} on {platform.node()}\n".encode())


def _release(descriptor: int, lock: Path) -> None:
    # Only a file that is signed is a lock; and it is removed before others can lock it. Windows
    # removes no file that is open, and none that another process has opened meanwhile.
    is_lock = _read(descriptor).startswith(_SIGNED)
    with suppress(OSError):
        if is_lock and os.name != "nt":
            lock.unlink()
    os.close(descriptor)
    with suppress(OSError):
        if is_lock and os.name == "nt":
            lock.unlink()


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            return error.errno not in _HELD_ERRORS
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in _HELD_ERRORS
        return True
