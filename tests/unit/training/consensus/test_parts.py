from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from fer_core.benchmark.photo_evaluation import EvaluationEntry, LabeledRows, PhotoEvaluation
from fer_core.errors import EvaluationError, ModelError
from fer_core.labels.emotions import FER2013
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.combining import keep_classes
from fer_core.zoo.store import ModelStore
from training.consensus.parts import PartPredictions, combine_splits, members_of, on_photos
from training.ensemble import make_ensemble

EIGHT = (*FER2013, "contempt")
FACES = 12


@pytest.fixture
def parts(own_models_dir: Path) -> list[PartPredictions]:
    """An ensemble of two tiny models, and a third one, as if it had eight classes."""
    store = ModelStore(own_models_dir)
    ensemble = make_ensemble(["tiny_a", "tiny_b"], "both", store)
    other = ensemble.model_copy(
        update={
            "name": "other",
            "labels": EIGHT,
            "members": {},
            "weights": ensemble.weights.model_copy(update={"sha256": "0" * 64}),
        }
    )
    splits = store.load_predictions("both")
    return [PartPredictions(ensemble, False, splits), PartPredictions(other, True, splits)]


def evaluation(parts: list[PartPredictions]) -> PhotoEvaluation:
    rng = np.random.default_rng(0)
    entries = {
        part.card.name: EvaluationEntry(
            name=part.card.name,
            title=part.card.title,
            kind="model",
            labels=part.card.labels,
            row=np.arange(FACES),
            probabilities=rng.dirichlet([1.0] * len(part.card.labels), FACES).astype(np.float32),
            faces="found by YuNet",
            reasons=np.full(FACES, ""),
            checksum=part.card.weights.sha256,
        )
        for part in parts
    }
    rows = LabeledRows(
        id=tuple(map(str, range(FACES))), labels=FER2013, label=np.arange(FACES) % len(FER2013)
    )
    return PhotoEvaluation(
        name="web", created=datetime(2026, 1, 31, tzinfo=UTC), photos=rows, entries=entries
    )


def test_parts_have_the_classes_of_the_first_on_photos(parts: list[PartPredictions]) -> None:
    photos = evaluation(parts)
    (both, other), label = on_photos(parts, photos)
    np.testing.assert_array_equal(label, np.arange(FACES) % len(FER2013))
    np.testing.assert_array_equal(both.photos, photos.entries["both"].probabilities)
    kept = keep_classes(photos.entries["other"].probabilities, EIGHT, FER2013)
    np.testing.assert_array_equal(other.photos, kept)
    assert (both.other_classes, other.other_classes) == (False, True)


def test_an_evaluation_of_other_weights_is_rejected(parts: list[PartPredictions]) -> None:
    photos = evaluation(parts)
    changed = replace(photos.entries["other"], checksum="1" * 64)
    for entries in ({"other": changed}, {}):
        kept = {"both": photos.entries["both"], **entries}
        with pytest.raises(EvaluationError, match="no predictions of other with its present"):
            on_photos(parts, replace(photos, entries=kept))


def test_the_members_of_an_ensemble_divide_its_share(parts: list[PartPredictions]) -> None:
    members = members_of(parts, (0.6, 0.4), 2.0)
    assert list(members) == ["tiny_a", "tiny_b", "other"] or list(members) == ["tiny_b", "other"]
    assert sum(member.weight for member in members.values()) == pytest.approx(1)
    assert members["other"].weight == pytest.approx(0.4)
    assert (members["other"].temperature, members["other"].labels) == (2.0, EIGHT)
    own = parts[0].card.members["tiny_b"]
    assert members["tiny_b"].weight == pytest.approx(0.6 * own.weight)
    assert members["tiny_b"].fitted_calibration == own.fitted_calibration
    assert list(members_of(parts, (0.0, 1.0), 2.0)) == ["other"]


def test_a_model_may_be_in_one_part_only(
    parts: list[PartPredictions], own_models_dir: Path
) -> None:
    single = PartPredictions(ModelStore(own_models_dir).load_scored_card("tiny_b"), False, {})
    with pytest.raises(ModelError, match="'tiny_b' is in two parts"):
        members_of([parts[0], single], (0.5, 0.5), 1.0)


def test_the_saved_predictions_are_those_of_the_loaded_model(
    parts: list[PartPredictions], own_models_dir: Path
) -> None:
    """Members with the same classes: a consensus without other parts is the ensemble."""
    store = ModelStore(own_models_dir)
    members = members_of(parts[:1], (1.0,), 1.0)
    splits = {name: store.load_predictions(name) for name in members}
    combined = combine_splits(members, splits, FER2013, {})
    for found, own in zip(combined, store.load_predictions("both").values(), strict=True):
        assert (found.split, found.protocols) == (own.split, own.protocols)
        np.testing.assert_allclose(found.probabilities, own.probabilities, atol=1e-6)
    assert load_classifier("both").card.members.keys() == members.keys()


def test_classes_are_kept_before_predictions_are_combined(parts: list[PartPredictions]) -> None:
    members = members_of(parts[1:], (1.0,), 1.0)
    combined = combine_splits(members, {"other": parts[1].splits}, FER2013, {})
    own = list(parts[1].splits.values())
    for found, split in zip(combined, own, strict=True):
        np.testing.assert_allclose(found.probabilities, split.probabilities, atol=1e-6)
