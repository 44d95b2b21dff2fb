from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from fer_core.errors import DatasetError, ModelError
from fer_core.zoo.store import ModelStore
from tests.tiny_dataset import tiny_dataset
from training.artifacts.embedding_map import make_map, penultimate, project
from training.datasets import FaceDataset


@pytest.fixture
def fer2013() -> FaceDataset:
    return replace(tiny_dataset({"train": 1, "valid": 1, "test": 6}), name="fer2013")


def small_model() -> keras.Model:
    inputs = keras.Input((48, 48, 1))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(3, 3)(inputs))
    dropped = keras.layers.Dropout(0.5)(pooled)
    return keras.Model(inputs, keras.layers.Dense(7, activation="softmax")(dropped))


def test_features_are_the_inputs_of_the_last_layer() -> None:
    model = small_model()
    faces = np.random.default_rng(0).normal(size=(5, 48, 48, 1)).astype(np.float32)
    features = penultimate(model).predict(faces, verbose=0)
    kernel, bias = model.layers[-1].get_weights()
    logits = features @ kernel + bias
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, model.predict(faces, verbose=0), atol=1e-5)


def test_a_model_without_a_single_dense_output_is_rejected() -> None:
    inputs = keras.Input((48, 48, 1))
    pooled = keras.layers.GlobalAveragePooling2D()(inputs)
    first, second = keras.layers.Dense(7)(pooled), keras.layers.Dense(2)(pooled)
    for model in (keras.Model(inputs, pooled), keras.Model(inputs, [first, second])):
        with pytest.raises(ModelError, match="one output, from a dense layer"):
            penultimate(model)


def test_projections_keep_far_groups_apart() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1], 20)
    features = (rng.normal(size=(40, 8)) + 50 * group[:, None]).astype(np.float32)
    for xy in project(features).values():
        assert xy.shape == (40, 2)
        centers = np.stack([xy[group == each].mean(axis=0) for each in (0, 1)])
        nearest = np.linalg.norm(xy[:, None] - centers, axis=2).argmin(axis=1)
        assert (nearest == group).all()


def test_the_map_is_of_the_saved_models_weights_and_test_rows(
    own_models_dir: Path, fer2013: FaceDataset
) -> None:
    made = make_map("tiny_a", fer2013)
    found = ModelStore.default().load_feature_map("tiny_a")
    assert found is not None
    assert found.row_id.tolist() == fer2013.subset("test").row_id.tolist()
    for projection, xy in made.xy.items():
        np.testing.assert_array_equal(found.xy[projection], xy)
        assert 0 < found.trustworthiness[projection] <= 1


def test_another_dataset_is_rejected(own_models_dir: Path) -> None:
    with pytest.raises(DatasetError, match="Expected FER2013"):
        make_map("tiny_a", tiny_dataset())
    assert ModelStore.default().load_feature_map("tiny_a") is None
