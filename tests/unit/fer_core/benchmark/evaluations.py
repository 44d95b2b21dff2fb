"""Evaluations of made-up predictions, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark import NO_FACE, EvaluationEntry, LabeledRows, PhotoEvaluation

LABELS = ("angry", "happy", "sad")


def made_up(
    photos: int = 400,
    *,
    accuracy: dict[str, float] | None = None,
    missed: float = 0.0,
    columns: dict[str, NDArray[Any]] | None = None,
    subject: NDArray[np.int64] | None = None,
    seed: int = 0,
) -> PhotoEvaluation:
    """Returns an evaluation of entries with about these accuracies over the photos with a face."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, len(LABELS), photos)
    rows = LabeledRows(
        id=tuple(f"{index}.jpg" for index in range(photos)),
        labels=LABELS,
        label=label,
        columns=columns or {},
        subject=subject,
    )
    entries = {
        name: _entry(name, label, share, missed, rng)
        for name, share in (accuracy or {"model": 0.7}).items()
    }
    return PhotoEvaluation("made_up", datetime(2026, 1, 1, tzinfo=UTC), rows, entries)


def _entry(
    name: str, label: NDArray[np.int64], accuracy: float, missed: float, rng: np.random.Generator
) -> EvaluationEntry:
    is_missed = rng.random(len(label)) < missed
    row = np.flatnonzero(~is_missed)
    shift = rng.integers(1, len(LABELS), len(label)) * (rng.random(len(label)) >= accuracy)
    predicted = (label + shift) % len(LABELS)
    probabilities = np.full((len(row), len(LABELS)), 0.2, np.float32)
    probabilities[np.arange(len(row)), predicted[row]] = 0.6
    return EvaluationEntry(
        name=name,
        title=name.title(),
        kind="model",
        labels=LABELS,
        row=row,
        probabilities=probabilities,
        reasons=np.where(is_missed, NO_FACE, ""),
        faces="YuNet",
    )
