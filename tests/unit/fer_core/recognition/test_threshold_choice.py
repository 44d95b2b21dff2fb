"""A threshold for an accuracy is chosen on the validation split of its model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ThresholdError
from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.reliability.selective import selective_scores, threshold_sweep
from fer_core.recognition.threshold_choice import ThresholdRequest, threshold_for_accuracy
from fer_core.zoo.artifacts import write_predictions
from fer_core.zoo.store import ModelStore

PUBLIC = "fer2013_public_test"


@pytest.mark.usefixtures("models_dir")
@pytest.mark.parametrize("name", ["tiny_a", "tiny_b"])
def test_it_is_the_lowest_that_has_the_accuracy_on_the_validation_split(name: str) -> None:
    card = ModelStore.default().load_scored_card(name)
    predictions = ModelStore.default().load_predictions(name)[PUBLIC].without_training_duplicates()
    calibrated = card.fitted_calibration.apply(predictions.probabilities)
    threshold = threshold_for_accuracy(card, 0.9)
    for step, is_enough in ((0.0, True), (-0.01, False)):
        scores = selective_scores(calibrated, predictions.label, card.labels, threshold + step)
        assert scores.accuracy is not None
        assert (scores.accuracy.value >= 0.9) is is_enough


def test_each_model_has_its_own(models_dir: Path) -> None:
    cards = [ModelStore(models_dir).load_scored_card(name) for name in ("tiny_a", "tiny_b")]
    first, second = (threshold_for_accuracy(card, 0.7) for card in cards)
    assert first != second


def test_what_no_threshold_reaches_is_refused_with_what_one_does(own_models_dir: Path) -> None:
    predictions = ModelStore.default().load_predictions("tiny_a")[PUBLIC]
    wrong = (predictions.probabilities.argmax(axis=1) + 1) % len(predictions.labels)
    own = SplitPredictions(
        PUBLIC, predictions.labels, predictions.row_id, wrong, predictions.probabilities
    )
    write_predictions(own_models_dir / "tiny_a" / "predictions.npz", [own])
    with pytest.raises(ThresholdError, match=r"No threshold of tiny_a .* 90\.0% .* is 0\.0%"):
        threshold_for_accuracy(ModelStore.default().load_scored_card("tiny_a"), 0.9)


def test_without_predictions_of_the_validation_split_it_is_refused(own_models_dir: Path) -> None:
    path = own_models_dir / "tiny_a" / "predictions.npz"
    others = [
        each
        for name, each in ModelStore.default().load_predictions("tiny_a").items()
        if name != PUBLIC
    ]
    write_predictions(path, others)
    card = ModelStore.default().load_scored_card("tiny_a")
    with pytest.raises(ThresholdError, match=f"{PUBLIC}. Expected its predictions"):
        threshold_for_accuracy(card, 0.9)
    path.unlink()
    with pytest.raises(ThresholdError, match="predictions cannot be read"):
        threshold_for_accuracy(card, 0.9)
    assert ThresholdRequest(0.3).for_model(card) == 0.3  # needs none


@pytest.mark.parametrize(
    ("threshold", "accuracy"), [(0.5, 0.9), (1.1, None), (None, -0.1), (np.nan, None)]
)
def test_a_request_is_for_one_of_them_from_0_to_1(
    threshold: float | None, accuracy: float | None
) -> None:
    with pytest.raises(ValueError, match="a threshold or an accuracy"):
        ThresholdRequest(threshold, accuracy)


@pytest.mark.usefixtures("models_dir")
def test_without_a_request_it_is_the_default_or_the_previous_one() -> None:
    card = ModelStore.default().load_scored_card("tiny_a")
    assert ThresholdRequest().for_model(card) == 0.5
    assert ThresholdRequest().for_model(card, otherwise=0.8) == 0.8
    assert ThresholdRequest(accuracy=0.9).for_model(card) == threshold_for_accuracy(card, 0.9)


def test_the_accuracy_at_a_threshold_is_never_rounded_up() -> None:
    probabilities = np.array([[0.9, 0.1]] * 7 + [[0.6, 0.4]] * 2, np.float32)
    sweep = threshold_sweep(probabilities, np.array([0] * 6 + [1] + [0, 1], np.int64))
    assert sweep.at_least(0.5) == 0.77  # 7 of 9
    assert sweep.at_least(0.7) == 0.85  # 6 of 7
    assert sweep.at_least(1.0) is None


def test_a_guaranteed_threshold_is_stricter_or_refused(models_dir: Path) -> None:
    card = ModelStore.default().load_scored_card("tiny_a")
    with pytest.raises(ThresholdError, match="certain enough: its validation"):
        threshold_for_accuracy(card, 0.99, guaranteed=True)
    with pytest.raises(ThresholdError, match="certain enough"):
        ThresholdRequest(accuracy=0.99, guaranteed=True).for_model(card)
