from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import softmax

from fer_core.errors import ModelError
from fer_core.evaluation.reliability.temperature import Calibration
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.onnx_export import onnx_file
from fer_core.zoo.store import ModelStore


def random_faces(count: int) -> NDArray[np.float32]:
    return np.random.default_rng(3).standard_normal((count, 48, 48, 1), np.float32)


def change_card(models_dir: Path, **fields: object) -> None:
    card = models_dir / "tiny_a" / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | fields))


@pytest.mark.parametrize("count", [0, 1, 5, 130])
def test_probabilities_have_a_row_per_face_that_sums_to_1(models_dir: Path, count: int) -> None:
    probabilities = load_classifier("tiny_a").predict(random_faces(count))
    assert probabilities.shape == (count, 7)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("count", [0, 5, 130])
def test_a_model_with_action_units_gives_both(units_models_dir: Path, count: int) -> None:
    classifier = load_classifier("tiny_units")
    faces = random_faces(count)
    found = classifier.predict_all(faces)
    assert (found.probabilities.shape, found.action_units.shape) == ((count, 7), (count, 15))
    assert len(classifier.action_units) == 15
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0, atol=1e-5)
    assert ((found.action_units > 0) & (found.action_units < 1)).all()
    np.testing.assert_array_equal(classifier.predict(faces), found.probabilities)
    np.testing.assert_array_equal(classifier.predict_action_units(faces), found.action_units)


def test_a_model_of_emotions_alone_has_no_action_units(models_dir: Path) -> None:
    assert load_classifier("tiny_a").predict_action_units(random_faces(3)).shape == (3, 0)


def test_a_face_is_classified_the_same_in_any_batch(models_dir: Path) -> None:
    classifier = load_classifier("tiny_a")
    faces = random_faces(100)
    one_by_one = np.concatenate([classifier.predict(face[np.newaxis]) for face in faces])
    np.testing.assert_allclose(classifier.predict(faces), one_by_one, atol=1e-6)


@pytest.mark.parametrize(
    "faces",
    [
        np.zeros((1, 44, 44, 1), np.float32),
        np.zeros((48, 48, 1), np.float32),
        np.zeros((1, 48, 48, 3), np.float32),
        np.zeros((1, 48, 48, 1), np.uint8),
    ],
)
def test_invalid_input_is_rejected(models_dir: Path, faces: NDArray[np.float32]) -> None:
    with pytest.raises(ValueError, match=r"float32 faces of shape \(n, 48, 48, 1\)"):
        load_classifier("tiny_a").predict(faces)


def test_threads_may_share_a_classifier(models_dir: Path) -> None:
    classifier = load_classifier("tiny_a")
    faces = random_faces(40)
    expected = classifier.predict(faces)
    with ThreadPoolExecutor(8) as pool:
        predictions = list(pool.map(lambda face: classifier.predict(face[np.newaxis]), faces))
    np.testing.assert_allclose(np.concatenate(predictions), expected, atol=1e-6)


def test_temperature_of_the_card_calibrates(own_models_dir: Path) -> None:
    faces = random_faces(4)
    change_card(own_models_dir, temperature=None)
    plain = load_classifier("tiny_a").predict(faces)
    change_card(own_models_dir, temperature=2.5)
    calibrated = load_classifier("tiny_a").predict(faces)
    np.testing.assert_allclose(calibrated, softmax(np.log(plain) / 2.5, axis=1), atol=1e-5)
    raw = load_classifier("tiny_a").predict(faces, calibrated=False)
    np.testing.assert_array_equal(raw, plain)
    change_card(own_models_dir, temperature=2.5, label_smoothing=0.1)
    np.testing.assert_allclose(
        load_classifier("tiny_a").predict(faces), Calibration(2.5, 0.1).apply(plain), atol=1e-5
    )


def test_unknown_runtime_is_refused(models_dir: Path) -> None:
    with pytest.raises(ValueError, match="onnx, keras"):
        load_classifier("tiny_a", runtime="torch")  # type: ignore[arg-type]


def test_export_is_made_once(models_dir: Path) -> None:
    reports: list[float] = []
    path = onnx_file("tiny_a", progress=lambda part, text: reports.append(part))
    assert reports == []
    assert (
        path.stem
        == hashlib.sha256(ModelStore.default().verified_weights("tiny_a").read_bytes()).hexdigest()
    )


def test_model_with_other_outputs_than_its_card_is_refused(own_models_dir: Path) -> None:
    card = json.loads((own_models_dir / "tiny_a" / "card.json").read_text())
    labels = [*card["labels"], "contempt"]
    for protocols in card["metrics"].values():
        for metrics in protocols.values():
            metrics["per_class"]["contempt"] = metrics["per_class"]["angry"]
    change_card(own_models_dir, labels=labels, metrics=card["metrics"])
    with pytest.raises(ModelError, match="one output per label and action unit"):
        load_classifier("tiny_a")
