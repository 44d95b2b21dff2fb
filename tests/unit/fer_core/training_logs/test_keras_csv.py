from __future__ import annotations

import numpy as np
import pytest

from fer_core.training_logs.history import Curve
from fer_core.training_logs.keras_csv import LARGEST_BYTES, LogFile, curve_named, read_logs
from tests.event_files import event_file

CSV_LOG = b"""epoch,accuracy,learning_rate,loss,val_accuracy,val_loss
0,0.25,0.01,1.8,0.3,1.75
1,0.35,0.005,1.6,0.4,1.5
"""


@pytest.mark.parametrize(
    ("name", "curve"),
    [
        ("loss", "loss"),
        ("val_loss", "val_loss"),
        ("Loss/train", "loss"),
        ("Loss/val", "val_loss"),
        ("validation/epoch_loss", "val_loss"),
        ("epoch_sparse_categorical_accuracy", "accuracy"),
        ("val_acc", "val_accuracy"),
        ("lr", "learning_rate"),
        ("epoch_learning_rate", "learning_rate"),
        ("batch_loss", None),
        ("top_k_categorical_accuracy", None),
        ("epoch", None),
        ("value", None),
    ],
)
def test_a_curve_is_known_by_its_words(name: str, curve: Curve | None) -> None:
    assert curve_named(name) == curve


@pytest.mark.parametrize("separator", [b",", b";"])
def test_a_table_of_keras_is_read(separator: bytes) -> None:
    (run,), rejected = read_logs([LogFile("log.csv", CSV_LOG.replace(b",", separator))])
    assert not rejected
    assert (run.name, run.title, run.recipe) == ("log/log.csv", "log.csv", None)
    assert run.history.epoch.tolist() == [1, 2]
    assert run.history.val_loss.tolist() == [1.75, 1.5]
    assert run.history.learning_rate.tolist() == [0.01, 0.005]
    assert np.isnan(run.history.seconds).all()
    assert run.best_epoch == 2


def test_what_a_log_does_not_say_is_not_a_number() -> None:
    (run,), _ = read_logs([LogFile("a.csv", b"epoch,loss\n0,1.5\n1,NA\n2,0.5\n")])
    assert run.history.epoch.tolist() == [1, 3]
    assert run.history.loss.tolist() == [1.5, 0.5]
    assert np.isnan(run.history.val_accuracy).all()
    assert run.best_epoch is None


def test_train_and_validation_of_a_folder_are_one_run() -> None:
    train = event_file({"epoch_loss": {0: 1.5, 1: 1.0}, "batch_loss": {0: 9.0}}, as_tensor=True)
    validation = event_file({"epoch_loss": {0: 1.75, 1: 1.25}}, as_tensor=True)
    files = [
        LogFile("logs/night/train/events.out.tfevents.1.host.0.v2", train),
        LogFile("logs/night/validation/events.out.tfevents.1.host.1.v2", validation),
    ]
    (run,), rejected = read_logs(files)
    assert not rejected
    assert run.title == "logs/night"
    assert run.history.loss.tolist() == [1.5, 1.0]
    assert run.history.val_loss.tolist() == [1.75, 1.25]


def test_single_event_files_are_a_run_each() -> None:
    data = event_file({"Loss/train": {5: 0.5}, "Loss/val": {5: 0.75}})
    runs, _ = read_logs([LogFile("a.tfevents", data), LogFile("b.tfevents", data)])
    assert [run.title for run in runs] == ["a.tfevents", "b.tfevents"]
    assert runs[0].history.epoch.tolist() == [5]
    assert (runs[0].history.loss[0], runs[0].history.val_loss[0]) == (0.5, 0.75)


def test_logs_of_one_name_are_a_run_each() -> None:
    data = [b"epoch,loss\n0,1.5\n1,1.0\n2,0.5\n", b"epoch,loss\n0,5.0\n1,4.0\n"]
    runs, rejected = read_logs([LogFile("history.csv", each) for each in data])
    assert not rejected
    assert [run.title for run in runs] == ["history.csv", "history.csv (2)"]
    assert [run.history.loss.tolist() for run in runs] == [[1.5, 1.0, 0.5], [5.0, 4.0]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "neither text nor events"),
        (b"just some words\nand more\n", "column epoch"),
        (b"epoch,loss\n", "Received: 0"),
        (b"epoch" + b",loss" * 5_000 + b"\n0,1\n", "at most 20,000 characters"),
        (b"name,loss\na,1\n", "Received: name, loss"),
        (b"epoch,time\n0,1\n", "Received: epoch, time"),
        (b"epoch,loss\nfirst,1\n", "integers"),
        (b"epoch,loss\n0.5,1\n", "integers"),
        (b"epoch,loss\n-1,1\n", "integers"),
        (b"epoch,loss\n0,2\n1,1\n0,2\n", "several runs"),
        (b"epoch,loss\n0,nan\n", "Received: 0"),
        (b'epoch,loss\n0,"1\n', "cannot be read"),
        (b"epoch,loss\n" + b"".join(b"%d,1\n" % row for row in range(10_001)), "10,001"),
        (b" " * (LARGEST_BYTES + 1), "at most 20 MB"),
        (event_file({"weights": {0: 1.0}}), "Received: weights"),
        (event_file({"loss": {0: 1.0}})[:-3] + b"abc", "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_invalid_files_are_listed_with_an_error(data: bytes, message: str) -> None:
    runs, (rejected,) = read_logs([LogFile("bad", data), LogFile("good.csv", CSV_LOG)])
    assert [run.title for run in runs] == ["good.csv"]
    assert rejected.name == "bad"
    assert message in rejected.message
