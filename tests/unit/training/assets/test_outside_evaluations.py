"""Evaluations of saved models on other datasets are made as documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.benchmark import EvaluationStore
from tests.unit.fer_core.benchmark.photos.labeled import face_png
from training.assets import outside_evaluations


@pytest.mark.usefixtures("models_dir")
def test_people_are_read_from_file_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_YUNET_MODEL", str(tmp_path / "no_such_file"))
    for label in ("happy", "sad"):
        (tmp_path / "jaffe" / label).mkdir(parents=True)
        for person in ("KA", "KL"):
            (tmp_path / "jaffe" / label / f"{person}.X1.1.png").write_bytes(face_png(label))
    store = EvaluationStore(tmp_path / "evaluations")
    monkeypatch.setattr(EvaluationStore, "shipped", lambda: store)
    outside_evaluations.main(jaffe=tmp_path / "jaffe")
    saved = store.load("jaffe")
    assert set(saved.entries) == {"tiny_a", "tiny_b"}
    assert saved.photos.subject is not None
    assert saved.photos.subject.tolist() == [0, 1, 0, 1]
