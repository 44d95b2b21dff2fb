"""Settings of runs that finish within seconds."""

from __future__ import annotations

from typing import Any

from training.settings import TrainingSettings

EPOCHS = 3


def tiny_settings(**changes: Any) -> TrainingSettings:
    """A very small cnn on small batches; `changes` replace top-level settings."""
    options: dict[str, Any] = {
        "seed": 7,
        "batch_size": 8,
        "model": {
            "name": "tiny",
            "title": "Tiny",
            "architecture": "cnn",
            "widths": (4, 4, 8),
            "dropout": 0.1,
        },
        "schedule": {"kind": "cosine", "epochs": EPOCHS, "warmup_epochs": 1},
        "augmentation": {"mixup": 0.2},
    }
    return TrainingSettings.model_validate(options | changes)


TINY_CONFIG = f"""
seed = 7
batch_size = 8

[model]
name = "tiny"
title = "Tiny"
architecture = "cnn"
widths = [4, 4, 8]

[schedule]
epochs = {EPOCHS}
warmup_epochs = 1
"""
