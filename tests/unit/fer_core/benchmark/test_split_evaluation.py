"""Saved models on a split, and what stands beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from fer_core.benchmark import (
    EvaluationEntry,
    EvaluationStore,
    PhotoEvaluation,
    known_splits,
    side_by_side,
    split_evaluation,
    split_predictions,
    split_rows,
)
from fer_core.errors import ModelError
from fer_core.evaluation.comparison import incomparability_reason
from fer_core.zoo.store import ModelStore

SAVED = ModelStore(Path(__file__).resolve().parents[4] / "models")
PRIVATE_TEST = "fer2013_private_test"


def test_entries_have_the_accuracy_in_the_cards() -> None:
    for split in known_splits(SAVED):
        evaluation = split_evaluation(SAVED, split)
        for name in evaluation.entries:
            card = SAVED.load_scored_card(name)
            accuracy = card.metrics[split]["plain"].accuracy.value
            assert evaluation.is_correct(name).mean() == pytest.approx(accuracy, abs=1e-6)
            assert evaluation.entries[name].calibration == card.fitted_calibration
    assert PRIVATE_TEST in known_splits(SAVED)


def test_the_splits_differ_in_what_the_reader_must_know() -> None:
    (cnn,) = split_evaluation(SAVED, "fer2013_public_test", ["cnn"]).entries.values()
    assert cnn.notes == ("The model was selected on this split.",)
    ckplus = split_evaluation(SAVED, "ckplus")
    assert ckplus.photos.subject is not None
    assert "Out-of-fold" in ckplus.entries["ckplus_cnn"].notes[0]
    private = split_rows(SAVED, PRIVATE_TEST)
    assert (private.columns["training duplicate"] == "yes").sum() == 288


def test_predictions_compare_with_those_of_the_models(tmp_path: Path) -> None:
    store = EvaluationStore(tmp_path)
    store.save(split_evaluation(SAVED, PRIVATE_TEST, ["cnn"]))
    again = split_predictions(store.load(PRIVATE_TEST), "cnn")
    saved = SAVED.load_predictions("cnn")[PRIVATE_TEST]
    assert incomparability_reason(again, saved) is None
    for name in ("row_id", "label", "probabilities", "has_training_duplicate"):
        np.testing.assert_array_equal(getattr(again, name), getattr(saved, name))


def test_what_is_missing_is_named(no_models_dir: Path) -> None:
    with pytest.raises(ModelError, match=r"'fer2013_test'.*fer2013_private_test"):
        split_rows(SAVED, "fer2013_test")
    with pytest.raises(ModelError, match="'cnn' has no predictions for 'ferplus_test'"):
        split_evaluation(SAVED, "ferplus_test", ["cnn"])
    with pytest.raises(ModelError, match="Splits with predictions: none"):
        split_evaluation(ModelStore(no_models_dir), PRIVATE_TEST)


def test_models_with_other_rows_are_refused(own_models_dir: Path) -> None:
    store = ModelStore(own_models_dir)
    assert len(split_evaluation(store, PRIVATE_TEST).entries) == 2
    file = own_models_dir / "tiny_b" / "predictions.npz"
    with np.load(file) as archive:
        arrays = dict(archive)
    arrays[f"{PRIVATE_TEST}_row_id"] = arrays[f"{PRIVATE_TEST}_row_id"] + 1
    np.savez(file, **arrays)
    with pytest.raises(ModelError, match="other rows or true labels"):
        split_evaluation(store, PRIVATE_TEST)


def test_entries_stand_side_by_side_on_shared_photos() -> None:
    whole = split_evaluation(SAVED, PRIVATE_TEST, ["cnn"])
    part = _last_rows(whole, 100)
    together = side_by_side(part, whole)
    assert together.photos.id == part.photos.id
    assert list(together.entries) == ["cnn", "cnn (2)"]
    own, same = together.entries.values()
    assert same.title == f"{own.title} (2)"
    expected = whole.is_correct("cnn")[-100:]
    assert together.is_correct("cnn (2)").tolist() == expected.tolist()
    expected[:10] = False  # without a prediction
    assert together.is_correct("cnn").tolist() == expected.tolist()
    together = side_by_side(whole, part)
    assert len(together.photos) == 100
    assert together.is_correct("cnn (2)").tolist() == expected.tolist()


def test_evaluations_of_other_photos_do_not_stand_side_by_side() -> None:
    first, other = (split_evaluation(SAVED, split) for split in (PRIVATE_TEST, "ferplus_test"))
    with pytest.raises(ValueError, match="not about the same split"):
        side_by_side(first, other)
    with pytest.raises(ValueError, match="share no photo"):
        side_by_side(first, split_evaluation(SAVED, "fer2013_public_test"))
    photos = replace(first.photos, label=(first.photos.label + 1) % 7)
    with pytest.raises(ValueError, match="disagree about the class of 32298: angry and disgust"):
        side_by_side(first, replace(first, name="mine", photos=photos))


def _last_rows(evaluation: PhotoEvaluation, rows: int) -> PhotoEvaluation:
    """The last photos in reverse order of their ids' lengths; the first ten without prediction."""
    photos, entry = evaluation.photos, evaluation.entries["cnn"]
    part = replace(
        photos,
        id=photos.id[-rows:],
        label=photos.label[-rows:],
        columns={name: values[-rows:] for name, values in photos.columns.items()},
    )
    cut: EvaluationEntry = replace(
        entry,
        row=np.arange(10, rows),
        probabilities=entry.probabilities[-rows + 10 :],
        reasons=np.array(["no face"] * 10 + [""] * (rows - 10)),
    )
    return PhotoEvaluation("part", datetime.now(UTC), part, {"cnn": cut})
