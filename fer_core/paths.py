"""The project's folders, the cache, and the environment variables that change them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import platformdirs

PROJECT: Final = Path(__file__).resolve().parent.parent
"""The folder that holds `fer_core`."""

ASSETS: Final = PROJECT / "fer_core" / "assets"
"""Files included with the library."""


def models_directory() -> Path:
    """Returns the folder of the saved models: `$FER_MODELS_DIR`, else `models/` of this project."""
    return _named_or("FER_MODELS_DIR", "models")


def runs_directory() -> Path:
    """Returns the folder of local runs: `$FER_RUNS_DIR`, else `runs/` of this project."""
    return _named_or("FER_RUNS_DIR", "runs")


def data_directory() -> Path:
    """Returns the folder of the datasets: `$FER_DATA_DIR`, else `data/` of this project."""
    return _named_or("FER_DATA_DIR", "data")


def evaluations_directory() -> Path:
    """Returns the folder of saved evaluations: `$FER_EVALUATIONS_DIR`, else `evaluations/`."""
    return _named_or("FER_EVALUATIONS_DIR", "evaluations")


def cache_folder(purpose: str) -> Path:
    """Returns the folder for one kind of cached file, and creates it if needed.

    Args:
        purpose: name of the subfolder, e.g. `"onnx"`.

    Returns:
        `$FER_CACHE_DIR/<purpose>`, or without that variable a folder in the system's cache
        location.

    Raises:
        OSError: the folder does not exist and cannot be created.
    """
    folder = cache_root() / purpose
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def cache_root() -> Path:
    """Returns the root folder of the cache, whether or not it exists."""
    return Path(os.environ.get("FER_CACHE_DIR") or platformdirs.user_cache_dir("fer-explorer"))


def _named_or(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or PROJECT / default)
