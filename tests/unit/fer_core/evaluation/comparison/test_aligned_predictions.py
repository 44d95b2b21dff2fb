"""Several models on the same rows, and the rows behind the cells of matrices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fer_core.evaluation.comparison.aligned_predictions import (
    AlignedPredictions,
    align_predictions,
    incomparability_reason,
)
from fer_core.evaluation.comparison.confusion_cells import (
    ANY,
    rows_of_agreement,
    rows_of_cell,
    rows_of_difference,
)
from fer_core.evaluation.comparison.confusion_comparison import (
    confusion_difference,
    prediction_agreement,
)
from fer_core.evaluation.comparison.disagreement import Agreement, ModelPrediction
from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.scores.confusion import confusion_matrix

MakePredictions = Callable[..., SplitPredictions]


@pytest.fixture
def predictions(make_predictions: MakePredictions) -> dict[str, SplitPredictions]:
    """Three models on the same rows, with the same truth."""
    one = make_predictions(200)
    others = {name: make_predictions(200, seed=seed) for name, seed in (("b", 1), ("c", 2))}
    return {"a": one} | {
        name: replace(one, probabilities=other.probabilities) for name, other in others.items()
    }


@pytest.fixture
def aligned(predictions: dict[str, SplitPredictions]) -> AlignedPredictions:
    return align_predictions(predictions)


def reordered(predictions: SplitPredictions, labels: tuple[str, ...]) -> SplitPredictions:
    """The same predictions with the classes in another order."""
    order = [predictions.labels.index(label) for label in labels]
    return SplitPredictions(
        predictions.split,
        labels,
        predictions.row_id,
        np.argsort(order)[predictions.label],
        predictions.probabilities[:, order],
    )


def test_rows_meet_by_their_id_and_classes_by_their_name(
    predictions: dict[str, SplitPredictions],
) -> None:
    first, second = predictions["a"], predictions["b"]
    kept = np.random.default_rng(3).permutation(200)[:150]
    shuffled = reordered(second.take(kept), ("neutral", "sad", "happy", "angry"))
    table = align_predictions({"a": first, "b": shuffled})
    assert table.labels == first.labels
    assert table.row_id.tolist() == sorted(second.row_id[kept].tolist())
    of = table.row_id - first.row_id[0]
    np.testing.assert_array_equal(table.label, first.label[of])
    np.testing.assert_array_equal(table.probabilities[:, 0], first.probabilities[of])
    np.testing.assert_array_equal(table.probabilities[:, 1], second.probabilities[of])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"split": "another"}, "different splits"),
        ({"labels": ("angry", "happy", "sad", "contempt")}, "different labels"),
        ({"row_id": np.arange(5000, 5200)}, "share no row"),
        ({"label": np.zeros(200, np.int64)}, "different true labels"),
    ],
)
def test_models_that_cannot_be_compared_say_why(
    predictions: dict[str, SplitPredictions], change: dict[str, object], reason: str
) -> None:
    first, other = predictions["a"], replace(predictions["b"], **change)  # type: ignore[arg-type]
    assert reason in str(incomparability_reason(first, other))
    with pytest.raises(ValueError, match=reason):
        align_predictions({"a": first, "b": other})
    assert incomparability_reason(first, predictions["b"]) is None


def test_no_model_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        align_predictions({})


def test_disagreement_is_that_of_each_face(aligned: AlignedPredictions) -> None:
    for row in (0, 7, 199):
        single = Agreement(
            tuple(
                ModelPrediction(model, aligned.labels, aligned.probabilities[row, index])
                for index, model in enumerate(aligned.models)
            )
        )
        assert aligned.disagreement[row] == pytest.approx(single.disagreement)


def test_rows_are_ordered_as_asked(aligned: AlignedPredictions) -> None:
    disputed = aligned.ordered("disputed", "a").disagreement
    assert (np.diff(disputed) <= 0).all()
    assert (np.diff(aligned.ordered("confident", "b").confidence[:, 1]) <= 0).all()
    assert (np.diff(aligned.ordered("unsure", "b").confidence[:, 1]) >= 0).all()
    assert set(aligned.ordered("unsure", "b").row_id) == set(aligned.row_id)


def test_an_error_is_of_one_model_only_where_all_others_are_correct(
    aligned: AlignedPredictions,
) -> None:
    right = aligned.predicted == aligned.label[:, None]
    alone = aligned.is_only_error("b", ("a", "c"))
    assert 0 < alone.sum() < (~right[:, 1]).sum()
    np.testing.assert_array_equal(alone, ~right[:, 1] & right[:, 0] & right[:, 2])
    np.testing.assert_array_equal(aligned.is_error("b"), ~right[:, 1])
    with pytest.raises(ValueError, match="a, b, c"):
        aligned.is_error("d")


def test_table_names_each_models_prediction_and_confidence(aligned: AlignedPredictions) -> None:
    table = aligned.to_frame()
    assert list(table.columns) == [
        "row_id",
        "label",
        *("a", "a_confidence", "b", "b_confidence", "c", "c_confidence"),
        "disagreement",
    ]
    own = dict(zip(aligned.labels, aligned.probabilities[5, 1], strict=True))
    row = table.to_dict("records")[5]
    assert own[row["b"]] == row["b_confidence"] == max(own.values())


def test_a_cell_of_the_matrix_holds_as_many_rows_as_it_counts(
    predictions: dict[str, SplitPredictions], aligned: AlignedPredictions
) -> None:
    matrix = confusion_matrix(predictions["b"])
    for true, predicted in np.ndindex(4, 4):
        rows = rows_of_cell(
            aligned, "b", true=aligned.labels[true], predicted=aligned.labels[predicted]
        )
        assert rows.sum() == matrix.counts[true, predicted]
    for index, label in enumerate(aligned.labels):
        assert rows_of_cell(aligned, "b", true=label).sum() == matrix.counts[index].sum()
        assert rows_of_cell(aligned, "b", predicted=label).sum() == matrix.counts[:, index].sum()
    assert rows_of_cell(aligned, "b").all()


def test_a_cell_of_the_difference_holds_its_discordant_rows(aligned: AlignedPredictions) -> None:
    difference = confusion_difference(aligned, "a", "b")
    moved = difference.only_first + difference.only_second
    for true, predicted in np.ndindex(4, 4):
        rows = rows_of_difference(
            aligned, "a", "b", true=aligned.labels[true], predicted=aligned.labels[predicted]
        )
        assert rows.sum() == moved[true, predicted]
    for index, label in enumerate(aligned.labels):
        of_row = rows_of_difference(aligned, "a", "b", true=label)
        assert of_row.sum() == difference.only_first[index].sum()
        of_column = rows_of_difference(aligned, "a", "b", predicted=label)
        assert of_column.sum() == moved[:, index].sum()
    everything = rows_of_difference(aligned, "a", "b", true=ANY, predicted=ANY)
    np.testing.assert_array_equal(everything, aligned.predicted[:, 0] != aligned.predicted[:, 1])


def test_a_cell_of_the_agreement_holds_as_many_rows_as_it_counts(
    aligned: AlignedPredictions,
) -> None:
    counts = prediction_agreement(aligned, "a", "c").matrix.counts
    for first, second in np.ndindex(4, 4):
        rows = rows_of_agreement(
            aligned,
            "a",
            "c",
            first_predicted=aligned.labels[first],
            second_predicted=aligned.labels[second],
        )
        assert rows.sum() == counts[first, second]
    of_row = rows_of_agreement(aligned, "a", "c", first_predicted="happy")
    assert of_row.sum() == counts[aligned.labels.index("happy")].sum()


def test_an_unknown_class_is_refused(aligned: AlignedPredictions) -> None:
    with pytest.raises(ValueError, match="angry, happy, sad, neutral"):
        rows_of_cell(aligned, "a", true="bored")
