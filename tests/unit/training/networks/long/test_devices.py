"""Training on several devices that share each batch gives the result of one device."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from tests.conftest import PROJECT
from training.networks.devices import shard_batches
from training.settings import SettingsError

COVERS = (
    "training/loop/jax_epoch.py",
    "training/networks/devices.py",
    "training/train.py",
)

COMPARISON = """
import sys
import keras, numpy as np, pytest
from pathlib import Path
import training.train
from tests.tiny_dataset import tiny_dataset
from tests.unit.training.settings import tiny_settings
from training.networks.devices import device_count, shard_batches
from training.settings import SettingsError

settings = tiny_settings(
    optimizer={"ema_momentum": 0.9}, schedule={"epochs": 2, "warmup_epochs": 1}
)
dataset = tiny_dataset({"train": 5, "valid": 3, "test": 1})

def curves(name):
    history = training.train.train(settings, dataset, Path(sys.argv[1]) / name, resume=False)
    names = ("loss", "accuracy", "val_loss", "val_accuracy")
    return [[row[name] for name in names] for row in history]

alone = curves("alone")
with pytest.raises(SettingsError, match="multiple of the number of devices. Received: 7"):
    shard_batches(7)
assert device_count() == 1
assert shard_batches(8) == device_count() == 4
together = curves("together")
training.train.has_accelerator = lambda: True
in_one_loop = curves("in_one_loop")

assert len({row[0] for row in alone}) == 2, "nothing was learned"
np.testing.assert_allclose(together, alone, rtol=1e-4)
np.testing.assert_allclose(in_one_loop, alone, rtol=1e-4)
"""


@pytest.mark.timeout(900)
def test_the_loss_curve_is_that_of_one_device(tmp_path: Path) -> None:
    pytest.importorskip("jax", reason="JAX is not installed")
    for name in ("alone", "together", "in_one_loop"):
        (tmp_path / name).mkdir()
    result = subprocess.run(
        [sys.executable, "-c", COMPARISON, str(tmp_path)],
        cwd=PROJECT,
        env=os.environ
        | {
            "KERAS_BACKEND": "jax",
            "PYTHONPATH": str(PROJECT),
            "XLA_FLAGS": "--xla_force_host_platform_device_count=4",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX shares batches")
def test_other_backends_report_one_device() -> None:
    with pytest.raises(SettingsError, match="KERAS_BACKEND=jax"):
        shard_batches(8)
