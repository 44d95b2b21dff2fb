"""The folder in the user's account that keeps what can be made again."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder(purpose: str) -> Path:
    """Returns the folder for one kind of cached file, and makes it when it is missing.

    Args:
        purpose: name of the sub-folder, e.g. `"onnx"`.

    Returns:
        `$FER_CACHE_DIR/<purpose>`, or without that variable a folder in the system's usual place.

    Raises:
        OSError: it is not there and cannot be made.
    """
    folder = cache_root() / purpose
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def cache_root() -> Path:
    """Returns the folder of all that is kept, whether it is there or not."""
    return Path(os.environ.get("FER_CACHE_DIR") or platformdirs.user_cache_dir("fer-explorer"))
