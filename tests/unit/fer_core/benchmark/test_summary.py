"""Scores of an evaluation against scikit-learn and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from fer_core.benchmark import PhotoEvaluation, summarize
from fer_core.evaluation.scores import wilson
from tests.unit.fer_core.benchmark.evaluations import LABELS, made_up


def predicted_or_none(evaluation: PhotoEvaluation, entry: str) -> np.ndarray:
    """`(n,)` predicted classes; one more than the last class without a prediction."""
    predicted = np.full(len(evaluation.photos), len(LABELS))
    predicted[evaluation.entries[entry].row] = evaluation.entries[entry].predicted
    return predicted


def test_scores_over_all_photos_are_those_of_scikit_learn_with_missed_photos_as_errors() -> None:
    evaluation = made_up(missed=0.2)
    scores = summarize(evaluation).entries["model"].all_photos
    label, predicted = evaluation.photos.label, predicted_or_none(evaluation, "model")
    classes = range(len(LABELS))
    assert scores.rows == 400
    assert scores.accuracy.value == pytest.approx(metrics.accuracy_score(label, predicted))
    assert scores.macro_f1.value == pytest.approx(
        metrics.f1_score(label, predicted, labels=classes, average="macro")
    )
    for name in ("precision", "recall", "f1"):
        compute = getattr(metrics, f"{name}_score")
        expected = compute(label, predicted, labels=classes, average=None)
        found = [getattr(scores.per_class[each], name).value for each in LABELS]
        assert found == pytest.approx(expected)


def test_found_faces_and_the_detection_rate_stand_apart() -> None:
    evaluation = made_up(missed=0.2)
    scores = summarize(evaluation).entries["model"]
    entry = evaluation.entries["model"]
    correct = int(evaluation.is_correct("model").sum())
    assert scores.detection_rate == wilson(len(entry.row), 400)
    assert scores.found == wilson(correct, len(entry.row))
    assert scores.all_photos.accuracy == wilson(correct, 400)


def test_without_any_face_every_photo_is_an_error() -> None:
    scores = summarize(made_up(20, missed=1.0)).entries["model"]
    assert scores.all_photos.accuracy.value == 0
    assert scores.detection_rate.value == 0
    assert (scores.found, scores.calibration, scores.refitted) == (None, None, None)


def test_entries_are_compared_over_all_photos() -> None:
    evaluation = made_up(accuracy={"good": 0.9, "poor": 0.6}, missed=0.1)
    summary = summarize(evaluation)
    assert summary.comparisons is not None
    pair = summary.comparisons.comparisons["good", "poor"]
    good, poor = (evaluation.is_correct(name) for name in ("good", "poor"))
    assert pair.rows == 400
    assert pair.difference == pytest.approx(good.mean() - poor.mean())
    assert pair.low < pair.difference < pair.high
    assert pair.p_value < 1e-6
    assert summary.to_frame()["entry"].tolist() == ["good", "poor"]


def test_photos_of_few_people_say_less_than_as_many_photos_of_many() -> None:
    people = np.repeat(np.arange(10), 40)
    alone, grouped = made_up(), made_up(subject=people)
    width = [
        scores.all_photos.accuracy.high - scores.all_photos.accuracy.low
        for scores in (summarize(each).entries["model"] for each in (alone, grouped))
    ]
    assert width[1] >= width[0]


def test_a_temperature_is_fitted_on_other_people_than_it_is_measured_on() -> None:
    refitted = summarize(made_up(subject=np.repeat(np.arange(10), 40))).entries["model"].refitted
    assert refitted is not None
    assert refitted.rows == 200
    # 0.6 was said and 0.7 was correct: a temperature below 1 makes up for it.
    assert refitted.calibration.temperature is not None
    assert refitted.calibration.temperature < 1
    assert refitted.after.ece.value < refitted.before.ece.value


def test_few_photos_are_not_halved() -> None:
    assert summarize(made_up(99)).entries["model"].refitted is None
