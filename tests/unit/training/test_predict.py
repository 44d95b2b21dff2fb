"""Predicting a saved model again: a check on one split, or atomic replacement."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.zoo.store import ModelStore
from fer_core.zoo.summary import rescored
from tests.tiny_dataset import write_fer2013_csv
from training import predict

pytestmark = pytest.mark.slow


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_without_final_the_validation_split_is_checked_and_nothing_written(
    own_models_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(own_models_dir / "tiny_a")
    predict.main("tiny_a", write_fer2013_csv(tmp_path))
    assert "Largest change of a probability" in capsys.readouterr().out
    assert contents(own_models_dir / "tiny_a") == before


def test_card_and_predictions_change_atomically(
    own_models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, folder = write_fer2013_csv(tmp_path), own_models_dir / "tiny_a"
    (folder / "robustness.npz").write_bytes(b"measured")
    before = contents(folder)

    def end_here(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(predict, "rescore", end_here)  # after the predictions, before the card
        with pytest.raises(KeyboardInterrupt):
            predict.main("tiny_a", data, final=True)
    assert contents(folder) == before
    predict.main("tiny_a", data, final=True)
    card = ModelStore.default().load_scored_card("tiny_a")
    assert rescored(card, folder / "predictions.npz") == card
    assert (
        len(ModelStore.default().load_predictions("tiny_a")["fer2013_private_test"])
        == card.reported.rows
    )
    assert set(contents(folder)) == set(before)
