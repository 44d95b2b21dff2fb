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

from fer_core.errors import OutputError
from fer_core.files.atomic import remove_half_written
from fer_core.files.names import shown
from fer_core.files.output_files import unwritable

_SIGNED: Final = "Locked by process "
_LONGEST: Final = 1000
_MOST_TRIES: Final = 1000
"""Holders that end just then are met a few times in a row at most."""
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
        advice = (
            " A run of another user may have left it: remove it when that has ended."
            if isinstance(error, PermissionError) and lock.is_file()
            else ""
        )
        raise unwritable(lock, error, advice) from error
    try:
        try:
            _sign(descriptor, lock)
        except OSError as error:  # a full disk
            raise unwritable(lock, error) from error
        yield
    finally:
        _release(descriptor, lock)


def _open_current(lock: Path, what: str) -> int:
    """Opens and locks the file; again where its last holder removed it in between."""
    for _ in range(_MOST_TRIES):
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if not _lock(descriptor):
                holder = _holder(descriptor)
                raise OutputError(
                    f"{what} is in use by another run (process {shown(holder) or 'not known'}). "
                    "Wait until that has ended, or name another place."
                )
            if _is_at(descriptor, lock):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise OutputError(
        f"{shown(lock)} cannot be kept as a lock: each time it was made, it was removed or "
        "replaced. See what else works in this folder, or name another place."
    )


def _is_at(descriptor: int, lock: Path) -> bool:
    """Returns whether an open file is still the one of this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), lock.stat())
    except FileNotFoundError:
        return False


def _holder(descriptor: int) -> str:
    """Returns who signed a lock, as far as that can be read."""
    with suppress(OSError):
        return _read(descriptor).removeprefix(_SIGNED).strip()
    return ""


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
    # Only a file that is signed is a lock; and it is removed before others can lock it. Where
    # somebody removed it meanwhile, the file of this name is another run's. Windows removes no file
    # that is open, and none that another process has opened meanwhile. A lock that cannot be read
    # or removed any more, as on a disk that went away, is no reason to lose the work.
    is_lock = False
    try:
        with suppress(OSError):
            is_lock = _read(descriptor).startswith(_SIGNED) and _is_at(descriptor, lock)
            if is_lock and os.name != "nt":
                lock.unlink()
    finally:
        with suppress(OSError):  # a network disk may fail here; the descriptor is gone all the same
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
