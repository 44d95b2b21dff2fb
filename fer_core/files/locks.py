"""Locks: one process at a time for an output or a run.

It is a system lock on a file that names its holder. So it ends with its process in any case, and a
stale file blocks nobody.
"""

from __future__ import annotations

import errno
import os
import platform
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from fer_core.errors import OutputError
from fer_core.files.atomic import remove_temporary_files
from fer_core.files.names import shown
from fer_core.files.output_files import unwritable

_SIGNED: Final = "Locked by process "
_LONGEST: Final = 1000
_MOST_TRIES: Final = 1000
"""Retries for holders that end at the same moment."""
_HELD_ERRORS: Final = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
_FAR: Final = 2**30
"""Windows does not allow reading locked bytes, so a byte far after the text is locked."""


@contextmanager
def exclusive_output(output: Path) -> Iterator[None]:
    """Prevents other processes from writing an output; also removes remains of killed ones.

    Raises:
        OutputError: another process is writing it, or the lock file cannot be made.
    """
    place = Path(os.path.realpath(output))
    with file_lock(place.with_name(f"{place.name}.lock"), shown(output)):
        remove_temporary_files(place)
        yield


@contextmanager
def exclusive_outputs(outputs: Iterable[Path]) -> Iterator[None]:
    """The same for several outputs of one run."""
    with ExitStack() as stack:
        for output in outputs:
            stack.enter_context(exclusive_output(output))
        yield


@contextmanager
def file_lock(lock: Path, what: str) -> Iterator[None]:
    """Holds a lock file, and removes it at the end.

    Has no effect on disks without lock support.

    Args:
        lock: the file; its folder must exist.
        what: what is locked, for the message.

    Raises:
        OutputError: another process holds it, it cannot be created, or another file exists.
    """
    try:
        descriptor = _open_current(lock, what)
    except OSError as error:
        advice = (
            " It may be left from a run of another user: remove it after that run has ended."
            if isinstance(error, PermissionError) and lock.is_file()
            else ""
        )
        raise unwritable(lock, error, advice) from error
    try:
        try:
            _sign(descriptor, lock)
        except OSError as error:  # e.g. a full disk
            raise unwritable(lock, error) from error
        yield
    finally:
        _release(descriptor, lock)


def _open_current(lock: Path, what: str) -> int:
    """Opens and locks the file; retries if its last holder removed it in between."""
    for _ in range(_MOST_TRIES):
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if not _lock(descriptor):
                holder = _holder(descriptor)
                raise OutputError(
                    f"{what} is in use by another run (process {shown(holder) or 'unknown'}). "
                    "Wait until that run has ended, or choose another path."
                )
            if _is_at(descriptor, lock):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise OutputError(
        f"{shown(lock)} cannot be used as a lock file: another program keeps removing or "
        "replacing it. Check what else uses this folder, or choose another path."
    )


def _is_at(descriptor: int, lock: Path) -> bool:
    """Returns whether an open file still has this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), lock.stat())
    except FileNotFoundError:
        return False


def _holder(descriptor: int) -> str:
    """Returns the holder of a lock, if readable."""
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
            f"A run uses the lock file {shown(lock)}, but another file exists there. Move it, or "
            "choose another path."
        )
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, f"{_SIGNED}{os.getpid()} on {platform.node()}\n".encode())


def _release(descriptor: int, lock: Path) -> None:
    # Only a signed file is a lock; it is removed before others can lock it. If it was removed
    # meanwhile, the file of this name belongs to another run. Windows cannot remove a file that is
    # open in any process. A lock that can no longer be read or removed, as on an unmounted disk,
    # must not lose the results.
    is_lock = False
    try:
        with suppress(OSError):
            is_lock = _read(descriptor).startswith(_SIGNED) and _is_at(descriptor, lock)
            if is_lock and os.name != "nt":
                lock.unlink()
    finally:
        with suppress(
            OSError
        ):  # a network disk may fail here; the descriptor is closed in any case
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
