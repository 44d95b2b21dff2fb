"""Embedding maps of the tiny models, with synthetic coordinates."""

from __future__ import annotations

import numpy as np

from fer_core.evaluation.dataset.embedding_map import MAP_SPLIT, PROJECTIONS, FeatureMap
from fer_core.zoo.artifacts import MAP_FILE, write_feature_map
from fer_core.zoo.store import ModelStore


def tiny_map(name: str) -> FeatureMap:
    """Returns a map on which each class has its own corner."""
    predictions = ModelStore.default().load_predictions(name)[MAP_SPLIT]
    angle = 2 * np.pi * predictions.label / len(predictions.labels)
    noise = np.random.default_rng(0).normal(scale=0.1, size=(len(predictions), 2))
    xy = (np.stack([np.cos(angle), np.sin(angle)], axis=1) + noise).astype(np.float32)
    return FeatureMap(
        weights_sha256=ModelStore.default().load_scored_card(name).weights.sha256,
        row_id=predictions.row_id,
        xy={projection: xy * (1 + at) for at, projection in enumerate(PROJECTIONS)},
        trustworthiness={projection: 0.9 + at / 20 for at, projection in enumerate(PROJECTIONS)},
    )


def write_tiny_map(name: str) -> FeatureMap:
    """Writes it into the model's folder in the project's models folder, and returns it."""
    feature_map = tiny_map(name)
    write_feature_map(ModelStore.default().model_folder(name) / MAP_FILE, feature_map)
    return feature_map
