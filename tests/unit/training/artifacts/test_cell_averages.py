"""Average faces of confusion matrix cells: exactly the faces of each cell, none for small cells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from fer_core.evaluation.comparison.confusion_cells import MIN_FACES, average_of_cell
from fer_core.evaluation.predictions import SplitPredictions
from fer_core.fer2013.test_split_faces import load_dataset_faces
from fer_core.labels.emotions import FER2013
from fer_core.zoo.artifacts import write_predictions
from fer_core.zoo.store import ModelStore
from tests.tiny_dataset import publish, tiny_dataset, write_fer2013_csv
from training.artifacts.cell_averages import add_cell_averages
from training.artifacts.split_predictions import with_cell_averages
from training.assets.average_faces import average_face

MODELS = Path(__file__).resolve().parents[4] / "models"
SPLIT = "fer2013_private_test"


def predictions(cells: dict[tuple[str, str], int]) -> SplitPredictions:
    """Rows of some cells, by true and predicted label, shuffled."""
    pairs = [pair for pair, count in cells.items() for _ in range(count)]
    indices = [[FER2013.index(name) for name in pair] for pair in pairs]
    label, predicted = np.random.default_rng(0).permutation(indices).T
    probabilities = np.full((len(pairs), 7), 0.1, np.float32)
    probabilities[np.arange(len(pairs)), predicted] = 0.4
    return SplitPredictions(SPLIT, FER2013, np.arange(len(pairs)), label, probabilities)


def faces(rows: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (rows, 48, 48), np.uint8)


def test_an_average_uses_exactly_the_faces_of_its_cell() -> None:
    split_predictions = predictions(
        {("fear", "sad"): 25, ("fear", "fear"): 30, ("sad", "fear"): 20}
    )
    pictures = faces(75)
    averaged = with_cell_averages(split_predictions, pictures)
    predicted = split_predictions.probabilities.argmax(axis=1)
    for true, given in (("fear", "sad"), ("fear", "fear"), ("sad", "fear")):
        cell = (split_predictions.label == FER2013.index(true)) & (
            predicted == FER2013.index(given)
        )
        found = average_of_cell(averaged, true=true, predicted=given)
        assert found is not None
        np.testing.assert_array_equal(found, average_face(pictures[cell]))
    inverted = with_cell_averages(
        split_predictions, np.where(cell[:, None, None], pictures, 255 - pictures)
    )
    kept = average_of_cell(inverted, true="sad", predicted="fear")
    np.testing.assert_array_equal(kept, average_of_cell(averaged, true="sad", predicted="fear"))


def test_a_cell_of_few_faces_has_none() -> None:
    few = {("happy", "happy"): MIN_FACES, ("happy", "sad"): MIN_FACES - 1}
    averaged = with_cell_averages(predictions(few), faces(2 * MIN_FACES - 1))
    assert average_of_cell(averaged, true="happy", predicted="happy") is not None
    assert average_of_cell(averaged, true="happy", predicted="sad") is None
    assert average_of_cell(averaged, true="sad", predicted="happy") is None


def test_averages_are_saved_with_the_predictions(
    own_models_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    per_class = {"train": 1, "valid": 1, "test": 30}
    dataset = tiny_dataset(per_class)
    publish(monkeypatch, tmp_path, dataset)
    tests = dataset.subset("test")
    right = np.eye(7, dtype=np.float32)[tests.labels]
    split_predictions = SplitPredictions(SPLIT, FER2013, tests.row_id, tests.labels, right)
    path = own_models_dir / "tiny_a" / "predictions.npz"
    public = ModelStore.default().load_predictions("tiny_a")["fer2013_public_test"]
    write_predictions(path, [public, split_predictions])
    assert (
        add_cell_averages("tiny_a", load_dataset_faces(write_fer2013_csv(tmp_path, dataset))) == 7
    )
    read = ModelStore.default().load_predictions("tiny_a")
    expected = with_cell_averages(split_predictions, tests.images)
    np.testing.assert_array_equal(read[SPLIT].cell_averages, expected.cell_averages)
    np.testing.assert_array_equal(read[SPLIT].probabilities, right)
    assert read["fer2013_public_test"].cell_averages is None
    np.testing.assert_array_equal(read["fer2013_public_test"].probabilities, public.probabilities)


def test_a_dataset_without_the_models_rows_leaves_the_file_as_it_was(
    own_models_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    publish(monkeypatch, tmp_path)
    path = own_models_dir / "tiny_a" / "predictions.npz"
    before = path.read_bytes()
    found = load_dataset_faces(write_fer2013_csv(tmp_path))
    with pytest.raises(DatasetError, match="Expected rows of PublicTest and PrivateTest"):
        add_cell_averages("tiny_a", found)
    assert path.read_bytes() == before


def test_some_of_the_rows_have_no_averages_any_more() -> None:
    averaged = with_cell_averages(predictions({("sad", "sad"): 30}), faces(30))
    assert averaged.take(np.arange(10)).cell_averages is None
    with pytest.raises(ValueError, match="a picture for each of 7 x 7 cells"):
        replace(averaged, cell_averages=np.zeros((6, 6, 48, 48), np.uint8))
