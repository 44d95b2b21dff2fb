from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from fer_core.errors import ModelError
from fer_core.evaluation.reliability.temperature import Calibration
from fer_core.preprocessing.preprocess import preprocess_batch
from fer_core.recognition.analyzer import load_analyzer, load_analyzer_for_photos
from fer_core.zoo.cards import Consensus, Member, ModelCard, members_checksum, read_card
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.combining import combine_members, keep_classes
from fer_core.zoo.store import ModelStore
from training.ensemble import make_ensemble

SHA = "0" * 64
THREE = np.array([[0.2, 0.3, 0.5], [0.6, 0.2, 0.2]], np.float32)


def test_classes_that_are_not_kept_leave_their_share_to_the_others() -> None:
    kept = keep_classes(THREE, ("no", "other", "yes"), ("yes", "no"))
    np.testing.assert_allclose(kept, [[5 / 7, 2 / 7], [0.25, 0.75]], rtol=1e-6)


def test_a_row_that_fills_another_class_has_no_preference() -> None:
    kept = keep_classes(np.array([[0, 1, 0]], np.float32), ("no", "other", "yes"), ("no", "yes"))
    np.testing.assert_array_equal(kept, [[0.5, 0.5]])


def test_a_member_with_other_classes_is_calibrated_on_those_that_are_kept() -> None:
    members = {
        "same": Member(weight=0.6, sha256=SHA),
        "other": Member(weight=0.4, sha256=SHA, temperature=2.0, labels=("yes", "other", "no")),
    }
    same = np.array([[0.9, 0.1], [0.3, 0.7]], np.float32)
    found = combine_members(members, {"same": same, "other": THREE}, ("no", "yes"), {})
    kept = keep_classes(THREE, ("yes", "other", "no"), ("no", "yes"))
    np.testing.assert_allclose(found, 0.6 * same + 0.4 * Calibration(2.0).apply(kept), rtol=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)


def test_class_weights_favor_rare_classes() -> None:
    members = {"one": Member(weight=1.0, sha256=SHA)}
    outputs = {"one": np.array([[0.5, 0.5], [0.8, 0.2]], np.float32)}
    found = combine_members(members, outputs, ("no", "yes"), {"no": 0.5, "yes": 1.5})
    np.testing.assert_allclose(found, [[0.25, 0.75], [4 / 7, 3 / 7]], rtol=1e-6)


@pytest.fixture
def weighted(own_models_dir: Path) -> ModelCard:
    """An ensemble of two tiny models with class weights, selected on photos."""
    card = make_ensemble(["tiny_a", "tiny_b"], "together", ModelStore(own_models_dir))
    weights = {label: 1 + index / 10 for index, label in enumerate(card.labels)}
    sha = members_checksum(card.members, weights)
    changed = card.model_copy(
        update={
            "class_weights": weights,
            "weights": card.weights.model_copy(update={"sha256": sha}),
            "consensus": Consensus(photos="web", shares={"tiny_a": 1.0}, prior_exponent=0.5),
        }
    )
    (own_models_dir / "together" / "card.json").write_text(changed.to_json())
    return changed


def test_a_loaded_ensemble_uses_its_class_weights(weighted: ModelCard) -> None:
    crops = np.random.default_rng(0).integers(0, 256, (5, 48, 48), np.uint8)
    faces = preprocess_batch(crops, weighted.preprocessing)
    mean = sum(
        member.weight * load_classifier(name).predict(faces)
        for name, member in weighted.members.items()
    )
    expected = mean * np.array(list(weighted.class_weights.values()))
    np.testing.assert_allclose(
        load_classifier("together").predict(faces, calibrated=False),
        expected / expected.sum(axis=1, keepdims=True),
        atol=1e-6,
    )


def test_a_model_selected_on_photos_is_the_default_for_photos_only(weighted: ModelCard) -> None:
    assert load_analyzer_for_photos(None, "haar").classifier.card.name == "together"
    assert load_analyzer_for_photos("tiny_a", "haar").classifier.card.name == "tiny_a"
    assert load_analyzer(None, "haar").classifier.card.name != "together"


def test_without_one_the_best_single_model_is_the_default_for_photos(own_models_dir: Path) -> None:
    listing = ModelStore(own_models_dir).list_models()
    assert listing.default_for_photos == listing.default is not None


@pytest.mark.parametrize(
    ("update", "message"),
    [
        ({"class_weights": {"happy": 2.0}}, "class_weights must name exactly the labels"),
        ({"class_weights": {}}, "checksum of the members"),
        ({"members": {}, "training": None}, "training is required"),
    ],
)
def test_a_card_must_agree_with_itself(
    weighted: ModelCard, update: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        ModelCard.model_validate(dict(weighted) | update)


def test_only_a_model_with_members_has_class_weights(
    weighted: ModelCard, own_models_dir: Path
) -> None:
    single = read_card(own_models_dir / "tiny_a" / "card.json")
    assert isinstance(single, ModelCard)
    with pytest.raises(ValidationError, match="with members"):
        ModelCard.model_validate(dict(single) | {"class_weights": weighted.class_weights})


def test_a_member_must_have_the_classes_of_the_ensemble(
    weighted: ModelCard, own_models_dir: Path
) -> None:
    one, two = weighted.members
    few = weighted.members[two].model_copy(update={"labels": ("happy", "sad")})
    with pytest.raises(ValidationError, match=f"labels of member {two!r} must contain"):
        ModelCard.model_validate(dict(weighted) | {"members": weighted.members | {two: few}})
    other = weighted.members[two].model_copy(update={"labels": (*weighted.labels, "contempt")})
    members = {one: weighted.members[one], two: other}
    card = weighted.model_copy(update={"members": members})
    (own_models_dir / "together" / "card.json").write_text(card.to_json())
    with pytest.raises(ModelError, match=f"member {two!r} of 'together' must have its labels"):
        load_classifier("together")
