"""Saved evaluations: what is saved is loaded again, and a damaged folder hides no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from fer_core.benchmark import (
    EvaluationEntry,
    EvaluationStore,
    LabeledRows,
    PhotoEvaluation,
)
from fer_core.errors import EvaluationError, OutputError
from fer_core.evaluation.reliability import Calibration


def evaluation(name: str = "mine", *, day: int = 1) -> PhotoEvaluation:
    photos = LabeledRows(
        id=("a/ä.jpg", "=1+1.png", "c.jpg"),
        labels=("happy", "sad"),
        label=np.array([0, 1, 1]),
        columns={
            "label": np.array(["own", "", "x"]),  # named like a column of the file
            "age": np.array([31.5, np.nan, 4]),
            "blur": np.array([0.1, 0.2, 0.3], np.float32),
        },
        measured=("blur",),
        subject=np.array([4, 4, 9]),
    )
    found = EvaluationEntry(
        name="../other package",
        title="Other",
        kind="package",
        labels=("sad", "happy", "fear"),
        row=np.array([0, 2]),
        probabilities=np.array([[0.2, 0.7, 0.1], [1, 0, 0]], np.float32),
        reasons=np.array(["", "no face", ""]),
        faces="YuNet",
        xyxy=np.array([[0, 1, 20, 30.5], [5, 5, 9, 9]], np.float32),
        calibration=Calibration(1.3, 0.1),
        checksum="0" * 64,
        notes=("A note.",),
    )
    none = replace(
        found,
        name="cnn",
        row=np.array([], np.int64),
        probabilities=np.empty((0, 3), np.float32),
        reasons=np.array(["no face"] * 3),
        xyxy=None,
        calibration=Calibration(),
        checksum=None,
    )
    return PhotoEvaluation(
        name=name,
        created=datetime(2026, 1, day, 12, tzinfo=UTC),
        photos=photos,
        entries={found.name: found, none.name: none},
        left_out={"contempt": 3},
        notes=("About the photos.",),
    )


@pytest.fixture
def store(tmp_path: Path) -> EvaluationStore:
    return EvaluationStore(tmp_path / "evaluations")


def test_what_is_saved_is_loaded_again(store: EvaluationStore) -> None:
    saved = evaluation()
    store.save(saved)
    loaded = store.load("mine")
    assert (loaded.name, loaded.created) == (saved.name, saved.created)
    assert (loaded.left_out, loaded.notes) == (saved.left_out, saved.notes)
    for name in ("id", "labels", "measured", "split"):
        assert getattr(loaded.photos, name) == getattr(saved.photos, name)
    assert loaded.photos.label.tolist() == saved.photos.label.tolist()
    assert loaded.photos.subject is not None
    assert loaded.photos.subject.tolist() == [4, 4, 9]
    assert list(loaded.photos.columns) == list(saved.photos.columns)
    for name, values in saved.photos.columns.items():
        np.testing.assert_array_equal(loaded.photos.columns[name], values)
        assert loaded.photos.columns[name].dtype.kind == values.dtype.kind
    assert list(loaded.entries) == list(saved.entries)
    for name, entry in saved.entries.items():
        for field, value in vars(entry).items():
            found = getattr(loaded.entries[name], field)
            if isinstance(value, np.ndarray):
                np.testing.assert_array_equal(found, value)
                assert found.dtype == value.dtype
            else:
                assert found == value


def test_an_evaluation_without_photos_can_be_saved(store: EvaluationStore) -> None:
    photos = LabeledRows((), ("sad",), np.array([], np.int64), {"site": np.array([], np.str_)})
    store.save(PhotoEvaluation("empty", datetime.now(UTC), photos, {}))
    assert len(store.load("empty").photos) == 0


def test_an_evaluation_is_replaced_only_on_request(store: EvaluationStore) -> None:
    store.save(evaluation())
    with pytest.raises(OutputError, match="already exists"):
        store.save(evaluation(day=2))
    assert store.load("mine").created.day == 1
    store.save(evaluation(day=2), overwrite=True)
    assert store.load("mine").created.day == 2
    assert [path.name for path in store.folder.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["", "../mine", "Mine", "a b", ".hidden", "-a", "a" * 65, "a\n"])
def test_a_name_that_is_no_folder_name_is_refused(store: EvaluationStore, name: str) -> None:
    with pytest.raises(EvaluationError, match="name of an evaluation"):
        store.save(evaluation(name))
    with pytest.raises(EvaluationError, match="name of an evaluation"):
        store.load(name)
    assert not store.folder.exists()


def test_evaluations_are_listed_the_latest_first(store: EvaluationStore) -> None:
    assert store.list().records == ()
    for day, name in enumerate(("b", "c", "a"), 1):
        store.save(evaluation(name, day=day))
    records = store.list().records
    assert [record.name for record in records] == ["a", "c", "b"]
    assert records[0].photos == 3
    assert [entry.predicted for entry in records[0].entries] == [2, 0]


def test_one_that_is_missing_is_named_with_those_that_exist(store: EvaluationStore) -> None:
    store.save(evaluation())
    with pytest.raises(EvaluationError, match=r"'yours'.*Saved evaluations: mine"):
        store.load("yours")


def _cut(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-9])


def _change(field: str, value: object) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        record = json.loads((folder / "evaluation.json").read_text())
        (folder / "evaluation.json").write_text(json.dumps(record | {field: value}))

    return change


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "evaluation.json").unlink(), "evaluation.json cannot be read"),
        (lambda folder: (folder / "entry_1.npz").unlink(), "entry_1.npz cannot be read"),
        (_cut("evaluation.json"), "not JSON"),
        (_cut("photos.parquet"), r"photos.parquet is damaged. Expected \d+ bytes"),
        (_cut("entry_0.npz"), "entry_0.npz is damaged"),
        (_change("photos", -1), "photos: expected greater than or equal to 0"),
        (_change("sizes", {"../secret": 1}), "sizes must name exactly entry_0.npz"),
        (_change("format", 2), "format: expected 1"),
        (_change("name", "other"), "name: expected 'mine'"),
        (_change("more", 1), "more: unknown field"),
    ],
)
def test_a_damaged_folder_is_listed_with_the_reason(
    store: EvaluationStore, damage: Callable[[Path], object], reason: str
) -> None:
    store.save(evaluation())
    store.save(evaluation("other"))
    damage(store.folder / "mine")
    listing = store.list()
    assert [record.name for record in listing.records] == ["other"]
    (broken,) = listing.broken
    assert broken.name == "mine"
    with pytest.raises(EvaluationError, match=reason) as raised:
        store.load("mine")
    assert broken.message == str(raised.value)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"row": np.array([0, 3])}, "rows of .* must be below 3"),
        ({"row": np.array([2, 0])}, "must ascend"),
        ({"probabilities": np.full((2, 3), 0.9)}, "sum to 1"),
        ({"probabilities": np.full((2, 2), 0.5)}, "shape"),
        ({"reasons": np.array(["", "", ""])}, "either one prediction or a reason"),
        ({"reasons": np.array([None] * 3)}, "pickle|allow_pickle"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    store: EvaluationStore, arrays: dict[str, object], reason: str
) -> None:
    folder = store.save(evaluation())
    file = folder / "entry_0.npz"
    with np.load(file) as archive:
        np.savez(file, **(dict(archive) | arrays))
    _change(
        "sizes",
        {path.name: path.stat().st_size for path in folder.iterdir() if path.suffix != ".json"},
    )(folder)
    with pytest.raises(EvaluationError, match=reason):
        store.load("mine")
