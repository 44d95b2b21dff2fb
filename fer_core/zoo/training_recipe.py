"""Facts about a training from its card: initial weights, teachers, epochs."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from fer_core.zoo.card_parts import Training


def is_from_scratch(training: Training) -> bool:
    """Returns whether training started from random weights."""
    return _section(training, "model").get("pretrained") is None


def started_from(training: Training) -> str:
    """Returns the initial weights: `random weights`, or those of a named model."""
    name = _section(training, "model").get("pretrained")
    return "random weights" if name is None else f"weights of {name}"


def teachers(training: Training) -> tuple[str, ...]:
    """Returns the names of the teacher models; empty without distillation."""
    found = _section(training, "distillation").get("teachers", ())
    return tuple(PurePosixPath(name).name for name in found)


def epochs_run(training: Training) -> str:
    """Returns the number of epochs; if training stopped early, with the scheduled number."""
    planned = _section(training, "schedule").get("epochs", training.epochs)
    return f"{training.epochs}" if training.epochs >= planned else f"{training.epochs} of {planned}"


def _section(training: Training, name: str) -> dict[str, Any]:
    section = training.recipe.get(name)
    return section if isinstance(section, dict) else {}
