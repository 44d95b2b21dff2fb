from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.classifier import load_classifier
from fer_core.emotions import FER2013
from fer_core.errors import ModelError, WorkStopped
from fer_core.evaluation.corruptions import CORRUPTIONS, PROTOCOL, Corruption, corrupt
from fer_core.evaluation.predictions import SplitPredictions, load_predictions
from fer_core.evaluation.robustness import (
    Robustness,
    corruption_errors,
    draw_sample,
    measure_robustness,
)
from fer_core.evaluation.robustness_file import (
    ROBUSTNESS_FILE,
    load_robustness,
    read_robustness,
    write_robustness,
)
from fer_core.preprocessing import preprocess_batch
from fer_core.zoo import load_card


def result(model: str, *, clean: int = 80, seed: int = 0, rows: int = 100) -> Robustness:
    correct = np.random.default_rng(seed).integers(20, 70, (10, 5))
    return Robustness(model, "fer2013_private_test", "0" * 64, PROTOCOL, rows, clean, correct)


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
    sample = load_predictions("tiny_a")["fer2013_private_test"].take(np.arange(12))
    faces = faces_of(12)
    parts: list[float] = []
    found = measure_robustness(classifier, sample, faces, progress=parts.append)
    config = classifier.card.preprocessing

    def right(face: NDArray[np.uint8], label: int) -> bool:
        return int(classifier.predict(preprocess_batch([face], config)).argmax()) == label

    rows = list(zip(faces, sample.label.tolist(), sample.row_id.tolist(), strict=True))
    assert found.clean == sum(right(face, label) for face, label, _ in rows)
    checked: list[tuple[Corruption, int]] = [("noise", 2), ("rotation", 5)]
    for corruption, severity in checked:
        expected = sum(
            right(corrupt(face, corruption, severity, seed=row), label) for face, label, row in rows
        )
        index = CORRUPTIONS.index(corruption)
        assert found.correct[index, severity - 1] == expected
    assert found.is_current(classifier.card)
    assert parts == sorted(parts)
    assert len(parts) == 50


def test_measuring_ends_soon_after_it_is_asked_to(models_dir: Path) -> None:
    sample = load_predictions("tiny_a")["fer2013_private_test"].take(np.arange(12))
    parts: list[float] = []
    with pytest.raises(WorkStopped, match="stopped"):
        measure_robustness(
            load_classifier("tiny_a"),
            sample,
            faces_of(12),
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
    assert frame.loc["cnn", "mean_corruption_error"] == 1
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
    perfect = Robustness("cnn", "s", "0" * 64, PROTOCOL, 9, 9, np.full((10, 5), 9))
    assert corruption_errors([perfect]) is None


def test_a_written_file_reads_back_the_same(tmp_path: Path) -> None:
    written = result("a")
    write_robustness(tmp_path / ROBUSTNESS_FILE, written)
    read = read_robustness(tmp_path / ROBUSTNESS_FILE, "a")
    np.testing.assert_array_equal(read.correct, written.correct)
    for name in ("model", "split", "weights", "protocol", "rows", "clean"):
        assert getattr(read, name) == getattr(written, name)
    assert (tmp_path / ROBUSTNESS_FILE).stat().st_size < 10_000


def test_a_result_of_other_weights_or_corruptions_is_not_current(models_dir: Path) -> None:
    card = load_card("tiny_a")
    values = dict(vars(result("tiny_a")))
    current = Robustness(**values | {"weights": card.weights.sha256})
    assert current.is_current(card)
    assert not Robustness(**values).is_current(card)
    old = Robustness(**values | {"weights": card.weights.sha256, "protocol": "0" * 12})
    assert not old.is_current(card)


def test_a_model_that_was_never_measured_has_no_result(models_dir: Path) -> None:
    assert load_robustness("tiny_a") is None


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: "", "not valid"),
        (lambda text: text.replace("noise,3,", "dust,3,"), "noise.*missing"),
        (lambda text: text.replace("correct", "right"), "correct.*missing"),
        (lambda text: text.replace("noise,3,100,", "noise,3,100,many"), "not valid"),
        (lambda text: text.replace("noise,3,100,", "noise,3,200,"), "not valid"),
    ],
)
def test_a_damaged_file_says_what_is_wrong(tmp_path: Path, damage: object, message: str) -> None:
    file = tmp_path / ROBUSTNESS_FILE
    write_robustness(file, result("a"))
    assert callable(damage)
    file.write_text(damage(file.read_text()))
    with pytest.raises(ModelError, match=message):
        read_robustness(file, "a")


def test_counts_beyond_the_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        result("a", rows=50)
    with pytest.raises(ValueError, match=r"\(10, 5\)"):
        Robustness("a", "s", "0", PROTOCOL, 9, 9, np.zeros((5, 10), np.int64))
