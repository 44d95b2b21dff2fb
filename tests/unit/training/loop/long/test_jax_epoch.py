"""The compiled loop over an epoch matches single steps, under JAX, in its own process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import PROJECT

COVERS = (
    "training/input_pipeline/batches.py",
    "training/loop/jax_epoch.py",
    "training/loop/epoch.py",
    "training/loop/trainer.py",
)

COMPARISON = """
import keras, numpy as np
from tests.unit.training.settings import tiny_settings
from training.input_pipeline.augmentation import reseed
from training.input_pipeline.batches import EpochBatches, epoch_order
from training.loop.jax_epoch import DeviceEpochs, has_accelerator
from training.loop.epoch import fit_epoch
from training.loop.trainer import build_trainer

assert not has_accelerator()
settings = tiny_settings(optimizer={"ema_momentum": 0.9})
rng = np.random.default_rng(0)
inputs = rng.normal(size=(21, 32, 32, 1)).astype(np.float32)
targets = np.eye(7, dtype=np.float32)[np.arange(21) % 7]

def run(whole_epochs):
    keras.utils.set_random_seed(1)
    trainer = build_trainer(
        settings, n_classes=7, n_votes=0, image_size=32, steps_per_epoch=2, teachers=[]
    )
    start = [np.array(weight) for weight in trainer.student.get_weights()]
    on_device = DeviceEpochs(trainer.model, n_classes=7)
    for epoch in range(2):
        order = epoch_order(21, length=21, seed=1, epoch=epoch)
        weights = np.arange(1, 8, dtype=np.float32) / 4
        batches = EpochBatches(
            inputs, targets, order=order, class_weights=weights,
            batch_size=8, mixup_alpha=0.2, seed=1, epoch=epoch,
        )
        reseed(trainer.model, seed=1, epoch=epoch)
        if whole_epochs:
            row = on_device.fit(batches)
        else:
            row = fit_epoch(trainer.model, batches, "")
    state = [np.asarray(variable) for variable in trainer.optimizer.variables]
    return row, start, [*trainer.student.get_weights(), *state]

(fitted_row, _, fitted), (row, start, weights) = run(False), run(True)
assert row.keys() == fitted_row.keys()
np.testing.assert_allclose(row["loss"], fitted_row["loss"], rtol=1e-4)
np.testing.assert_allclose(row["accuracy"], fitted_row["accuracy"], rtol=1e-4)
assert any(np.abs(a - b).max() > 1e-4 for a, b in zip(weights, start))
for a, b in zip(weights, fitted, strict=True):
    np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
"""


def test_a_compiled_epoch_matches_single_steps() -> None:
    pytest.importorskip("jax", reason="JAX is not installed")
    result = subprocess.run(
        [sys.executable, "-c", COMPARISON],
        cwd=PROJECT,
        env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
