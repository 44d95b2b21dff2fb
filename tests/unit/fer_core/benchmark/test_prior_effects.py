"""What prior correction does to the saved models, at home and outside."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.benchmark import prior_effects, shipped_evaluations
from fer_core.errors import PriorError
from fer_core.evaluation.dataset import FER2013_COUNTS
from fer_core.paths import PROJECT
from fer_core.recognition import training_shares
from fer_core.zoo.store import ModelStore

STORE = ModelStore(PROJECT / "models")


def test_shares_are_those_of_the_training_split() -> None:
    shares = training_shares(STORE.load_card("cnn"))
    counts = np.array(FER2013_COUNTS["Training"])
    np.testing.assert_allclose(shares, counts / counts.sum())


def test_shares_of_a_cross_validated_model_are_unknown() -> None:
    with pytest.raises(PriorError, match=r"ckplus_cnn are unknown: CK\+ has no training split"):
        training_shares(STORE.load_card("ckplus_cnn"))


def test_effects_are_paired_differences_to_no_correction() -> None:
    card, splits = STORE.load_scored_card("cnn_small"), STORE.load_predictions("cnn_small")
    report = splits[card.protocol.report_split]
    found = prior_effects(card, splits, shipped_evaluations(), 1.0)
    assert list(found) == ["FER2013 test (PrivateTest)", "CK+48", "JAFFE", "muxspace"]
    home = found["FER2013 test (PrivateTest)"]
    by_hand = card.fitted_calibration.apply(report.probabilities) / training_shares(card)
    correct = by_hand.argmax(axis=1) == report.label
    assert home.flattened.accuracy_first == pytest.approx(correct.mean())
    assert home.flattened.accuracy_second == pytest.approx(report.is_correct.mean())
    assert home.estimated is not None
    assert abs(home.estimated.difference) < 0.01  # the shares at home are those of training


def test_without_a_correction_nothing_changes() -> None:
    card, splits = STORE.load_scored_card("cnn_small"), STORE.load_predictions("cnn_small")
    (home,) = prior_effects(card, splits, (), 0.0).values()
    assert home.flattened.only_first_correct == home.flattened.only_second_correct == 0
