from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from fer_core.labels.emotions import FERPLUS
from tests.tiny_dataset import publish, tiny_dataset, write_fer2013_csv
from training.datasets import read_ferplus
from training.datasets.ferplus import VOTE_COLUMNS, distribution_targets, majority_targets

FOLDERS = {"train": "FER2013Train", "valid": "FER2013Valid", "test": "FER2013Test"}
VOTES = hnp.arrays(np.int64, st.tuples(st.integers(0, 6), st.just(10)), elements=st.integers(0, 10))


def votes(**counts: int) -> NDArray[np.int64]:
    return np.array([[counts.get(name, 0) for name in VOTE_COLUMNS]], np.int64)


def shares(targets: NDArray[np.float32]) -> dict[str, Any]:
    """The nonzero classes of one row."""
    (row,) = targets
    return {name: pytest.approx(float(x)) for name, x in zip(FERPLUS, row, strict=True) if x}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param({"happiness": 10}, {"happy": 1}, id="unanimous"),
        pytest.param({"sadness": 6, "fear": 4}, {"sad": 1}, id="more than half"),
        pytest.param({"sadness": 5, "fear": 5}, {}, id="half is not more than half"),
        pytest.param(
            {"anger": 4, "fear": 1, "sadness": 1, "disgust": 1, "neutral": 1, "surprise": 1},
            {"angry": 1},
            id="single votes do not count",
        ),
        pytest.param({"happiness": 5, "unknown": 5}, {}, id="unknown counts below the line"),
        pytest.param({"NF": 8, "happiness": 2}, {}, id="not a face"),
        pytest.param({"contempt": 7, "anger": 3}, {"contempt": 1}, id="contempt is a class"),
        pytest.param({"anger": 1, "fear": 1}, {}, id="nothing but single votes"),
    ],
)
def test_majority(counts: dict[str, int], expected: dict[str, float]) -> None:
    assert shares(majority_targets(votes(**counts))) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param({"happiness": 10}, {"happy": 1}, id="unanimous"),
        pytest.param({"sadness": 8, "fear": 2}, {"sad": 1}, id="the first covers 75 %"),
        pytest.param({"sadness": 6, "fear": 4}, {"sad": 0.6, "fear": 0.4}, id="two cover it"),
        pytest.param(
            {"sadness": 4, "fear": 3, "anger": 3},
            {"sad": 0.4, "fear": 0.3, "angry": 0.3},
            id="ties are added together",
        ),
        pytest.param(
            {"sadness": 4, "fear": 2, "anger": 2, "neutral": 2}, {}, id="four classes are too many"
        ),
        pytest.param({"happiness": 9, "fear": 1}, {"happy": 1}, id="single votes do not count"),
        pytest.param({"unknown": 6, "sadness": 4}, {}, id="unknown leads"),
        pytest.param({"sadness": 6, "fear": 2}, {"sad": 1}, id="75 % is enough"),
        pytest.param({"sadness": 5, "unknown": 5}, {}, id="half is too little"),
        pytest.param(
            {"sadness": 6, "unknown": 2, "fear": 2},
            {"sad": 0.75, "fear": 0.25},
            id="equal to unknown still counts",
        ),
        pytest.param(
            {"sadness": 5, "unknown": 3, "fear": 1}, {"sad": 1}, id="unknown ends the list"
        ),
        pytest.param({"anger": 1}, {}, id="nothing but single votes"),
    ],
)
def test_distribution(counts: dict[str, int], expected: dict[str, float]) -> None:
    assert shares(distribution_targets(votes(**counts))) == expected


@given(VOTES)
def test_distributions_have_at_most_three_classes_and_sum_to_one_or_zero(
    counts: NDArray[np.int64],
) -> None:
    targets = distribution_targets(counts)
    kept = targets.any(axis=1)
    np.testing.assert_allclose(targets.sum(axis=1), kept.astype(float), atol=1e-6)
    assert ((targets > 0).sum(axis=1) <= 3).all()


@given(VOTES)
def test_a_majority_class_is_the_argmax_of_its_distribution(counts: NDArray[np.int64]) -> None:
    majority, distribution = majority_targets(counts), distribution_targets(counts)
    both = majority.any(axis=1) & distribution.any(axis=1)
    np.testing.assert_array_equal(majority[both].argmax(axis=1), distribution[both].argmax(axis=1))


