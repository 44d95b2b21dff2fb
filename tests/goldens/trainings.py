"""The smallest training there is: two epochs of a network of a few hundred numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from typer.testing import CliRunner, Result

from tests.goldens.code import training_command
from tests.tiny_dataset import write_fer2013_csv

CONFIG: Final = """seed = 7
batch_size = 8

[model]
name = "tiny"
title = "Tiny"
architecture = "cnn"
widths = [2, 2, 2]

[schedule]
epochs = 2
warmup_epochs = 0
"""


def train(folder: Path, run_dir: Path, *options: str) -> Result:
    """Runs `python -m training.train` in this process; makes its config and data if missing."""
    config, data = folder / "tiny.toml", folder / "fer2013.csv"
    config.write_text(CONFIG)
    if not data.exists():
        write_fer2013_csv(folder)
    paths = ["--config", str(config), "--data", str(data), "--run-dir", str(run_dir)]
    return CliRunner().invoke(training_command(), [*paths, *options])
