from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from fer_core.errors import DatasetError
from fer_core.preprocessing.preprocess import preprocess_batch
from fer_core.zoo.store import ModelStore
from fer_core.zoo.summary import rescored
from tests.tiny_dataset import tiny_dataset, write_fer2013_csv
from training import predict
from training.networks.batch_norm import STATISTICS_SENTENCE, BatchNormEstimator
from training.update_statistics import update_statistics


def test_a_saved_model_gets_new_statistics_and_scores(own_models_dir: Path, tmp_path: Path) -> None:
    data = write_fer2013_csv(tmp_path)
    with pytest.raises(DatasetError, match="rows differ"):
        update_statistics("tiny_a", data)
    predict.main("tiny_a", data, final=True)
    before = ModelStore.default().load_scored_card("tiny_a")
    expected = keras.models.load_model(
        ModelStore.default().verified_weights("tiny_a"), compile=False
    )
    train, test = (tiny_dataset().subset(split) for split in ("train", "test"))
    old = expected.get_weights()
    BatchNormEstimator(expected, train.images, before.preprocessing).update(expected)
    assert any(not np.array_equal(a, b) for a, b in zip(old, expected.get_weights(), strict=True))

    card = update_statistics("tiny_a", data)
    assert card == ModelStore.default().load_scored_card("tiny_a")
    model = keras.models.load_model(ModelStore.default().verified_weights("tiny_a"), compile=False)
    for new, wanted in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(new, wanted)
    faces = preprocess_batch(test.images, card.preprocessing)
    saved = ModelStore.default().load_predictions("tiny_a")["fer2013_private_test"].probabilities
    np.testing.assert_allclose(saved, model.predict(faces, verbose=0), atol=1e-6)
    assert card.summary == f"{before.summary} {STATISTICS_SENTENCE}"
    assert rescored(card, own_models_dir / "tiny_a" / "predictions.npz") == card
