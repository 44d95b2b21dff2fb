"""A folder that no process can read, whatever its permissions: its path is too long."""

from __future__ import annotations

import os
from pathlib import Path

_PART = "x" * 250


def put_unreadable_folder(parent: Path) -> None:
    """Creates folders in each other until their path is longer than Linux allows."""
    inner = os.open(parent, os.O_DIRECTORY)
    for _ in range(17):
        os.mkdir(_PART, dir_fd=inner)
        outer, inner = inner, os.open(_PART, os.O_DIRECTORY, dir_fd=inner)
        os.close(outer)
    os.close(inner)
