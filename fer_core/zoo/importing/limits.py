"""Limits on the process that opens a third-party model: memory, time, files, network, processes.

The operating system bounds memory, processor time and the size of written files, where it has
`resource` (Linux, macOS). Python's audit events stop connections, new processes and files opened
for writing. An audit hook cannot be removed, but it only covers what goes through Python: it
is an additional defense behind the checks, not a sandbox.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Final

MEMORY_BYTES: Final = 8 * 2**30
"""Address space limit. TensorFlow alone reserves several gigabytes, using little memory."""

CPU_SECONDS: Final = 120
"""CPU time limit."""

_CONTACT: Final = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.system",
        "pty.spawn",
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.sendmsg",
        "socket.sendto",
        "subprocess.Popen",
        "urllib.Request",
    }
)
_CHANGES: Final = frozenset(
    {
        "os.chmod",
        "os.link",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.symlink",
        "os.truncate",
    }
)
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def limit_growth(memory_bytes: int = MEMORY_BYTES) -> None:
    """Limits address space and CPU time of this process, where the system supports it."""
    _limit("RLIMIT_AS", memory_bytes)
    _limit("RLIMIT_CPU", CPU_SECONDS)
    _limit("RLIMIT_CORE", 0)


def forbid_contact() -> None:
    """From here on, connections and new processes raise PermissionError."""
    sys.addaudithook(_refuse_contact)


def forbid_writing() -> None:
    """From here on, creating, changing and removing files raises PermissionError.

    To be called after importing Keras, whose libraries probe their temporary folders.
    """
    _limit("RLIMIT_FSIZE", 0)
    sys.addaudithook(_refuse_writing)


def _limit(name: str, value: int) -> None:
    try:
        import resource

        resource.setrlimit(getattr(resource, name), (value, value))
    except (ImportError, ValueError, OSError):
        return  # not available on Windows; a stricter limit may be set already


def _refuse_contact(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _CONTACT:
        raise PermissionError(f"A model that is being checked may not do this: {event}")


def _refuse_writing(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _CHANGES or (event == "open" and _opens_for_writing(arguments)):
        raise PermissionError(f"A model that is being checked may not do this: {event}")


def _opens_for_writing(arguments: tuple[Any, ...]) -> bool:
    path, _, flags = arguments
    return path != os.devnull and isinstance(flags, int) and bool(flags & _WRITING)
