from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.reliability.corruption_errors import (
    corruption_errors,
    robustness_differences,
)
from fer_core.evaluation.reliability.robustness import Robustness
from tests.robustness_results import robustness_of


def result(model: str, *, clean: int = 80, seed: int = 0) -> Robustness:
    correct = np.random.default_rng(seed).integers(20, 70, (10, 5))
    return robustness_of(correct, clean=clean, rows=100, model=model)


def test_corruption_errors_are_ratios_of_summed_errors() -> None:
    """Hendrycks and Dietterich 2019, section 4."""
    base, other = result("cnn", seed=1), result("b", clean=75, seed=2)
    errors = corruption_errors([base, other])
    assert errors is not None
    wrong = [100 - each.correct for each in (base, other)]
    expected = wrong[1].sum(axis=1) / wrong[0].sum(axis=1)
    np.testing.assert_allclose(errors.errors, np.stack([np.ones(10), expected]))
    frame = errors.to_frame().set_index("model")
    assert frame.loc["b", "mean_corruption_error"] == pytest.approx(expected.mean())
    assert frame.loc["cnn", "mean_corruption_error"] == pytest.approx(1)
    assert frame.loc["b", "clean_error"] == pytest.approx(0.25)
    assert frame["mean_corruption_error"].is_monotonic_increasing


def test_ferplus_has_a_baseline_of_its_own() -> None:
    base, other = result("ferplus_cnn", seed=1), result("b", seed=2)
    errors = corruption_errors([other, base])
    assert errors is not None
    assert errors.baseline == "ferplus_cnn"
    np.testing.assert_allclose(errors.errors[1], 1)
    both = corruption_errors([other, base, result("cnn", seed=3)])
    assert both is not None
    assert both.baseline == "cnn"


def test_without_the_baseline_there_are_no_corruption_errors() -> None:
    assert corruption_errors([result("b")]) is None
    perfect = robustness_of(np.full((10, 5), 9), clean=9, rows=9, model="cnn")
    assert corruption_errors([perfect]) is None


def test_the_interval_of_the_mean_corruption_error_draws_model_and_baseline_together() -> None:
    """Where a model errs on a tenth more of the same faces, the ratio hardly varies."""
    base = robustness_of(np.full((10, 5), 300), clean=500, rows=600, model="cnn")
    worse = robustness_of(np.full((10, 5), 270), clean=500, rows=600, model="b")
    errors = corruption_errors([base, worse])
    assert errors is not None
    of_base, of_worse = errors.mean
    assert (of_base.low, of_base.value, of_base.high) == pytest.approx((1, 1, 1))
    assert of_worse.value == pytest.approx(1.1)
    # Errors of 300 faces and of 30 more: the standard error of 330/300 is that of 30 beside 300.
    expected = 1.96 * np.sqrt(30 / 300**2 * (1 + 30 / 300))
    assert of_worse.high - of_worse.value == pytest.approx(expected, rel=0.15)
    # Unpaired, both errors would vary by themselves, three times as much.
    unpaired = 1.1 * 1.96 * np.sqrt(0.5 / 300 + 0.45 / 330)
    assert of_worse.high - of_worse.value < unpaired / 2


def test_differences_are_paired_and_the_more_robust_model_comes_first() -> None:
    base = robustness_of(np.full((10, 5), 300), clean=500, rows=600, model="cnn")
    worse = robustness_of(np.full((10, 5), 270), clean=500, rows=600, model="b")
    (found,) = robustness_differences([worse, base])
    assert (found.first, found.second) == ("cnn", "b")
    assert found.accuracy == pytest.approx(0.05)
    assert 0 < found.accuracy_low < 0.05 < found.accuracy_high
    # McNemar's rows: 30 of 600 differ.
    width = 2 * 1.96 * np.sqrt(0.05 * 0.95 / 600)
    assert found.accuracy_high - found.accuracy_low == pytest.approx(width, rel=0.15)
    assert found.mean_corruption_error == pytest.approx(-0.1)
    assert found.mean_corruption_error_high < 0


def test_without_a_baseline_only_accuracies_are_compared() -> None:
    (found,) = robustness_differences([result("a", seed=1), result("b", seed=2)])
    assert found.accuracy > 0
    assert np.isnan(found.mean_corruption_error)


def test_a_result_on_other_faces_is_not_compared() -> None:
    base = result("cnn")
    other = replace(result("b"), row_id=base.row_id + 1)
    for compare in (corruption_errors, robustness_differences):
        with pytest.raises(ModelError, match=r"cnn and of b.*different faces.*Measure both again"):
            compare([base, other])
