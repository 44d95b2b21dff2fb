"""Builds expensive fixtures once for all test processes, and caches them for later runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from fer_core.zoo.cards import ModelCard
from fer_core.zoo.onnx_export import onnx_file, onnx_path
from fer_core.zoo.store import ModelStore

PROJECT = Path(__file__).resolve().parent.parent
SAVED_MODELS = PROJECT / "models"
HOME = PROJECT / ".pytest_cache" / "built"


def built_tiny_models() -> Path:
    """Returns a folder with every tiny model in `models/` and their ONNX files in `cache/`."""
    return _built("tiny_models", _digest("tests/tiny*.py", "fer_core/**/*.py"), _build_tiny)


def built_onnx(card: ModelCard) -> Path:
    """Returns the ONNX file of a model in the project's `models/`."""

    def build(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FER_CACHE_DIR", str(folder))
            onnx_file(card.name, store=ModelStore(SAVED_MODELS))

    made_by = _digest("fer_core/zoo/exporter_process.py", "fer_core/zoo/onnx_export.py")
    folder = _built(f"onnx-{card.name}", f"{card.weights.sha256[:16]}-{made_by}", build)
    return folder / "onnx" / onnx_path(card).name


def _built(name: str, version: str, build: Callable[[Path], None]) -> Path:
    """Returns a folder filled by `build`, now or in an earlier run of the tests."""
    HOME.mkdir(parents=True, exist_ok=True)
    folder = HOME / f"{name}-{version}"
    with FileLock(HOME / f"{name}.lock"):
        if not folder.exists():
            for outdated in HOME.glob(f"{name}-*"):
                shutil.rmtree(outdated)
            with tempfile.TemporaryDirectory(dir=HOME, prefix="building-") as scratch:
                whole = Path(scratch) / "whole"
                whole.mkdir()
                build(whole)
                whole.rename(folder)
    return folder


def _build_tiny(folder: Path) -> None:
    environment = os.environ | {
        "PYTHONPATH": str(PROJECT),
        "FER_CACHE_DIR": str(folder / "cache"),
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    program = [sys.executable, str(PROJECT / "tests/tiny_model.py"), str(folder / "models")]
    subprocess.run([*program, "tiny_a", "tiny_b", "tiny_units"], env=environment, check=True)


def _digest(*patterns: str) -> str:
    """A checksum of the source files, and of the versions used to build."""
    patterns = (*patterns, "requirements-dev.txt")
    files = {path for pattern in patterns for path in PROJECT.glob(pattern)}
    whole = hashlib.sha256(sys.version.encode())
    for path in sorted(files):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]
