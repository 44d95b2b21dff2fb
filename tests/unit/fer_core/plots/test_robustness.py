from __future__ import annotations

import numpy as np
import pytest

from fer_core.evaluation.reliability.robustness import Robustness
from fer_core.labels.emotions import FER2013
from fer_core.plots.robustness import accuracy_figure, corrupted_face_figure
from fer_core.preprocessing.corruptions import CORRUPTIONS
from fer_core.recognition.corrupted_face import CorruptedFace
from tests.robustness_results import robustness_of


def result(right: int) -> Robustness:
    correct = np.full((10, 5), right) - np.arange(5)
    return robustness_of(correct, clean=90, rows=100)


def test_accuracy_is_drawn_for_each_model_from_clean_faces_on() -> None:
    figure = accuracy_figure({"A": result(60), "B": result(50)}, "noise")
    assert [trace.name for trace in figure.data] == ["A", "B"]
    assert list(figure.data[0].y) == pytest.approx([0.9, 0.6, 0.59, 0.58, 0.57, 0.56])
    bounds = figure.data[0].error_y
    interval = result(60).accuracy("noise", 1)
    assert bounds.array[1] == pytest.approx(interval.high - interval.value)
    assert bounds.arrayminus[1] == pytest.approx(interval.value - interval.low)


def test_eleven_models_have_distinct_lines() -> None:
    face = CorruptedFace("a", FER2013, np.eye(7, dtype=np.float32)[[3] * 6])
    titles = [f"Model {number}" for number in range(11)]
    for figure in (
        accuracy_figure(dict.fromkeys(titles, result(60)), "noise"),
        corrupted_face_figure(dict.fromkeys(titles, face)),
    ):
        assert len({(trace.line.color, trace.line.dash) for trace in figure.data}) == 11


def test_all_corruptions_are_averaged() -> None:
    correct = np.full((10, 5), 60)
    correct[CORRUPTIONS.index("noise")] = 10
    worst_at_noise = robustness_of(correct, clean=90, rows=100)
    (trace,) = accuracy_figure({"A": worst_at_noise}, None).data
    assert trace.y[1] == pytest.approx((9 * 0.6 + 0.1) / 10)
    interval = worst_at_noise.mean_accuracy(1)
    assert trace.error_y.array[1] == pytest.approx(interval.high - interval.value)
    assert interval.low < interval.value < interval.high


def test_probability_of_the_clean_prediction_is_drawn_with_the_predictions() -> None:
    probabilities = np.zeros((6, 7), np.float32)
    probabilities[:4, 3] = 1
    probabilities[4:, 0] = 1
    face = CorruptedFace("a", FER2013, probabilities)
    (trace,) = corrupted_face_figure({"A": face}).data
    assert list(trace.y) == [1, 1, 1, 1, 0, 0]
    assert list(trace.text) == ["happy"] * 4 + ["angry"] * 2
    assert trace.name == "A: happy"
