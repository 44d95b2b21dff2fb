from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from fer_core.errors import DatasetError
from tests.tiny_dataset import tiny_dataset
from tests.unit.training.settings import tiny_settings
from training.results import with_results
from training.studies import imbalance
from training.studies.imbalance_table import DOCUMENT, render

ONE_EPOCH = tiny_settings(schedule={"epochs": 1, "warmup_epochs": 0}, image_size=16)
SCORES = ["accuracy", "macro_f1", "disgust_f1"]
COLUMNS = [f"{split}_{score}" for split in ("valid", "test") for score in SCORES]


def test_the_page_shows_the_runs_of_its_csv_file() -> None:
    text = DOCUMENT.read_text("utf-8")
    table = render(pd.read_csv(DOCUMENT.with_suffix(".csv")))
    assert text == with_results(text, table, name="imbalance")


def test_a_row_is_the_mean_and_the_range_over_seeds() -> None:
    runs = pd.DataFrame(
        {"setting": ["b", "a", "b"], "seed": [1, 1, 2]} | dict.fromkeys(COLUMNS, 0.5)
    )
    runs["test_disgust_f1"] = [0.1, 0.4, 0.3]
    lines = render(runs).splitlines()
    assert lines[0].startswith("| Setting | Seeds | PublicTest, accuracy |")
    assert lines[2].startswith("| b | 2 | 50.0% (50.0-50.0) |")
    assert lines[2].endswith("| 20.0% (10.0-30.0) |")
    assert lines[3].startswith("| a | 1 |")


def test_without_scores_on_the_test_split_the_table_has_no_columns_for_them() -> None:
    runs = pd.DataFrame({"setting": ["a"], "seed": [1]} | dict.fromkeys(COLUMNS[:3], 0.5))
    assert "PrivateTest" not in render(runs)


def test_faces_without_the_rare_class_are_rejected(tmp_path: Path) -> None:
    dataset = tiny_dataset()
    names = tuple("disdain" if name == "disgust" else name for name in dataset.label_names)
    object.__setattr__(dataset, "label_names", names)
    with pytest.raises(DatasetError, match="no class 'disgust'"):
        imbalance.compare(ONE_EPOCH, dataset, tmp_path, seeds=2)