@pytest.fixture
def fer2013(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    publish(monkeypatch, tmp_path)
    return write_fer2013_csv(tmp_path)


@pytest.fixture
def ferplus(tmp_path: Path) -> Path:
    """Votes for the tiny dataset: all happiness, except rows 0 (contempt) and 1 (no face)."""
    folder = tmp_path / "ferplus"
    names = [f"fer{2 * row:07d}.png" for row in range(49)]
    names[1] = ""
    lines = ["Usage,Image name", *(f"Training,{name}" for name in names)]
    folder.mkdir()
    (folder / "fer2013new.csv").write_text("\n".join(lines) + "\n")
    split = tiny_dataset().split
    for name, split_folder in FOLDERS.items():
        rows = [row for row in np.flatnonzero(split == name) if names[row]]
        counts = ["0,0,0,0,0,0,0,10,0,0" if row == 0 else "0,8,2,0,0,0,0,0,0,0" for row in rows]
        (folder / split_folder).mkdir()
        (folder / split_folder / "label.csv").write_text(
            "".join(
                f'{names[row]},"(0, 0, 48, 48)",{count}\n'
                for row, count in zip(rows, counts, strict=True)
            )
        )
    return folder


def test_votes_are_joined_with_images_by_name(fer2013: Path, ferplus: Path) -> None:
    dataset = read_ferplus(fer2013, ferplus)
    assert dataset.label_names == FERPLUS
    assert dataset.row_id.tolist() == [0, *range(2, 49)]
    np.testing.assert_array_equal(dataset.images, tiny_dataset().images[dataset.row_id])
    np.testing.assert_array_equal(dataset.split, tiny_dataset().split[dataset.row_id])
    assert [FERPLUS[label] for label in dataset.labels[:2]] == ["contempt", "happy"]


def test_the_layout_of_the_authors_repository_is_read_too(fer2013: Path, ferplus: Path) -> None:
    (ferplus / "data").mkdir()
    for folder in FOLDERS.values():
        (ferplus / folder).rename(ferplus / "data" / folder)
    assert len(read_ferplus(fer2013, ferplus)) == 48


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("fer0000042.png", "fer9.png", "line 1: fer2013new.csv has no image named 'fer9.png'"),
        ("fer0000042.png", "fer0000000.png", "line 1: .* should be a valid image, .*to train"),
        ("0,8,2,0", "0,8,2", "line 1: .* 10 vote counts"),
        ("0,8,2,0", "0,8,-2,0", "line 1: .* 10 vote counts"),
    ],
)
def test_an_error_is_reported_with_file_and_line(
    fer2013: Path, ferplus: Path, old: str, new: str, message: str
) -> None:
    file = ferplus / "FER2013Valid" / "label.csv"
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(DatasetError, match=f"FER2013Valid.label.csv, {message}"):
        read_ferplus(fer2013, ferplus)


def test_a_missing_or_empty_label_file_is_named(fer2013: Path, ferplus: Path) -> None:
    file = ferplus / "FER2013Test" / "label.csv"
    file.write_text("")
    with pytest.raises(DatasetError, match=r"label.csv: expected .* Received: an empty file"):
        read_ferplus(fer2013, ferplus)
    file.unlink()
    with pytest.raises(DatasetError, match=r"FER2013Test.label\.csv is missing"):
        read_ferplus(fer2013, ferplus)


def test_an_image_named_twice_is_rejected(fer2013: Path, ferplus: Path) -> None:
    file = ferplus / "FER2013Test" / "label.csv"
    file.write_text(file.read_text() + file.read_text().splitlines()[0])
    with pytest.raises(DatasetError, match=r"label\.csv: .* repeated image names"):
        read_ferplus(fer2013, ferplus)


def test_a_name_file_without_names_is_rejected(fer2013: Path, ferplus: Path) -> None:
    (ferplus / "fer2013new.csv").write_text("Usage,neutral\n")
    with pytest.raises(DatasetError, match=r"line 1: .* column Image name\. Received: 'Usage,neu"):
        read_ferplus(fer2013, ferplus)


def test_votes_for_another_file_are_rejected(fer2013: Path, ferplus: Path) -> None:
    names = ferplus / "fer2013new.csv"
    names.write_text(names.read_text() + "Training,fer0009999.png\n")
    with pytest.raises(DatasetError, match=r"each of the 49 rows .* Received: 50 rows"):
        read_ferplus(fer2013, ferplus)


def test_votes_match_faces_in_any_order(fer2013: Path, ferplus: Path) -> None:
    expected = read_ferplus(fer2013, ferplus)
    header, *lines = fer2013.read_text().splitlines()
    fer2013.write_text("\n".join([header, *lines[::-1]]))
    dataset = read_ferplus(fer2013, ferplus)
    assert dataset.fingerprint() == expected.fingerprint()
    assert "not in the published order" in " ".join(dataset.notes)


def test_faces_without_votes_are_rejected(fer2013: Path, ferplus: Path) -> None:
    text = fer2013.read_text()
    fer2013.write_text(re.sub(r"\d+,PublicTest", "0,PublicTest", text, count=2))
    with pytest.raises(DatasetError, match=r"its 49 faces, .* 49 rows, 47 of which have the pix"):
        read_ferplus(fer2013, ferplus)


def test_missing_images_are_reported(tmp_path: Path, ferplus: Path) -> None:
    with pytest.raises(DatasetError, match=r"expected fer2013\.csv"):
        read_ferplus(tmp_path / "nowhere", ferplus)
