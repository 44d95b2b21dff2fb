"""The saved weights load in plain Keras and reproduce the saved predictions."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from fer_core.faces.sample_faces import load_samples
from fer_core.fer2013.test_split_faces import find_dataset, has_faces, load_dataset_faces
from fer_core.preprocessing.preprocess import preprocess_batch
from fer_core.zoo.cards import ModelCard
from fer_core.zoo.store import WEIGHTS_FILE, ModelStore
from tests.conftest import PROJECT

COVERS = (
    "fer_core/preprocessing/preprocess.py",
    "models/*/model.keras",
    "models/*/predictions.npz",
)

MODELS = PROJECT / "models"
SINGLE = [card for card in ModelStore(MODELS).list_models().cards if not card.members]
ROWS = 32


def named(cards: list[ModelCard]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("card", cards, ids=[card.name for card in cards])


def outputs(card: ModelCard, faces: list[Any]) -> list[Any]:
    model = keras.models.load_model(MODELS / card.name / WEIGHTS_FILE)
    assert model.count_params() == card.parameters
    found = keras.tree.flatten(model(preprocess_batch(faces, card.preprocessing)))
    return [keras.ops.convert_to_numpy(each) for each in found]


@named(SINGLE)
def test_they_load_and_predict(card: ModelCard) -> None:
    samples = list(load_samples().values())
    sizes = [size for size in (len(card.labels), len(card.action_units)) if size]
    found = outputs(card, samples)
    assert [each.shape for each in found] == [(len(samples), size) for size in sizes]
    np.testing.assert_allclose(found[0].sum(axis=1), 1.0, atol=1e-5)


@named([card for card in SINGLE if has_faces(card.protocol.report_split)])
@pytest.mark.usefixtures("real_fer2013")
def test_they_reproduce_the_saved_predictions(card: ModelCard) -> None:
    source = find_dataset()
    assert source is not None
    saved = ModelStore(MODELS).load_predictions(card.name)[card.protocol.report_split]
    rows = np.linspace(0, len(saved.row_id) - 1, ROWS).astype(int)
    faces = load_dataset_faces(source).take(saved.row_id[rows])
    (found,) = outputs(card, list(faces.images))
    np.testing.assert_allclose(found, saved.probabilities[rows], atol=2e-3)
