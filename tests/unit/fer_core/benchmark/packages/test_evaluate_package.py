"""What a package predicts for labeled photos: the chosen face, our classes, or a reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.benchmark import NO_FACE
from fer_core.benchmark.packages import evaluate_package
from fer_core.errors import PackageError
from tests.unit.fer_core.benchmark.packages.fake_package import fake_package


def photos(*kinds: str) -> list[Path]:
    return [Path(f"/photos/{kind}.{number}.jpg") for number, kind in enumerate(kinds)]


def test_every_photo_has_a_prediction_or_a_reason(tmp_path: Path) -> None:
    entry = evaluate_package(
        fake_package(tmp_path), photos("happy", "crash", "nobody", "sad", "sum", "error")
    )
    assert entry.kind == "package"
    assert (entry.name, entry.title) == ("fake", "fake 1.2")
    assert entry.row.tolist() == [0, 3]
    assert [entry.labels[label] for label in entry.predicted] == ["happy", "sad"]
    assert entry.reasons.tolist() == [
        "",
        "fake 1.2 ended: the last words.",
        NO_FACE,
        "",
        "fake 1.2 gave an invalid reply: the probabilities sum to 0.8 instead of 1.",
        "fake 1.2: no such file.",
    ]
    assert entry.faces == "found by fake 1.2"
    assert "fake 1.2 was given whole photos." in entry.notes
    assert "fake 1.2 was started again once." in entry.notes


def test_classes_that_we_do_not_have_are_left_out(tmp_path: Path) -> None:
    entry = evaluate_package(fake_package(tmp_path), photos("happy", "bored"))
    assert entry.labels == ("happy", "sad")
    np.testing.assert_allclose(entry.probabilities, [[0.75, 0.25]], rtol=1e-6)
    assert entry.reasons.tolist() == ["", "fake 1.2 predicted only classes that are left out."]
    assert (
        "Classes of fake 1.2 that are left out: bored. Its other probabilities are divided by "
        "their sum."
    ) in entry.notes


def test_two_names_of_one_class_are_added(tmp_path: Path) -> None:
    package = fake_package(tmp_path, classes=("joy", "sad", "Happiness"))
    entry = evaluate_package(package, photos("happy"))
    assert entry.labels == ("happy", "sad")
    np.testing.assert_allclose(entry.probabilities, [[0.8, 0.2]], rtol=1e-6)
    assert not any("left out" in note for note in entry.notes)


def test_a_package_without_our_classes_is_an_error(tmp_path: Path) -> None:
    package = fake_package(tmp_path, classes=("happy", "tired", "bored"))
    with pytest.raises(PackageError, match=r"fake 1\.2 cannot be compared: .* happy, tired, bored"):
        evaluate_package(package, photos("happy"))


def test_of_several_faces_the_largest_counts(tmp_path: Path) -> None:
    entry = evaluate_package(fake_package(tmp_path), photos("several"))
    assert entry.xyxy is not None
    assert entry.xyxy.tolist() == [[60, 0, 160, 100]]
    assert entry.labels[entry.predicted[0]] == "sad"


def test_of_several_faces_the_labeled_one_counts(tmp_path: Path) -> None:
    boxes = [np.array([0.0, 0, 40, 40]), None, np.array([300.0, 300, 400, 400])]
    entry = evaluate_package(
        fake_package(tmp_path), photos("several", "several", "several"), boxes=boxes
    )
    assert entry.xyxy is not None
    assert entry.xyxy.tolist() == [[10, 10, 50, 50], [60, 0, 160, 100]]
    assert entry.reasons.tolist() == ["", "", NO_FACE]


def test_without_boxes_the_first_face_counts(tmp_path: Path) -> None:
    entry = evaluate_package(fake_package(tmp_path), photos("boxless", "several"))
    assert entry.xyxy is None
    assert [entry.labels[label] for label in entry.predicted] == ["happy", "sad"]


def test_pre_cropped_faces_have_no_boxes(tmp_path: Path) -> None:
    entry = evaluate_package(fake_package(tmp_path), photos("happy"), pre_cropped=True)
    assert entry.xyxy is None
    assert entry.faces == "pre-cropped"
    assert "fake 1.2 was given pre-cropped faces." in entry.notes


def test_progress_is_reported_and_no_photo_is_a_normal_result(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    evaluate_package(
        fake_package(tmp_path),
        photos("happy", "crash", "sad"),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]
    entry = evaluate_package(fake_package(tmp_path), [])
    assert entry.probabilities.shape == (0, 2)
