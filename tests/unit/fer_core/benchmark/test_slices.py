"""Accuracy by slices: which photos they hold, intervals, corrected tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from fer_core.benchmark import PhotoEvaluation, slice_report
from fer_core.evaluation.comparison import holm
from fer_core.evaluation.scores import wilson
from tests.unit.fer_core.benchmark.evaluations import made_up

SITE = np.array(["a", "b", "c", ""])[np.arange(400) % 4]


def test_text_forms_a_slice_per_value_and_unknown_ones_are_counted() -> None:
    evaluation = made_up(columns={"site": SITE})
    report = slice_report(evaluation, "model")
    assert [(each.value, each.photos) for each in report.slices] == [
        ("a", 100), ("b", 100), ("c", 100),
    ]  # fmt: skip
    assert report.unknown == {"site": 100}
    correct = evaluation.is_correct("model")
    assert report.slices[0].accuracy == wilson(int(correct[SITE == "a"].sum()), 100)


def test_numbers_are_cut_at_their_quartiles() -> None:
    values = np.arange(400.0)
    values[0] = np.nan
    report = slice_report(made_up(columns={"age": values}), "model")
    assert [each.value for each in report.slices] == [
        "1 to 100", "101 to 200", "201 to 300", "301 to 399",
    ]  # fmt: skip
    assert sum(each.photos for each in report.slices) == 399


def test_a_few_different_numbers_stay_as_they_are() -> None:
    report = slice_report(made_up(columns={"faces": 1.0 + np.arange(400) % 2}), "model")
    assert [each.value for each in report.slices] == ["1", "2"]


def test_each_slice_is_tested_against_the_rest_and_corrected_over_all_columns() -> None:
    columns = {"site": SITE, "half": np.array(["x", "y"])[np.arange(400) // 200]}
    evaluation = made_up(columns=columns)
    report = slice_report(evaluation, "model")
    correct = evaluation.is_correct("model")
    inside, outside = correct[SITE == "a"], correct[(SITE != "a") & (SITE != "")]
    table = [[part.sum(), (~part).sum()] for part in (inside, outside)]
    assert report.slices[0].p_value == pytest.approx(fisher_exact(table).pvalue)
    assert report.slices[0].difference == pytest.approx(inside.mean() - outside.mean())
    p_values = [each.p_value for each in report.slices if each.p_value is not None]
    assert [each.p_holm for each in report.slices] == pytest.approx(holm(p_values))


@pytest.mark.parametrize("is_by_person", [False, True])
def test_the_worst_slice_is_named_only_when_it_is_no_chance(is_by_person: bool) -> None:
    easy = made_up(200, accuracy={"model": 0.95}, seed=1)
    correct = np.append(easy.is_correct("model"), np.zeros(200, bool))
    subject = np.arange(400) // 4 if is_by_person else None
    light = np.array(["day"] * 200 + ["night"] * 200)
    dark = made_up(400, columns={"light": light}, subject=subject)
    hard = _with_correct(dark, correct)
    worst = slice_report(hard, "model").worst
    assert worst is not None
    assert (worst.column, worst.value) == ("light", "night")
    by_chance = np.array(["day", "night"])[np.random.default_rng(3).integers(0, 2, 400)]
    assert slice_report(made_up(columns={"light": by_chance}), "model").worst is None


def test_small_slices_are_shown_and_not_tested() -> None:
    rare = np.array(["often"] * 380 + ["rarely"] * 20)
    often, rarely = slice_report(made_up(columns={"kind": rare}), "model").slices
    assert (often.is_too_small, rarely.is_too_small) == (False, True)
    assert often.p_value is not None
    assert rarely.p_value is rarely.p_holm is None


def test_columns_that_form_no_slices_say_why() -> None:
    columns = {
        "name": np.array([f"{index}.jpg" for index in range(400)]),
        "same": np.array(["x"] * 400),
    }
    report = slice_report(made_up(columns=columns), "model")
    assert report.slices == ()
    assert "400 different values" in report.not_sliced["name"]
    assert "the same" in report.not_sliced["same"]
    assert report.to_frame().empty


def _with_correct(evaluation: PhotoEvaluation, correct: NDArray[np.bool_]) -> PhotoEvaluation:
    entry = evaluation.entries["model"]
    shift = np.where(correct, 0, 1)
    predicted = (evaluation.photos.label + shift) % 3
    probabilities = np.full((len(correct), 3), 0.2, np.float32)
    probabilities[np.arange(len(correct)), predicted] = 0.6
    return replace(evaluation, entries={"model": replace(entry, probabilities=probabilities)})
