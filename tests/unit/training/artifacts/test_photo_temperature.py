"""The temperature on photos: where it is used, and where the model's own one stays."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from fer_core.benchmark.photo_evaluation import EvaluationEntry, LabeledRows, PhotoEvaluation
from fer_core.errors import EvaluationError
from fer_core.evaluation.reliability.calibration import calibration_scores
from fer_core.evaluation.reliability.temperature import Calibration
from fer_core.labels.emotions import FER2013
from fer_core.recognition.threshold_choice import selection_sweep
from fer_core.reports.model_card_text import calibration_sentence, model_facts
from fer_core.zoo.cards import ModelCard, read_card
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.store import ModelStore
from training.artifacts.photo_temperature import with_photo_temperature

FACES = 2000


@pytest.fixture
def card(own_models_dir: Path) -> ModelCard:
    return ModelStore(own_models_dir).load_scored_card("tiny_a")


def photos(card: ModelCard, *, checksum: str | None = None) -> PhotoEvaluation:
    """Faces on which the model is as confident as on its own, but half as often correct."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (FACES, len(FER2013)))
    exact = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    label = (exact.cumsum(axis=1) > rng.random((FACES, 1))).argmax(axis=1)
    sure = np.exp(3 * logits) / np.exp(3 * logits).sum(axis=1, keepdims=True)
    raw = Calibration(1.0, card.label_smoothing).undo(sure.astype(np.float32))
    entry = EvaluationEntry(
        name=card.name,
        title=card.title,
        kind="model",
        labels=FER2013,
        row=np.arange(FACES),
        probabilities=raw,
        reasons=np.full(FACES, ""),
        faces="pre-cropped",
        checksum=checksum or card.weights.sha256,
    )
    rows = LabeledRows(id=tuple(map(str, range(FACES))), labels=FER2013, label=label)
    created = datetime(2026, 1, 31, tzinfo=UTC)
    return PhotoEvaluation(name="web", created=created, photos=rows, entries={card.name: entry})


def test_it_is_fitted_on_the_photos(card: ModelCard) -> None:
    evaluation = photos(card)
    found = with_photo_temperature(card, evaluation)
    assert found.photo_temperature is not None
    assert found.photo_temperature.temperature == pytest.approx(3, rel=0.1)
    assert (found.photo_temperature.photos, found.photo_temperature.faces) == ("web", FACES)
    predicted = evaluation.predictions(card.name)
    calibrated = found.photo_calibration.apply(predicted.probabilities)
    assert calibration_scores(calibrated, predicted.label).ece.value < 0.03


def test_predictions_of_other_weights_are_not_used(card: ModelCard) -> None:
    with pytest.raises(EvaluationError, match="no predictions of tiny_a with its present"):
        with_photo_temperature(card, photos(card, checksum="1" * 64))


def test_photos_and_thresholds_get_it_and_scores_do_not(
    card: ModelCard, own_models_dir: Path
) -> None:
    found = with_photo_temperature(card, photos(card))
    file = own_models_dir / "tiny_a" / "card.json"
    faces = np.random.default_rng(0).normal(size=(5, 48, 48, 1)).astype(np.float32)
    raw = load_classifier("tiny_a").predict(faces, calibrated=False)
    file.write_text(found.to_json())
    assert read_card(file) == found
    np.testing.assert_array_equal(
        load_classifier("tiny_a").predict(faces), found.photo_calibration.apply(raw)
    )
    assert found.fitted_calibration == card.fitted_calibration
    assert found.calibration == card.calibration
    own = ModelStore(own_models_dir).load_predictions("tiny_a")[card.protocol.selection_split]
    before, after = selection_sweep(own, card), selection_sweep(own, found)
    middle = len(before.threshold) // 2
    assert after.coverage[middle] < before.coverage[middle]


def test_the_card_says_so(card: ModelCard) -> None:
    found = with_photo_temperature(card, photos(card))
    assert "Temperature on photos" not in model_facts(card)
    fitted = f"{found.photo_calibration.temperature:.3f}"
    assert model_facts(found)["Temperature on photos"] == fitted
    assert f"the app uses {fitted} there, fitted on 2,000 faces" in calibration_sentence(found)
