"""Saved models that never change, and the app."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.app.conftest import app, packages_scanned_once  # noqa: F401
from tests.goldens.code import onnx_path, read_card, write_robustness
from tests.goldens.golden_files import MODELS, ONNX
from tests.robustness_results import robustness_of


@pytest.fixture
def models(cache_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The committed model folders, ready to serve; Haar finds the faces, as it does anywhere."""
    for folder in MODELS.iterdir():
        target = onnx_path(read_card(folder / "card.json"))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ONNX / f"{folder.name}.onnx", target)
    monkeypatch.setenv("FER_MODELS_DIR", str(MODELS))
    monkeypatch.setenv("FER_YUNET_MODEL", str(tmp_path / "no_such_file.onnx"))
    return MODELS


@pytest.fixture
def models_with_robustness(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The committed models, each with an invented result of robustness."""
    folder = tmp_path / "models"
    shutil.copytree(models, folder)
    monkeypatch.setenv("FER_MODELS_DIR", str(folder))
    for name in ("tiny_a", "tiny_b"):
        weights = read_card(folder / name / "card.json").weights.sha256
        correct = np.arange(400, 350, -1).reshape(10, 5)
        result = robustness_of(correct, clean=450, rows=700, model=name, weights=weights)
        write_robustness(folder / name / "robustness.npz", result)
    return folder
