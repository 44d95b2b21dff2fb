"""Campaigns, on JAX and without TensorFlow, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_dataset import write_fer2013_csv
from tests.unit.training.settings import EPOCHS, TINY_CONFIG
from training.checkpoints import Checkpoint
from training.runs import LAST_CHECKPOINT, read_history

PROJECT = Path(__file__).resolve().parents[3]

WITHOUT_TENSORFLOW = """
import sys

class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "imblearn"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Forbidden())
import typer
from training.campaign import main
typer.run(main)
"""
STUDENT = TINY_CONFIG.replace('name = "tiny"', 'name = "a_student"') + (
    '\n[distillation]\nteachers = ["../tiny"]\n'
)


def campaign(folder: Path, *, minutes: float) -> subprocess.CompletedProcess[str]:
    """Runs the campaign of two tiny configs, of which the first learns from the second."""
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
            *(*options, "--export", "--models-dir", "models"),
        ],
        cwd=folder,
        env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_campaign_trains_teachers_first_and_needs_no_tensorflow(tmp_path: Path) -> None:
    pytest.importorskip("jax", reason="JAX is not installed")
    none = campaign(tmp_path, minutes=0)
    assert none.returncode == 0, none.stderr
    assert none.stdout.count("no time was left") == 2
    done = campaign(tmp_path, minutes=30)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("tiny", "a_student"):
        assert len(read_history(tmp_path / "runs" / name)) == EPOCHS
        assert (tmp_path / "models" / name / "card.json").exists()
    last = tmp_path / "runs" / "tiny" / LAST_CHECKPOINT
    weights = Checkpoint.load(last).weights
    again = campaign(tmp_path, minutes=30)
    assert again.stdout.count("finished") == 2, again.stdout + again.stderr
    assert all((a == b).all() for a, b in zip(weights, Checkpoint.load(last).weights, strict=True))
