"""Times one training step of a config, with augmentation, with and without the fast kernels.

KERAS_BACKEND=torch python benchmarks/training_step.py training/configs/mobilenet.toml
KERAS_BACKEND=tensorflow python benchmarks/training_step.py training/configs/*.toml --size 32

The faces are noise, which takes the same time. The kernels are those of
`training.networks.fast_kernels`.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated
from unittest import mock

import keras
import numpy as np
import typer

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from training.loop.trainer import build_trainer  # noqa: E402
from training.settings import TrainingSettings, read_settings  # noqa: E402

N_CLASSES = 7


def main(
    configs: list[Path],
    size: Annotated[int, typer.Option(help="Side of the faces in pixels.")] = 48,
    steps: Annotated[int, typer.Option(help="Timed steps, after three warm-up steps.")] = 10,
    precision: Annotated[str, typer.Option(help="Instead of the config's own.")] = "",
) -> None:
    """Prints the median time of a step for every config."""
    for config in configs:
        settings = read_settings(config)
        settings = settings.model_copy(
            update={"distillation": None, "precision": precision or settings.precision}
        )
        ours = median_seconds(settings, size, steps)
        plain = median_seconds(settings, size, steps, kernels=False)
        print(
            f"{settings.model.name:<14}{keras.backend.backend():<11} {settings.precision:<15} "
            f"{settings.batch_size} x {size} px: {ours:.2f} s, with Keras's kernels {plain:.2f} s",
            flush=True,
        )


def median_seconds(
    settings: TrainingSettings, size: int, steps: int, *, kernels: bool = True
) -> float:
    """Returns the time of a step on one batch."""
    keras.mixed_precision.set_global_policy(settings.precision)
    replacement = contextlib.nullcontext() if kernels else plain_kernels()
    with replacement:
        trainer = build_trainer(
            settings,
            n_classes=N_CLASSES,
            n_votes=0,
            image_size=size,
            steps_per_epoch=100,
            teachers=[],
        )
    rng = np.random.default_rng(0)
    faces = rng.normal(size=(settings.batch_size, size, size, 1)).astype(np.float32)
    targets = np.eye(N_CLASSES, dtype=np.float32)[rng.integers(N_CLASSES, size=len(faces))]
    times = []
    for _ in range(steps + 3):
        started = time.perf_counter()
        trainer.model.train_on_batch(faces, targets)
        times.append(time.perf_counter() - started)
    return statistics.median(times[3:])


def plain_kernels() -> AbstractContextManager[object]:
    """Returns a context in which trainers use Keras's own layers."""
    return mock.patch("training.loop.trainer.with_fast_kernels", lambda model: model)


if __name__ == "__main__":
    typer.run(main)
