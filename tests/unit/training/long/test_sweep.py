"""Sweeps on JAX and without TensorFlow, each in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from fer_core.preprocessing.preprocess import preprocess_batch
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.store import ModelStore
from tests.conftest import PROJECT
from tests.tiny_dataset import write_fer2013_csv
from tests.unit.training.settings import EPOCHS, TINY_CONFIG
from training.datasets import read_dataset
from training.run_directory.checkpoints import Checkpoint
from training.run_directory.layout import LAST_CHECKPOINT, read_history

COVERS = (
    "training/sweep.py",
    "training/export.py",
    "training/loop/distillation.py",
    "training/train.py",
)

WITHOUT_TENSORFLOW = """
import sys

class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "imblearn"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Forbidden())
import typer
from training.sweep import main
typer.run(main)
"""
STUDENT = TINY_CONFIG.replace('name = "tiny"', 'name = "a_student"') + (
    '\n[distillation]\nteachers = ["../tiny"]\n'
)


def sweep(folder: Path, *, minutes: float) -> subprocess.CompletedProcess[str]:
    """Runs a sweep of two tiny configs; the first is distilled from the second."""
    configs = {"a_student": STUDENT, "tiny": TINY_CONFIG}
    for name, text in configs.items():
        (folder / f"{name}.toml").write_text(text)
    if not (folder / "fer2013.csv").exists():
        write_fer2013_csv(folder)
    options = ["--data", "fer2013.csv", "--runs", "runs", "--minutes", str(minutes)]
    return subprocess.run(
        [
            *(sys.executable, "-c", WITHOUT_TENSORFLOW),
            *(f"{name}.toml" for name in configs),
            *(*options, "--export", "--final", "--models-dir", "models"),
        ],
        cwd=folder,
        env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )


pytestmark = [
    pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed"),
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the runs and the models of a complete sweep."""
    folder = tmp_path_factory.mktemp("sweep")
    done = sweep(folder, minutes=30)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_nothing_is_started_without_time(tmp_path: Path) -> None:
    none = sweep(tmp_path, minutes=0)
    assert none.returncode == 0, none.stderr
    assert none.stdout.count("no time left") == 2


def test_a_sweep_trains_teachers_first_and_needs_no_tensorflow(finished: Path) -> None:
    for name in ("tiny", "a_student"):
        assert len(read_history(finished / "runs" / name)) == EPOCHS
        assert (finished / "models" / name / "card.json").exists()
    last = finished / "runs" / "tiny" / LAST_CHECKPOINT
    weights = Checkpoint.load(last).weights
    again = sweep(finished, minutes=30)
    assert again.stdout.count("finished") == 2, again.stdout + again.stderr
    assert all((a == b).all() for a, b in zip(weights, Checkpoint.load(last).weights, strict=True))


def test_the_app_predicts_like_keras_on_jax(finished: Path) -> None:
    models_dir = finished / "models"
    classifier = load_classifier("tiny", store=ModelStore(models_dir))
    card = ModelStore(models_dir).load_scored_card("tiny")
    assert card.temperature is not None
    on_jax = ModelStore(models_dir).load_predictions("tiny")["fer2013_private_test"]
    faces = read_dataset(finished / "fer2013.csv").subset("test").images
    np.testing.assert_allclose(
        classifier.predict(preprocess_batch(faces, classifier.card.preprocessing)),
        card.fitted_calibration.apply(on_jax.probabilities),
        atol=1e-4,
    )
