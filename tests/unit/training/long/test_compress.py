from __future__ import annotations

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from fer_core.errors import DatasetError, ModelError
from fer_core.preprocessing.preprocess import preprocess_batch
from fer_core.zoo.store import ModelStore
from fer_core.zoo.summary import rescored
from tests.tiny_ckplus import write_cropped
from tests.tiny_dataset import tiny_dataset, write_fer2013_csv
from training import compress as module
from training import predict
from training.compress import compress_model, try_bits

COVERS = (
    "training/artifacts/weight_compression.py",
    "training/compress.py",
)


def test_a_model_is_rounded_to_fewer_bits_and_scored_with_the_new_file(
    own_models_dir: Path, tmp_path: Path
) -> None:
    data = write_fer2013_csv(tmp_path)
    with pytest.raises(DatasetError, match="rows differ"):
        compress_model("tiny_a", 2, data)
    predict.main("tiny_a", data, final=True)
    before = ModelStore.default().load_scored_card("tiny_a")
    tried = try_bits("tiny_a", 2, data)
    assert ModelStore.default().load_scored_card("tiny_a") == before
    card = compress_model("tiny_a", 2, data)
    change = (before.weights.rounding_accuracy_change or 0.0) + tried
    assert card.weights.rounding_accuracy_change == pytest.approx(change)
    assert card == ModelStore.default().load_scored_card("tiny_a")
    assert card.weights.mantissa_bits == 2
    assert card.weights.sha256 != before.weights.sha256
    faces = preprocess_batch(tiny_dataset().subset("test").images, card.preprocessing)
    model = keras.models.load_model(ModelStore.default().verified_weights("tiny_a"), compile=False)
    predicted = ModelStore.default().load_predictions("tiny_a")
    np.testing.assert_allclose(
        predicted["fer2013_private_test"].probabilities, model.predict(faces, verbose=0), atol=1e-6
    )
    assert rescored(card, own_models_dir / "tiny_a" / "predictions.npz") == card
    assert predicted["fer2013_public_test"].probabilities_crops is None
    assert predicted["fer2013_private_test"].probabilities_crops is not None
    for kernel in model.get_weights():
        if kernel.ndim >= 2:
            pattern = np.asarray(kernel, np.float32).view(np.uint32)
            assert not (pattern & np.uint32(2**21 - 1)).any()


def test_a_model_with_few_enough_bits_is_unchanged(own_models_dir: Path, tmp_path: Path) -> None:
    data = write_fer2013_csv(tmp_path)
    predict.main("tiny_a", data, final=True)
    first = compress_model("tiny_a", 3, data)
    with pytest.raises(ModelError, match="more than 3 bits"):
        compress_model("tiny_a", 3, data)
    assert ModelStore.default().load_scored_card("tiny_a") == first


def test_a_model_of_ckplus_keeps_the_scores_of_its_folds_and_must_predict_alike(
    tmp_path: Path, tiny_units_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = shutil.copytree(tiny_units_dir, tmp_path / "models")
    monkeypatch.setenv("FER_MODELS_DIR", str(own))
    data = write_cropped(tmp_path)
    before = ModelStore.default().load_scored_card("tiny_units")
    with monkeypatch.context() as strict:
        strict.setattr(module, "LARGEST_CHANGE", 0.0)
        with pytest.raises(ModelError, match="may change probabilities"):
            compress_model("tiny_units", 2, data)
    assert ModelStore.default().load_scored_card("tiny_units") == before
    card = compress_model("tiny_units", 4, data)
    assert card.weights.mantissa_bits == 4
    assert card.weights.rounding_accuracy_change is None
    *limits, remark = card.limits
    assert tuple(limits[1:]) == before.limits  # preceded by the weakest action units
    assert "weights of all bits of mantissa" in remark
    assert card.model_copy(update={"weights": before.weights, "limits": before.limits}) == before
