from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import JobCanceled, ModelError
from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.reliability.robustness import Robustness, draw_sample, measure_robustness
from fer_core.labels.emotions import FER2013
from fer_core.preprocessing.corruptions import CORRUPTIONS, Corruption, corrupt
from fer_core.preprocessing.preprocess import preprocess_batch
from fer_core.zoo.artifacts import ROBUSTNESS_FILE, read_robustness, write_robustness
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.store import ModelStore
from tests.robustness_results import robustness_of


def result(model: str, *, clean: int = 80, seed: int = 0, rows: int = 100) -> Robustness:
    correct = np.random.default_rng(seed).integers(20, 70, (10, 5))
    return robustness_of(correct, clean=clean, rows=rows, model=model)


def many_rows(rows: int = 2000) -> SplitPredictions:
    rng = np.random.default_rng(1)
    label = rng.choice(7, rows, p=[0.14, 0.02, 0.14, 0.25, 0.17, 0.11, 0.17])
    probabilities = np.full((rows, 7), 1 / 7, np.float32)
    row_id = rng.permutation(rows) + 32_000
    return SplitPredictions("fer2013_private_test", FER2013, row_id, label, probabilities)


def test_the_sample_is_always_the_same_and_has_each_label_in_proportion() -> None:
    everything = many_rows()
    sample = draw_sample(everything, 700)
    again = draw_sample(everything.take(np.random.default_rng(2).permutation(2000)), 700)
    np.testing.assert_array_equal(sample.row_id, again.row_id)
    np.testing.assert_array_equal(sample.label, again.label)
    assert len(np.unique(sample.row_id)) == 700
    shares = [np.bincount(part.label, minlength=7) / len(part) for part in (sample, everything)]
    np.testing.assert_allclose(shares[0], shares[1], atol=0.002)


def test_a_small_split_is_taken_whole() -> None:
    assert len(draw_sample(many_rows(), 5000)) == 2000


def faces_of(count: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(4)
    return rng.integers(0, 256, (count, 48, 48), np.uint8)


def test_counts_are_those_of_classifying_each_face_by_itself(models_dir: Path) -> None:
    classifier = load_classifier("tiny_a")
    sample = (
        ModelStore.default().load_predictions("tiny_a")["fer2013_private_test"].take(np.arange(12))
    )
    faces = faces_of(12)
    parts: list[float] = []
    found = measure_robustness(
        classifier.predict_crops,
        sample,
        faces,
        model="tiny_a",
        weights=classifier.card.weights.sha256,
        progress=parts.append,
    )
    config = classifier.card.preprocessing

    def right(face: NDArray[np.uint8], label: int) -> bool:
        return int(classifier.predict(preprocess_batch([face], config)).argmax()) == label

    rows = list(zip(faces, sample.label.tolist(), sample.row_id.tolist(), strict=True))
    assert found.correct_clean == sum(right(face, label) for face, label, _ in rows)
    checked: list[tuple[Corruption, int]] = [("noise", 2), ("rotation", 5)]
    for corruption, severity in checked:
        expected = sum(
            right(corrupt(face, corruption, severity, seed=row), label) for face, label, row in rows
        )
        index = CORRUPTIONS.index(corruption)
        assert found.correct[index, severity - 1] == expected
    assert found.is_current(classifier.card.weights.sha256)
    assert parts == sorted(parts)
    assert len(parts) == 50


def test_measuring_ends_soon_after_it_is_asked_to(models_dir: Path) -> None:
    sample = (
        ModelStore.default().load_predictions("tiny_a")["fer2013_private_test"].take(np.arange(12))
    )
    parts: list[float] = []
    with pytest.raises(JobCanceled, match="stopped"):
        measure_robustness(
            load_classifier("tiny_a").predict_crops,
            sample,
            faces_of(12),
            model="tiny_a",
            weights="0" * 64,
            progress=parts.append,
            should_stop=lambda: len(parts) == 3,
        )
    assert parts == [0.0, 0.02, 0.04]


def test_accuracy_has_wilsons_interval() -> None:
    found = result("a", clean=80).accuracy("noise", 0)
    # Wilson 1927 in closed form, z = 1.959964.
    z, n, p = 1.959964, 100, 0.8
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert (found.value, found.low, found.high) == pytest.approx(
        (p, middle - half, middle + half), abs=1e-5
    )
    for clean in (0, 100):
        edge = result("a", clean=clean).accuracy("noise", 0)
        assert edge.low <= edge.value <= edge.high


def test_the_table_holds_every_severity_and_the_undisturbed_faces() -> None:
    frame = result("a").to_frame()
    assert len(frame) == 60
    assert (frame.query("severity == 0")["accuracy"] == 0.8).all()
    assert ((frame["low"] <= frame["accuracy"]) & (frame["accuracy"] <= frame["high"])).all()


def test_the_mean_over_corruptions_draws_each_face_with_all_its_versions() -> None:
    """All versions of a face are right or wrong together, so 50 of them say no more than one."""
    alike = robustness_of(np.full((10, 5), 70), clean=70, rows=100)
    found, single = alike.mean_accuracy(), alike.accuracy("noise", 1)
    assert found.value == pytest.approx(0.7)
    assert found.high - found.low == pytest.approx(single.high - single.low, abs=0.02)
    assert alike.mean_accuracy(3).value == pytest.approx(0.7)


def test_a_written_file_reads_back_the_same(tmp_path: Path) -> None:
    written = result("a", rows=700)
    write_robustness(tmp_path / ROBUSTNESS_FILE, written)
    read = read_robustness(tmp_path / ROBUSTNESS_FILE, "a")
    for name in ("row_id", "label", "clean", "predicted"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name))
        assert getattr(read, name).dtype == getattr(written, name).dtype
    for name in ("model", "split", "weights", "protocol"):
        assert getattr(read, name) == getattr(written, name)


def test_a_result_of_other_weights_or_corruptions_is_not_current(models_dir: Path) -> None:
    card = ModelStore.default().load_scored_card("tiny_a")
    values = dict(vars(result("tiny_a")))
    current = Robustness(**values | {"weights": card.weights.sha256})
    assert current.is_current(card.weights.sha256)
    assert not Robustness(**values).is_current(card.weights.sha256)
    old = Robustness(**values | {"weights": card.weights.sha256, "protocol": "0" * 12})
    assert not old.is_current(card.weights.sha256)


def test_a_model_that_was_never_measured_has_no_result(models_dir: Path) -> None:
    assert ModelStore.default().load_robustness("tiny_a") is None


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"predicted": None}, "predicted.*missing"),
        ({"corruptions": np.array(["dust"])}, "expected the corruptions.*dust"),
        ({"clean": np.zeros(99, np.uint8)}, r"clean must have the shape \(100,\)"),
        ({"predicted": np.zeros((10, 5, 100))}, "integers"),
        ({"split": np.array(3)}, "split must be a string"),
        ({"row_id": np.zeros(0, np.int32)}, "at least one face"),
    ],
)
def test_a_damaged_file_is_rejected_with_the_reason(
    tmp_path: Path, damage: dict[str, NDArray[Any] | None], message: str
) -> None:
    file = tmp_path / ROBUSTNESS_FILE
    write_robustness(file, result("a"))
    arrays = dict(np.load(file)) | damage
    np.savez(file, **{name: value for name, value in arrays.items() if value is not None})
    with pytest.raises(ModelError, match=f"not valid.*{message}"):
        read_robustness(file, "a")


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / ROBUSTNESS_FILE).write_bytes(b"")
    with pytest.raises(ModelError, match="cannot be read"):
        read_robustness(tmp_path / ROBUSTNESS_FILE, "a")
