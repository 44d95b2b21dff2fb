from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.scores.weakest_classes import limits_with_weakest_classes
from fer_core.preprocessing.preprocess import preprocess_batch
from fer_core.zoo.artifacts import write_predictions
from fer_core.zoo.cards import read_card
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.store import ModelStore, list_models
from training.ensemble import fit_weights, make_ensemble, weighted_mean


@pytest.fixture
def with_ensemble(own_models_dir: Path) -> Path:
    """A folder of two single models and their ensemble."""
    make_ensemble(["tiny_a", "tiny_b"], "together", ModelStore(own_models_dir))
    return own_models_dir


def forget_temperature(folder: Path) -> None:
    card = read_card(folder / "card.json")
    plain = card.model_copy(update={"temperature": None})
    (folder / "card.json").write_text(plain.to_json())


def test_it_predicts_the_weighted_mean_of_its_members(with_ensemble: Path) -> None:
    card = ModelStore.default().load_scored_card("together")
    faces = preprocess_batch(
        np.random.default_rng(0).integers(0, 256, (5, 48, 48), np.uint8), card.preprocessing
    )
    forget_temperature(with_ensemble / "together")
    plain = load_classifier("together").predict(faces)
    expected = np.zeros_like(plain)
    for name, member in card.members.items():
        expected += member.weight * load_classifier(name).predict(faces)
    np.testing.assert_allclose(plain, expected, atol=1e-6)


def test_its_predictions_are_those_of_its_members(with_ensemble: Path) -> None:
    card = ModelStore.default().load_scored_card("together")
    own = ModelStore.default().load_predictions("together")
    assert own["fer2013_public_test"].protocols == ("plain", "flip")
    assert own["fer2013_private_test"].protocols == ("plain", "flip", "crops")
    for split, predictions in own.items():
        for protocol in predictions.protocols:
            mean = sum(
                member.weight
                * member.fitted_calibration.apply(
                    ModelStore.default().load_predictions(name)[split].by(protocol)
                )
                for name, member in card.members.items()
            )
            np.testing.assert_allclose(predictions.by(protocol), mean, atol=1e-6)


def test_it_has_the_protocols_that_all_members_have(own_models_dir: Path) -> None:
    file = own_models_dir / "tiny_b" / "predictions.npz"
    splits = ModelStore.default().load_predictions("tiny_b").values()
    write_predictions(file, [replace(split, probabilities_crops=None) for split in splits])
    make_ensemble(["tiny_a", "tiny_b"], "together", ModelStore(own_models_dir))
    assert ModelStore.default().load_predictions("together")["fer2013_private_test"].protocols == (
        "plain",
        "flip",
    )


def test_single_models_come_first_and_one_is_the_default(with_ensemble: Path) -> None:
    listing = list_models()
    assert listing.broken == ()
    assert [card.name for card in listing.cards][-1] == "together"
    assert listing.default is not None
    assert not listing.default.members


def test_it_has_no_weights_of_its_own(with_ensemble: Path) -> None:
    with pytest.raises(ModelError, match="ensemble of tiny_a, tiny_b"):
        ModelStore.default().verified_weights("together")


def test_a_member_that_changed_is_rejected(with_ensemble: Path) -> None:
    shutil.rmtree(with_ensemble / "tiny_b")
    with pytest.raises(ModelError, match="tiny_b"):
        load_classifier("together")
    assert [broken.name for broken in list_models().broken] == ["together"]


def test_an_ensemble_of_ensembles_is_rejected(with_ensemble: Path) -> None:
    with pytest.raises(ModelError, match="is itself an ensemble"):
        make_ensemble(["tiny_a", "together"], "more", ModelStore(with_ensemble))


def test_a_later_change_of_a_members_temperature_has_no_effect(
    with_ensemble: Path,
) -> None:
    faces = np.random.default_rng(0).normal(size=(5, 48, 48, 1)).astype(np.float32)
    before = load_classifier("together").predict(faces)
    forget_temperature(with_ensemble / "tiny_a")
    np.testing.assert_array_equal(load_classifier("together").predict(faces), before)


def make_predictions(probabilities: np.ndarray, label: np.ndarray) -> SplitPredictions:
    rows = np.arange(len(label))
    return SplitPredictions("some_valid", ("no", "yes"), rows, label, probabilities)


def test_weights_favor_the_better_model() -> None:
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 500)
    sure = np.full((500, 2), 0.1, np.float32)
    sure[np.arange(500), label] = 0.9
    random = rng.dirichlet((1, 1), 500).astype(np.float32)
    good, bad = fit_weights([make_predictions(sure, label), make_predictions(random, label)])
    assert good > 0.9
    assert good + bad == pytest.approx(1)


def test_models_scored_on_other_rows_are_rejected() -> None:
    label = np.array([0, 1])
    one = make_predictions(np.full((2, 2), 0.5, np.float32), label)
    with pytest.raises(ModelError, match="different rows"):
        weighted_mean([one, one.take(np.array([1, 0]))], [0.5, 0.5])


def test_weights_are_chosen_without_duplicates(own_models_dir: Path) -> None:
    """A member that has memorized the duplicates gets no weight for that."""
    rng = np.random.default_rng(0)
    for name, knows in (("tiny_a", True), ("tiny_b", False)):
        splits = ModelStore.default().load_predictions(name)
        label = splits["fer2013_public_test"].label
        duplicate = np.arange(len(label)) < len(label) // 2
        guess = rng.dirichlet(np.full(7, 5), len(label)).astype(np.float32)
        certain = np.full((len(label), 7), 0.01, np.float32)
        certain[np.arange(len(label)), label] = 0.94
        knows_it = duplicate if knows else ~duplicate
        changed = [
            replace(
                split,
                probabilities=np.where(knows_it[:, None], certain, guess),
                has_training_duplicate=duplicate,
            )
            for split in splits.values()
        ]
        write_predictions(own_models_dir / name / "predictions.npz", changed)
    members = make_ensemble(["tiny_a", "tiny_b"], "together", ModelStore(own_models_dir)).members
    assert members["tiny_b"].weight > 0.9


def test_its_limits_name_its_own_weakest_classes(with_ensemble: Path) -> None:
    card = ModelStore.default().load_scored_card("together")
    assert card.limits == limits_with_weakest_classes(("It has learned nothing.",), card.reported)
