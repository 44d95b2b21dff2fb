import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon

from fer_core.evaluation.comparison.disagreement import Agreement, ModelPrediction, jensen_shannon

LABELS = ("angry", "happy", "sad")


def predicted(
    model: str, *probabilities: float, labels: tuple[str, ...] = LABELS
) -> ModelPrediction:
    return ModelPrediction(model, labels, np.array(probabilities, np.float32))


def test_identical_predictions_do_not_disagree() -> None:
    agreement = Agreement((predicted("a", 0.1, 0.7, 0.2), predicted("b", 0.1, 0.7, 0.2)))
    assert agreement.majority == ("happy", 2)
    assert agreement.disagreement == pytest.approx(0.0, abs=1e-6)


def test_certain_and_different_predictions_disagree_fully() -> None:
    agreement = Agreement((predicted("a", 1.0, 0.0, 0.0), predicted("b", 0.0, 0.0, 1.0)))
    assert agreement.disagreement == pytest.approx(1.0)


def test_more_models_than_classes_can_still_disagree_fully() -> None:
    labels = ("happy", "sad")
    agreement = Agreement(
        tuple(predicted(str(i), i % 2, 1 - i % 2, labels=labels) for i in range(4))
    )
    assert agreement.disagreement == pytest.approx(1.0)


def test_one_model_never_disagrees_with_itself() -> None:
    assert Agreement((predicted("a", 0.3, 0.3, 0.4),)).disagreement == 0.0


def test_the_mean_decides_a_tie_of_votes() -> None:
    agreement = Agreement((predicted("a", 0.4, 0.35, 0.25), predicted("b", 0.0, 0.1, 0.9)))
    assert agreement.majority == ("sad", 1)
    assert agreement.mean.label == "sad"


def test_models_with_other_classes_share_one_table() -> None:
    agreement = Agreement(
        (
            predicted("a", 0.1, 0.7, 0.2),
            predicted("b", 0.6, 0.4, labels=("contempt", "happy")),
        )
    )
    assert agreement.labels == ("angry", "happy", "sad", "contempt")
    np.testing.assert_allclose(agreement.probabilities[1], [0.0, 0.4, 0.0, 0.6])
    frame = agreement.to_frame()
    assert list(frame.columns[:3]) == ["model", "label", "confidence"]
    assert frame.loc[1, "label"] == "contempt"
    assert frame.loc[1, "p_contempt"] == pytest.approx(0.6)


def test_no_prediction_at_all_is_rejected() -> None:
    with pytest.raises(ValueError, match="at least one model"):
        Agreement(())


def test_a_probability_for_every_label_is_required() -> None:
    with pytest.raises(ValueError, match="each of the 3 labels"):
        predicted("a", 0.5, 0.5)


@given(arrays(np.float64, (4, 3), elements=st.floats(0.001, 1.0)))
def test_disagreement_is_a_fraction_and_ignores_the_order_of_models(weights: np.ndarray) -> None:
    rows = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    predictions = [ModelPrediction(str(i), LABELS, row) for i, row in enumerate(rows)]
    forward, backward = Agreement(tuple(predictions)), Agreement(tuple(reversed(predictions)))
    assert 0.0 <= forward.disagreement <= 1.0
    assert forward.disagreement == pytest.approx(backward.disagreement, abs=1e-6)
    assert forward.mean.probabilities.sum() == pytest.approx(1.0, abs=1e-5)


def test_divergence_of_many_faces_is_scipys_squared_distance() -> None:
    rng = np.random.default_rng(0)
    pairs = rng.dirichlet(np.ones(4), (50, 2))
    expected = [jensenshannon(first, second, base=2) ** 2 for first, second in pairs]
    np.testing.assert_allclose(jensen_shannon(pairs), expected, atol=1e-9)


def test_the_most_probable_classes_come_first() -> None:
    assert [label for label, _ in predicted("a", 0.2, 0.3, 0.5).top(2)] == ["sad", "happy"]
