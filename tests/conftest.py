"""Fixtures that all tests may use."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before any test imports TensorFlow: libsrtp, which comes with it, crashes when it starts after
# TensorFlow has brought its own cryptography. The app itself never holds both.
import streamlit_webrtc  # noqa: F401

PROJECT = Path(__file__).resolve().parent.parent
TINY_MODELS = ("tiny_a", "tiny_b")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts files with slow tests first, so that none is left for one process alone in the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The cache folder of all tests, so that none reads or writes the user's own."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture(scope="session")
def tiny_models_dir(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    """A models folder with `TINY_MODELS`, ready to serve; shared, so tests must not change it."""
    folder = tmp_path_factory.mktemp("models")
    _make_models(folder, *TINY_MODELS)
    return folder


@pytest.fixture(scope="session")
def tiny_units_dir(tmp_path_factory: pytest.TempPathFactory, tiny_models_dir: Path) -> Path:
    """The same and a model that reads action units, `tiny_units`; tests must not change it."""
    folder = tmp_path_factory.mktemp("units") / "models"
    shutil.copytree(tiny_models_dir, folder)
    _make_models(folder, "tiny_units")
    return folder


def _make_models(folder: Path, *names: str) -> None:
    environment = os.environ | {
        "PYTHONPATH": str(PROJECT),
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = [sys.executable, str(PROJECT / "tests/tiny_model.py"), str(folder), *names]
    subprocess.run(command, env=environment, check=True)


@pytest.fixture
def models_dir(tiny_models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same folder, which is the project's models folder during one test."""
    monkeypatch.setenv("FER_MODELS_DIR", str(tiny_models_dir))
    return tiny_models_dir


@pytest.fixture
def units_models_dir(tiny_units_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with `tiny_units`, which is the project's models folder during one test."""
    monkeypatch.setenv("FER_MODELS_DIR", str(tiny_units_dir))
    return tiny_units_dir


@pytest.fixture
def own_models_dir(tiny_models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder for one test, to be damaged; also the project's models folder."""
    folder = tmp_path / "models"
    shutil.copytree(tiny_models_dir, folder)
    monkeypatch.setenv("FER_MODELS_DIR", str(folder))
    return folder


@pytest.fixture
def no_models_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models folder."""
    folder = tmp_path / "no_models"
    folder.mkdir()
    monkeypatch.setenv("FER_MODELS_DIR", str(folder))
    return folder
