from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.scores.class_merging import class_merges, merge_all, merge_labels
from fer_core.evaluation.scores.confusion import confusion_matrix
from fer_core.labels.emotions import CKPLUS, FER2013, FERPLUS, HIGH_LEVEL, high_level_probabilities
from fer_core.zoo.store import ModelStore

MakePredictions = Callable[..., SplitPredictions]


def test_probabilities_and_labels_of_merged_classes_come_together(
    make_predictions: MakePredictions,
) -> None:
    whole = make_predictions()
    merged = merge_labels(whole, ["neutral", "happy"])
    assert merged.labels == ("angry", "happy + neutral", "sad")
    for protocol in ("plain", "flip"):
        before, after = whole.by(protocol), merged.by(protocol)
        np.testing.assert_allclose(after[:, 0], before[:, 0])
        np.testing.assert_allclose(after[:, 1], before[:, 1] + before[:, 3], rtol=1e-6)
        np.testing.assert_allclose(after[:, 2], before[:, 2])
    names = np.array(whole.labels)[whole.label]
    expected = np.where(np.isin(names, ["happy", "neutral"]), "happy + neutral", names)
    np.testing.assert_array_equal(np.array(merged.labels)[merged.label], expected)
    np.testing.assert_array_equal(merged.row_id, whole.row_id)
    assert merged.probabilities_crops is None


def test_the_sum_decides_where_two_weak_classes_outweigh_a_third() -> None:
    whole = SplitPredictions(
        "some_test",
        ("a", "b", "c"),
        row_id=np.arange(2),
        label=np.array([0, 2]),
        probabilities=np.array([[0.3, 0.3, 0.4], [0.3, 0.1, 0.6]], np.float32),
    )
    matrix = confusion_matrix(merge_labels(whole, ["a", "b"]))
    assert matrix.labels == ("a + b", "c")
    assert matrix.counts.tolist() == [[1, 0], [0, 1]]


def test_merging_in_two_steps_is_merging_at_once(make_predictions: MakePredictions) -> None:
    whole = make_predictions()
    once = merge_labels(whole, ["angry", "happy", "sad"])
    twice = merge_labels(merge_labels(whole, ["angry", "happy"]), ["angry + happy", "sad"])
    assert once.labels == twice.labels == ("angry + happy + sad", "neutral")
    np.testing.assert_allclose(once.probabilities, twice.probabilities, rtol=1e-6)
    np.testing.assert_array_equal(once.label, twice.label)


def test_one_class_may_be_given_another_name(make_predictions: MakePredictions) -> None:
    renamed = merge_labels(make_predictions(), ["happy"], name="positive")
    assert renamed.labels == ("angry", "positive", "sad", "neutral")
    np.testing.assert_allclose(renamed.probabilities, make_predictions().probabilities)


def test_ckplus_in_three_classes_follows_from_the_seven() -> None:
    """On a shipped model, against sums in another way and the coarse labels of the dataset."""
    predictions = ModelStore.default().load_ckplus_predictions("ckplus_cnn")
    assert predictions.emotion.labels == CKPLUS
    three = merge_all(predictions.emotion, class_merges(CKPLUS)["three"])
    assert three.labels == HIGH_LEVEL
    expected = high_level_probabilities(predictions.emotion.probabilities, CKPLUS)
    np.testing.assert_allclose(three.probabilities, expected, atol=1e-6)
    differs = three.label != predictions.high_level
    assert len(np.unique(predictions.sequence[differs])) == 1


def test_a_coarser_view_can_be_merged_further() -> None:
    whole = ModelStore.default().load_ckplus_predictions("ckplus_cnn").emotion
    merges = (*class_merges(CKPLUS)["three"], ("unpleasant or sudden", ("negative", "surprise")))
    assert merge_all(whole, merges).labels == ("unpleasant or sudden", "positive")


def test_ferplus_has_a_view_in_fer2013s_classes_which_has_none() -> None:
    rows = np.eye(len(FERPLUS), dtype=np.float32)
    whole = SplitPredictions("some_test", FERPLUS, np.arange(8), np.arange(8), rows)
    assert merge_all(whole, class_merges(FERPLUS)["seven"]).labels == FER2013
    assert class_merges(FER2013) == {}


@pytest.mark.parametrize(
    "merged",
    [
        [],
        ["happy"],
        ["happy", "bored"],
        ["happy", "happy"],
        ["angry", "happy", "sad", "neutral"],
    ],
)
def test_what_cannot_be_merged_is_refused(
    make_predictions: MakePredictions, merged: list[str]
) -> None:
    with pytest.raises(ValueError, match="angry, happy, sad, neutral"):
        merge_labels(make_predictions(), merged)
