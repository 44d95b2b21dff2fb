"""What a card says of a model's predictions, against scikit-learn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as reference

from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.reliability.temperature import Calibration
from fer_core.labels.emotions import FER2013, FERPLUS
from fer_core.zoo.store import ModelStore
from fer_core.zoo.summary import rescored, summarize


def make_predictions(split: str, labels: tuple[str, ...], *, rows: int = 90) -> SplitPredictions:
    rng = np.random.default_rng(len(split))
    probabilities = rng.dirichlet(np.ones(len(labels)), rows).astype(np.float32)
    return SplitPredictions(
        split, labels, np.arange(rows), rng.integers(0, len(labels), rows), probabilities
    )


def test_in_seven_classes_contempt_is_neutral_in_labels_and_predictions() -> None:
    report = make_predictions("ferplus_test", FERPLUS)
    summary = summarize(
        [make_predictions("ferplus_valid", FERPLUS), report], "ferplus_valid", report.split
    )
    neutral, contempt = FER2013.index("neutral"), FERPLUS.index("contempt")
    probabilities = report.probabilities[:, :contempt].copy()
    probabilities[:, neutral] += report.probabilities[:, contempt]
    predicted = probabilities.argmax(axis=1)
    label = np.where(report.label == contempt, neutral, report.label)
    seven = summary.seven_classes
    assert seven is not None
    assert tuple(seven.per_class) == FER2013
    assert seven.accuracy.value == pytest.approx(reference.accuracy_score(label, predicted))
    for name, average in (("macro_f1", "macro"), ("weighted_f1", "weighted")):
        expected = reference.f1_score(label, predicted, average=average)
        assert getattr(seven, name).value == pytest.approx(expected)


def test_seven_classes_are_no_view_of_themselves() -> None:
    splits = [make_predictions("a_valid", FER2013), make_predictions("a_test", FER2013)]
    assert summarize(splits, "a_valid", "a_test").seven_classes is None


def test_temperature_is_fitted_without_duplicates() -> None:
    """Faces that a model knows by heart would make it look underconfident."""
    selection, report = make_predictions("a_valid", FER2013), make_predictions("a_test", FER2013)
    duplicate = np.arange(len(selection)) < 40
    by_heart = selection.label.copy()
    by_heart[duplicate] = selection.probabilities[duplicate].argmax(axis=1)
    selection = replace(selection, label=by_heart, has_training_duplicate=duplicate)
    summary = summarize([selection, report], selection.split, report.split)
    alone = Calibration.fit(selection.probabilities[~duplicate], selection.label[~duplicate])
    assert Calibration(summary.temperature, summary.label_smoothing) == alone
    with_duplicates = Calibration.fit(selection.probabilities, selection.label)
    assert alone.temperature is not None
    assert with_duplicates.temperature is not None
    assert alone.temperature > with_duplicates.temperature
    assert summary.calibration[selection.split].after_without_training_duplicates is not None
    assert summary.calibration[report.split].after_without_training_duplicates is None


def test_a_card_can_be_computed_again_once_its_fingerprint_was_asked_for(models_dir: Path) -> None:
    card = ModelStore.default().load_scored_card("tiny_a")
    assert card.fingerprint
    assert rescored(card, models_dir / "tiny_a" / "predictions.npz") == card


def test_no_card_names_other_classes_than_the_weakest(models_dir: Path) -> None:
    card = ModelStore.default().load_scored_card("tiny_a")
    wrong = card.model_copy(
        update={"limits": ("Lowest F1 on the test split: happy.", *card.limits[1:])}
    )
    limits = rescored(wrong, models_dir / "tiny_a" / "predictions.npz").limits
    assert limits == card.limits
    scores = card.reported.per_class
    weakest = sorted(scores, key=lambda label: scores[label].f1.value)
    named = [label for label in weakest if label in limits[0]]
    assert named == weakest[:3]
    assert scores[weakest[0]].f1.percent() in limits[0]
