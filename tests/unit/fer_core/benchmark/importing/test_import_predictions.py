"""Predictions from elsewhere: what is read, and the line and reason of what is refused."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from fer_core.benchmark import PhotoEvaluation, split_rows
from fer_core.benchmark.importing import TableFile, import_predictions, table, table_formats
from fer_core.errors import ClassesNotConfirmed, PredictionsRejected
from fer_core.labels import FER2013
from fer_core.zoo.store import ModelStore

SAVED = ModelStore(Path(__file__).resolve().parents[5] / "models")
PRIVATE_TEST = "fer2013_private_test"

GOOD = """id,label,p_happy,p_sad
a.jpg,happy,0.9,0.1
b.jpg,sad,0.6,0.4
c.jpg,sad,0.2,0.8
"""
FRAME = pd.read_csv(io.StringIO(GOOD))


def imported(
    data: str | bytes, truth: str | None = None, *, accept_classes: bool = False
) -> PhotoEvaluation:
    return import_predictions(
        TableFile("mine.csv", data.encode() if isinstance(data, str) else data),
        name="mine",
        truth=None if truth is None else TableFile("labels.csv", truth.encode()),
        accept_classes=accept_classes,
    )


def parquet(frame: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.to_parquet(file)
    return file.getvalue()


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **{name: np.asarray(array) for name, array in arrays.items()})  # type: ignore[arg-type]
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        "\ufeff" + GOOD.replace("\n", "\r\n"),
        GOOD.replace("p_", ""),
        GOOD.replace("c.jpg", '"c.jpg"').replace("label", " label ") + "\n\n",
        parquet(FRAME),
        parquet(FRAME.astype({"id": "category", "p_happy": "float32"})),
        npz(
            id=FRAME["id"].to_numpy(str),
            label=FRAME["label"].to_numpy(str),
            p_happy=FRAME["p_happy"].to_numpy(),
            p_sad=FRAME["p_sad"].to_numpy(),
        ),
        npz(
            id=FRAME["id"].to_numpy(str),
            label=FRAME["label"].to_numpy("S"),
            probabilities=FRAME[["p_happy", "p_sad"]].to_numpy(np.float16),
            labels=["happy", "sad"],
        ),
    ],
    ids=["csv", "windows", "bare", "quoted", "parquet", "categories", "npz", "npz matrix"],
)
def test_every_form_gives_the_same_evaluation(data: str | bytes) -> None:
    found = imported(data)
    assert found.photos.id == ("a.jpg", "b.jpg", "c.jpg")
    assert [found.photos.labels[each] for each in found.photos.label] == ["happy", "sad", "sad"]
    entry = found.entries["mine"]
    assert entry.labels == ("happy", "sad")
    np.testing.assert_allclose(entry.probabilities[:, 0], [0.9, 0.6, 0.2], atol=1e-3)
    assert found.is_correct("mine").tolist() == [True, False, True]


def test_a_photo_that_is_left_out_is_an_error() -> None:
    labels = "id,label,age\nc.jpg,sad,31\nd.jpg,happy,\na.jpg,happy,7.5\nb.jpg,sad,2\n"
    found = imported("id,p_happy,p_sad\na.jpg,.9,.1\nc.jpg,.2,.8\n", labels)
    assert found.photos.id == ("c.jpg", "d.jpg", "a.jpg", "b.jpg")
    assert found.is_correct("mine").tolist() == [True, False, True, False]
    assert found.entries["mine"].reasons.tolist() == [
        "", "no prediction in the file", "", "no prediction in the file",
    ]  # fmt: skip
    np.testing.assert_array_equal(found.photos.columns["age"], [31, np.nan, 7.5, 2])


def test_a_column_with_words_has_only_texts() -> None:
    labels = "id,label,site\na.jpg,happy,1\nb.jpg,sad,\nc.jpg,sad,park\n"
    assert imported(GOOD, labels).photos.columns["site"].tolist() == ["1", "", "park"]


def test_photos_of_a_class_without_a_column_are_left_out_and_counted() -> None:
    labels = "id,label\nd.jpg,fear\nc.jpg,sad\na.jpg,happy\ne.jpg,fear\nb.jpg,sad\n"
    found = imported(GOOD, labels)
    assert found.photos.id == ("c.jpg", "a.jpg", "b.jpg")
    assert found.left_out == {"fear": 2}
    assert found.is_correct("mine").tolist() == [True, True, False]
    found = imported(GOOD + "e.jpg,fear,0.5,0.5\n")
    assert (found.left_out, len(found.photos)) == ({"fear": 1}, 3)
    with pytest.raises(PredictionsRejected, match="none of the classes of the photos, fear"):
        imported("id,label,p_happy,p_sad\ne.jpg,fear,0.5,0.5\n")


@pytest.mark.parametrize("name", ["ensemble", "cnn"])
def test_a_saved_model_keeps_its_accuracy(name: str) -> None:
    saved = SAVED.load_predictions(name)[PRIVATE_TEST]
    shuffled = saved.to_frame().sample(frac=1, random_state=1)
    file = TableFile("mine.csv", shuffled.to_csv(index=False).encode())
    found = import_predictions(file, name="mine", truth=split_rows(SAVED, PRIVATE_TEST))
    assert found.is_correct("mine").mean() == saved.is_correct.mean()
    np.testing.assert_array_equal(found.entries["mine"].probabilities, saved.probabilities)
    assert (found.photos.split, found.entries["mine"].faces) == (PRIVATE_TEST, "pre-cropped")


def test_row_ids_may_be_written_as_decimals() -> None:
    saved = SAVED.load_predictions("cnn")[PRIVATE_TEST].to_frame().astype({"row_id": float})
    rows = split_rows(SAVED, PRIVATE_TEST)
    for data in (saved.to_csv(index=False).encode(), parquet(saved)):
        found = import_predictions(TableFile("mine", data), name="mine", truth=rows)
        assert len(found.entries["mine"].row) == len(rows)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda frame: frame.assign(label="happy"), r"line 2: the label is happy, but angry in"),
        (
            lambda frame: frame.assign(row_id=range(len(frame))),
            r"line 2: the id 0 is not in FER2013 test \(PrivateTest\) \(and 3,588 other ids\). "
            "It has rows 32298 to 35886 .* The ids look like positions within the split.",
        ),
        (lambda frame: frame.assign(row_id="fer0032298.png"), "line 3: the row_id .* occurs twice"),
    ],
)
def test_predictions_that_do_not_fit_the_split_are_refused(
    change: Callable[[pd.DataFrame], pd.DataFrame], reason: str
) -> None:
    frame = change(SAVED.load_predictions("cnn")[PRIVATE_TEST].to_frame())
    file = TableFile("mine.csv", frame.to_csv(index=False).encode())
    with pytest.raises(PredictionsRejected, match=reason):
        import_predictions(file, name="mine", truth=split_rows(SAVED, PRIVATE_TEST))


def test_synonyms_and_numbers_are_confirmed() -> None:
    data = GOOD.replace("p_happy", "p_Joy").replace(",happy", ",0").replace("label", "label")
    with pytest.raises(ClassesNotConfirmed, match="p_Joy is read as happy, 0 is read as") as raised:
        imported(data)
    assert raised.value.read_as == {"p_Joy": "happy", "p_sad": "sad", "0": "happy", "sad": "sad"}
    found = imported(data, accept_classes=True)
    assert found.is_correct("mine").tolist() == [True, False, True]


def test_upper_case_is_exact() -> None:
    assert imported(GOOD.replace("p_happy", "P_Happy").replace(",sad", ",SAD")).photos.labels


def test_another_order_of_the_classes_is_refused() -> None:
    saved = SAVED.load_predictions("cnn")[PRIVATE_TEST]
    data = npz(id=saved.row_id, probabilities=saved.probabilities, labels=sorted(FER2013))
    rows = split_rows(SAVED, PRIVATE_TEST)
    file = TableFile("mine.npz", data)
    with pytest.raises(ClassesNotConfirmed, match=r"order: accuracy is .* 71\.8% if") as raised:
        import_predictions(file, name="mine", truth=rows)
    assert raised.value.seems == {"p_neutral": "sad", "p_sad": "surprise", "p_surprise": "neutral"}
    accepted = import_predictions(file, name="mine", truth=rows, accept_classes=True)
    assert accepted.is_correct("mine").mean() < 0.5
    (note,) = accepted.entries["mine"].notes
    assert note.startswith("Confirmed on import: the classes seem to be in another order")


def _line(number: int, text: str) -> str:
    lines = GOOD.splitlines()
    lines[number - 1] = text
    return "\n".join(lines) + "\n"


def _zip(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def _array_file(array: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


BAD: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "mine.csv is empty"),
    "blank": (" \n\n", "mine.csv is empty"),
    "header alone": ("id,label,p_happy,p_sad\n", "has no rows"),
    "no id": (GOOD.replace("id", "number"), "expected a column id or row_id or file. Received"),
    "no label": (GOOD.replace("label", "truth"), "has no column label"),
    "no classes": (GOOD.replace("p_", "score_"), "expected a column of probabilities per class"),
    "unknown class": (GOOD.replace("p_sad", "p_tired"), "p_tired is no known class"),
    "class twice": (GOOD.replace("p_sad", "p_joy"), "p_happy and p_joy both name happy"),
    "column twice": (GOOD.replace("p_sad", "p_happy"), "the column 'p_happy' occurs twice"),
    "unknown label": (_line(3, "b.jpg,tired,0.6,0.4"), "line 3: expected a label.*Received: tired"),
    "no label in a row": (_line(3, "b.jpg,,0.6,0.4"), "line 3: expected a label.*nothing"),
    "number too large": (_line(3, "b.jpg,2,0.6,0.4"), "line 3: expected a label.*Received: 2"),
    "id twice": (_line(4, "a.jpg,sad,0.6,0.4"), "line 4: the id a.jpg occurs twice.*line 2"),
    "no id in a row": (_line(4, ",sad,0.6,0.4"), "line 4: the id is missing"),
    "sum": (_line(3, "b.jpg,sad,0.6,0.3"), "line 3: the probabilities sum to 0.9 instead of 1"),
    "NaN": (_line(3, "b.jpg,sad,nan,0.4"), "line 3: p_happy must be a number. Received: 'nan'"),
    "nothing": (_line(3, "b.jpg,sad,,0.4"), "line 3: p_happy must be a number. Received: ''"),
    "infinite": (_line(3, "b.jpg,sad,inf,0.4"), "line 3: p_happy must be a number"),
    "huge": (_line(3, "b.jpg,sad,1e300,0.4"), "line 3: .*sum to inf"),
    "formula": (_line(3, "b.jpg,sad,=1-B3,0.4"), "line 3: p_happy must be a number.*'=1-B3'"),
    "negative": (_line(4, "c.jpg,sad,1.2,-0.2"), "line 4: a probability is -0.2.*Apply softmax"),
    "logits": (
        "id,label,p_happy,p_sad\na,happy,3.2,0.1\nb,sad,2,7\n",
        "line 2: the probabilities sum to 3.3 .*and 1 other row.*apply softmax",
    ),
    "logarithms": (
        "id,label,p_happy,p_sad\na,happy,-0.105361,-2.302585\n",
        "line 2: a probability is -2.303.*logarithms of probabilities: Take their exponential",
    ),
    "percentages": (
        "id,label,p_happy,p_sad\na,happy,90,10\n",
        "sum to 100 instead of 1.*divide them by 100",
    ),
    "short row": (_line(3, "b.jpg,sad,0.6"), "line 3: expected 4 values.*Received: 3"),
    "decimal commas": (_line(3, "b.jpg,sad,0,6,0,4"), "line 3: expected 4 values.*Received: 6"),
    "semicolons": (GOOD.replace(",", ";"), "line 1: expected columns separated by commas"),
    "open quote": (_line(3, 'b.jpg,sad,0.6,"0.4'), "line 4: this is not valid CSV"),
    "latin": (GOOD.replace("b.j", "é.j").encode("latin-1"), "line 3: expected a CSV file in UTF"),
    "UTF-16": (GOOD.encode("utf-16"), "is text in UTF-16"),
    "long id": (_line(3, f"{'b' * 5000},sad,0.6,0.4"), "line 3: id is longer than 4096"),
    "long cell": (_line(3, f"{'b' * 200_000},sad,0.6,0.4"), "line 3: this is not valid CSV"),
    "long line": (GOOD + "," * 1_000_000, "line 5: the line is longer than 819,200"),
    "columns": (",".join(map(str, range(201))), "more than 200 columns"),
    "gzip": (b"\x1f\x8b\x08\x00", "compressed with gzip"),
    "HDF5": (b"\x89HDF\r\n\x1a\n", "is HDF5"),
    "pickle": (pickle.dumps({"id": 1}), "is a pickle, which may run any code"),
    "npy": (_array_file(np.eye(3)), "is one array without ids"),
    "pickled npz": (
        _zip(**{"id.npy": b"\x93NUMPY" + _array_file(np.array([{}], object))[6:]}),
        "it holds pickled objects",
    ),
    "no npz": (_zip(**{"xl/workbook.xml": b"<workbook/>"}), "ZIP file of something else"),
    "cut npz": (npz(id=["a"], p_happy=[1.0])[:-30], "cannot be read as NPZ"),
    "npz without labels": (npz(id=["a"], probabilities=[[1.0, 0]]), "Received: .*no labels"),
    "npz lengths": (npz(id=["a", "b"], p_happy=[1.0]), "expected arrays of one shape"),
    "huge npz": (
        _zip(**{"id.npy": bytes(40_000_000), **{f"{i}.npy": bytes(40_000_000) for i in range(13)}}),
        "too large. Expected at most 512 MB when unpacked",
    ),
    "npz header": (
        _zip(**{"id.npy": _array_file(np.zeros(3)).replace(b"(3,)", b"(9999999999,)")}),
        "cannot be read as NPZ",
    ),
    "cut Parquet": (parquet(FRAME)[:-9], "cannot be read as Parquet"),
    "Parquet magic": (b"PAR1" + bytes(90), "cannot be read as Parquet"),
    "Parquet NaN": (
        parquet(FRAME.assign(p_sad=[0.1, np.nan, 0.8])),
        "row 1: p_sad must be a number. Received: 'nan'",
    ),
    "Parquet texts": (
        parquet(FRAME.assign(id=["a", "b" * 5000, "c"])),
        "id has a value longer than 4096",
    ),
    "Parquet lists": (
        parquet(FRAME.assign(p_sad=pd.Series([[1], [2], [3]]))),
        "column of probabilities per class",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_ends_in_one_sentence_with_the_line(kind: str) -> None:
    data, reason = BAD[kind]
    with pytest.raises(PredictionsRejected, match=reason) as raised:
        imported(data)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 500


def test_limits_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (table, table_formats):
        monkeypatch.setattr(module, "MAX_ROWS", 2)
        monkeypatch.setattr(module, "MAX_BYTES", 10_000)
    for data in (GOOD.encode(), parquet(FRAME), npz(id=["a", "b", "c"], p_happy=[1.0] * 3)):
        with pytest.raises(PredictionsRejected, match="more than 2 rows"):
            imported(data)
    with pytest.raises(PredictionsRejected, match="is too large"):
        imported(GOOD * 200)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (
            "id,label\na.jpg,happy\n",
            "line 3: the id b.jpg is not in labels.csv .and 1 other id",
        ),
        ("id,class\na.jpg,happy\n", "labels.csv: expected a column label"),
        ("id,label\na.jpg,happy\na.jpg,sad\n", "labels.csv, line 3: the id a.jpg occurs twice"),
        ("id,label\na.jpg,sad\nb.jpg,sad\nc.jpg,sad\n", "line 2: the label is happy, but sad in"),
        ("", "labels.csv is empty"),
    ],
)
def test_a_file_of_labels_must_fit(labels: str, reason: str) -> None:
    with pytest.raises(PredictionsRejected, match=reason):
        imported(GOOD, labels)


def test_large_numbers_are_exact_ids() -> None:
    ids = [2**60, 2**60 + 1]
    frame = pd.DataFrame({"id": ids, "label": ["sad"] * 2, "p_sad": [1.0, 1], "p_fear": [0.0, 0]})
    assert imported(parquet(frame)).photos.id == tuple(map(str, ids))
    arrays = {name: frame[name].to_numpy() for name in ("id", "p_sad", "p_fear")}
    assert imported(npz(label=["sad"] * 2, **arrays)).photos.id == tuple(map(str, ids))


@pytest.mark.parametrize("form", ["csv", "parquet", "npz"])
def test_damaged_bytes_are_read_or_refused(form: str) -> None:
    frame = pd.concat([FRAME] * 20, ignore_index=True).assign(id=[f"{i}.jpg" for i in range(60)])
    data = {
        "csv": frame.to_csv(index=False).encode(),
        "parquet": parquet(frame),
        "npz": npz(**{str(name): frame[name].to_numpy().tolist() for name in frame}),
    }[form]
    rng = np.random.default_rng(0)
    messages = []
    for step in range(600):
        damaged = bytearray(data)
        end = len(data) // 4 if step % 2 else len(data)  # the last part of Parquet is its schema
        for place in rng.integers(0, end, rng.integers(1, 4)):
            damaged[place] = rng.integers(0, 256)
        try:
            imported(bytes(damaged), accept_classes=True)
        except PredictionsRejected as error:
            messages.append(str(error))
    assert len(messages) > 100
    assert not [message for message in messages if "\n" in message]
