from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.training_logs.history import History, load_history, read_history

HEADER = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds"


def history_of(val_accuracy: list[float]) -> History:
    epochs = len(val_accuracy)
    other = np.linspace(1.0, 0.5, epochs)
    return History(
        epoch=np.arange(1, epochs + 1),
        loss=other,
        accuracy=other,
        val_loss=other,
        val_accuracy=np.array(val_accuracy),
        learning_rate=other,
        seconds=other,
    )


def test_saved_history_has_a_row_per_epoch(models_dir: Path) -> None:
    history = load_history("tiny_a")
    assert len(history) == 8
    table = history.to_frame()
    assert ",".join(table.columns) == HEADER
    assert table["epoch"].tolist() == list(range(1, 9))


def test_best_epoch_is_the_first_of_the_best() -> None:
    assert history_of([0.3, 0.6, 0.5, 0.6]).best_epoch() == 2


def test_best_epoch_passes_over_epochs_that_do_not_count_or_were_not_measured() -> None:
    assert history_of([0.9, np.nan, 0.5, 0.6]).best_epoch(first=2) == 4
    assert history_of([np.nan, np.nan]).best_epoch() is None
    assert history_of([0.9]).best_epoch(first=2) is None


def test_overfit_gap_is_training_minus_validation_accuracy() -> None:
    history = history_of([0.3, 0.6])
    np.testing.assert_allclose(history.overfit_gap, [0.7, -0.1])


def test_the_last_epochs_keep_their_numbers() -> None:
    history = history_of([0.1, 0.2, 0.3])
    assert history.last(2).epoch.tolist() == [2, 3]
    assert history.last(2).val_accuracy.tolist() == [0.2, 0.3]


def test_the_last_epochs_of_a_short_run_are_none_of_its_first_half() -> None:
    for epochs, first in ((1, 1), (2, 2), (5, 3), (8, 5)):
        history = history_of([0.1] * epochs)
        assert history.last(10).epoch.tolist() == list(range(first, epochs + 1))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "cannot be read"),
        (HEADER + "\n", "at least one row"),
        ("epoch,loss\n1,2\n", "no column accuracy, val_loss"),
        (f"{HEADER}\n1,1,1,1,1,1,1\n2,1,oops,1,1,1,1\n", "line 3, column accuracy.*'oops'"),
        (f"{HEADER}\n1,1,1,,1,1,1\n", "line 2, column val_loss"),
        (f"{HEADER}\n1,1,1,inf,1,1,1\n", "line 2, column val_loss"),
        (f"{HEADER}\n2,1,1,1,1,1,1\n1,1,1,1,1,1,1\n", "count upwards"),
        (f"{HEADER}\n0,1,1,1,1,1,1\n", "count upwards from 1"),
    ],
)
def test_damaged_file_is_refused_with_the_place(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "history.csv"
    path.write_text(content)
    with pytest.raises(ModelError, match=message) as caught:
        read_history(path)
    assert str(path) in str(caught.value)


def test_missing_file_gives_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_history(tmp_path / "history.csv")


def test_further_columns_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(f"{HEADER},note\n1,1,1,1,1,1,1,warm-up\n")
    assert len(read_history(path)) == 1
