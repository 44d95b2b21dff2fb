from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fer_core.evaluation.predictions import SplitPredictions

LABELS = ("angry", "happy", "sad", "neutral")

MakePredictions = Callable[..., SplitPredictions]


@pytest.fixture
def make_predictions() -> MakePredictions:
    """Makes predictions of which about two of three are correct."""

    def make(rows: int = 60, *, seed: int = 0, absent: tuple[int, ...] = ()) -> SplitPredictions:
        rng = np.random.default_rng(seed)
        classes = [index for index in range(len(LABELS)) if index not in absent]
        label = rng.choice(classes, rows)
        logits = rng.normal(size=(2, rows, len(LABELS)))
        logits[:, np.arange(rows), label] += 1.5
        logits[..., list(absent)] = -20.0
        weights = np.exp(logits)
        plain, mirrored = weights / weights.sum(axis=-1, keepdims=True)
        return SplitPredictions(
            "some_test",
            LABELS,
            row_id=np.arange(100, 100 + rows),
            label=label,
            probabilities=plain.astype(np.float32),
            probabilities_flip=((plain + mirrored) / 2).astype(np.float32),
            has_training_duplicate=rng.random(rows) < 0.2,
        )

    return make
