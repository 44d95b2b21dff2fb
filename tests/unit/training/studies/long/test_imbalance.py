"""A comparison of several trainings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tiny_dataset import tiny_dataset
from tests.unit.training.settings import tiny_settings
from training.settings import ImbalanceSettings
from training.studies import imbalance

COVERS = ("training/studies/imbalance.py",)

ONE_EPOCH = tiny_settings(schedule={"epochs": 1, "warmup_epochs": 0}, image_size=16)


SCORES = ["accuracy", "macro_f1", "disgust_f1"]


COLUMNS = [f"{split}_{score}" for split in ("valid", "test") for score in SCORES]


def test_a_comparison_resumes_with_the_missing_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = {"none": ImbalanceSettings()}
    monkeypatch.setattr(imbalance, "COMPARED", one)
    dataset = tiny_dataset()
    imbalance.compare(ONE_EPOCH, dataset, tmp_path, seeds=1)
    before = (tmp_path / imbalance.TABLE_FILE).read_text()
    more = one | {"focal": ImbalanceSettings(focal_gamma=2.0)}
    monkeypatch.setattr(imbalance, "COMPARED", more)
    rows = imbalance.compare(ONE_EPOCH, dataset, tmp_path, seeds=1)
    assert (tmp_path / imbalance.TABLE_FILE).read_text().startswith(before)
    assert list(rows["setting"]) == ["none", "focal"]
    assert not [name for name in rows if str(name).startswith("test_")]
    validation = rows.set_index("setting")["valid_accuracy"]
    rows = imbalance.compare(ONE_EPOCH, dataset, tmp_path, seeds=1, final=True)
    assert list(rows["setting"]) == ["none", "focal"]
    assert (rows.set_index("setting")["valid_accuracy"] == validation).all()
    assert rows[COLUMNS].apply(lambda column: column.between(0, 1)).all(axis=None)
