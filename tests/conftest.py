"""Fixtures for all tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# Before any test imports TensorFlow: libsrtp, which comes with it, crashes when it starts after
# TensorFlow has loaded its own cryptography. The app itself never loads both.
import streamlit_webrtc  # noqa: F401

from fer_core.paths import cache_folder
from fer_core.zoo.store import ModelStore
from tests.built_once import SAVED_MODELS, built_onnx, built_tiny_models

PROJECT = Path(__file__).resolve().parent.parent
TINY_MODELS = ("tiny_a", "tiny_b")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs files with slow tests first, so that no process runs one alone at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The cache folder of all tests, so that none uses the user's own."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture(scope="session")
def tiny_models_dir(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    """A models folder with `TINY_MODELS`, ready to serve; shared, so tests must not change it."""
    built = built_tiny_models()
    folder = tmp_path_factory.mktemp("tiny") / "models"
    for name in TINY_MODELS:
        shutil.copytree(built / "models" / name, folder / name)
    shutil.copytree(built / "cache", cache_dir, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def tiny_units_dir(tiny_models_dir: Path) -> Path:
    """The same with a model with action units, `tiny_units`; tests must not change it."""
    folder = tiny_models_dir.parent / "units"
    shutil.copytree(built_tiny_models() / "models", folder)
    return folder


@pytest.fixture(scope="session")
def serve_saved(cache_dir: Path) -> Callable[..., None]:
    """Makes saved models ready to serve, with their members, in this process's cache folder."""

    def serve(*names: str) -> None:
        for name in names:
            card = ModelStore(SAVED_MODELS).load_scored_card(name)
            if card.members:
                serve(*card.members)
                continue
            onnx = built_onnx(card)
            target = cache_folder("onnx") / onnx.name
            if not target.exists():
                shutil.copyfile(onnx, target)

    return serve


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
    """A copy of that folder for one test to modify; also the project's models folder."""
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
