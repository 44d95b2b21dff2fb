"""A folder becomes a table, whatever is in it and however often the run is killed."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from fer_core.batch import BatchSummary, analyze_folder
from fer_core.batch.shards import FILES_PER_PART, Plan, Shards
from fer_core.errors import InputRejected, ModelError, OutputError
from fer_core.imaging import MAX_BYTES, read_image
from fer_core.labels.emotions import FER2013
from fer_core.recognition.analyzer import load_analyzer
from fer_core.recognition.face_columns import Row, names_of, photo_columns
from fer_core.recognition.threshold_choice import ThresholdRequest
from fer_core.zoo.store import ModelStore
from tests.unit.fer_core.batch.processes import as_process, begin_and_stop

pytestmark = pytest.mark.usefixtures("models_dir")


Option = bool | int | float | str | ThresholdRequest | None


def score(folder: Path, output: Path, **options: Option) -> BatchSummary:
    defaults: dict[str, Option] = {"detector": "haar", "workers": 1}
    return analyze_folder(folder, output, **(defaults | options))  # type: ignore[arg-type]


def test_every_face_and_every_file_has_its_row(album: Path, tmp_path: Path) -> None:
    output = tmp_path / "faces.parquet"
    summary = score(album, output)
    table = pd.read_parquet(output)
    assert table["file"].drop_duplicates().tolist() == [
        "a.png",
        "b/deep/happy.png",
        "b/happy.PNG",
        "sheet.png",
        "text.jpg",
        "torn.jpg",
        "wall.png",
        "z.png",
        "zz.png",
    ]
    by_file = table.groupby("file")["status"].agg(list).to_dict()
    assert by_file.pop("sheet.png") == ["face"] * 7
    assert by_file.pop("wall.png") == ["no face"]
    assert by_file.pop("text.jpg") == by_file.pop("torn.jpg") == ["failed"]
    assert set(map(tuple, by_file.values())) == {("face",)}
    reasons = table.set_index("file")["reason"].dropna().to_dict()
    assert reasons == {"text.jpg": "unsupported_type", "torn.jpg": "corrupt"}
    assert table.loc[table["file"] == "text.jpg", "message"].str.contains("not supported").all()

    assert (summary.files, summary.faces, summary.without_face) == (9, 12, 1)
    assert summary.failures == {"unsupported_type": 1, "corrupt": 1}
    assert list(map(str, summary.skipped)) == ["1 hidden (.hidden)", "1 not a photo (notes.txt)"]
    assert sum(summary.expressions.values()) == 12
    assert summary.photos_per_second > 0


def test_the_uri_of_a_folder_here_is_that_folder(album: Path, tmp_path: Path) -> None:
    # As a folder and not as object storage: with links in a circle, and names that are not UTF-8.
    (album / "b" / "back").symlink_to(album, target_is_directory=True)
    (album / "a.png").rename(os.fsdecode(os.fsencode(album) + b"/caf\xe9.png"))
    here, uri = tmp_path / "here.csv", tmp_path / "uri.csv"
    score(album, here)
    analyze_folder(f"{album.as_uri()}/", uri, detector="haar", workers=1)
    assert uri.read_text() == here.read_text()


def test_the_rows_match_the_analyzer(album: Path, tmp_path: Path) -> None:
    output = tmp_path / "faces.parquet"
    score(album, output, model="tiny_b")
    table = pd.read_parquet(output).query("file == 'sheet.png'").reset_index(drop=True)
    expected = load_analyzer("tiny_b", "haar").analyze(read_image(album / "sheet.png")).to_frame()
    same = expected.columns.tolist()
    pd.testing.assert_frame_equal(
        table[same], expected[same], check_dtype=False, rtol=0, atol=0.006
    )
    assert table["model"].eq("tiny_b").all()
    assert table["model_checksum"].eq(ModelStore.default().load_card("tiny_b").weights.sha256).all()
    assert table[[f"p_{label}" for label in FER2013]].sum(axis=1).between(0.9999, 1.0001).all()
    assert table["nose_x"].isna().all()  # Haar gives no landmarks


def test_a_row_identifies_its_file_by_checksum(album: Path, tmp_path: Path) -> None:
    with (album / "huge.png").open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # is not read completely
    (album / "gone.png").symlink_to(tmp_path / "nowhere")
    score(album, tmp_path / "faces.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "faces.jsonl").read_text().splitlines()]
    assert {row["file"] for row in rows if row["file_sha256"] is None} == {"huge.png", "gone.png"}
    checksums = {row["file"]: row["file_sha256"] for row in rows if row["file_sha256"]}
    for file, checksum in checksums.items():
        assert checksum == hashlib.sha256((album / file).read_bytes()).hexdigest()
    assert len(checksums) == 9
    assert all(row["file_sha256"] == checksums.get(row["file"]) for row in rows)


def test_all_formats_hold_the_same_rows(album: Path, tmp_path: Path) -> None:
    for suffix in ("json", "jsonl", "csv", "parquet"):
        score(album, tmp_path / f"faces.{suffix}")
    rows = json.loads((tmp_path / "faces.json").read_text())
    lines = (tmp_path / "faces.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert list(rows[0]) == names_of(photo_columns(FER2013, ()))
    assert {row["threshold"] for row in rows} == {0.5}
    assert pq.read_table(tmp_path / "faces.parquet").to_pylist() == rows
    with (tmp_path / "faces.csv").open(newline="") as file:
        from_csv = list(csv.DictReader(file))
    for row, plain in zip(from_csv, rows, strict=True):
        assert row == {name: "" if value is None else str(value) for name, value in plain.items()}


def test_a_folder_without_photos_is_an_error_and_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "faces.csv").write_text("of last week")
    with pytest.raises(InputRejected, match=r"no photos in .*nothing \(the folder is empty"):
        score(tmp_path / "empty", tmp_path / "faces.csv", overwrite=True)
    (tmp_path / "empty" / "notes.txt").write_text("no photo")
    process = as_process(tmp_path / "empty", tmp_path / "faces.csv", "--overwrite")
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "There are no photos in" in stderr
    assert "1 not a photo (notes.txt)" in stderr
    assert (tmp_path / "faces.csv").read_text() == "of last week"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_with_invalid_utf_8_is_analyzed_too(album: Path, tmp_path: Path) -> None:
    (album / "a.png").rename(os.fsdecode(os.fsencode(album) + b"/\xff\xfe.png"))
    score(album, tmp_path / "faces.parquet")
    table = pd.read_parquet(tmp_path / "faces.parquet").set_index("file")
    assert table.loc["\\xff\\xfe.png", "status"] == "face"


@pytest.mark.parametrize(
    ("output", "message"),
    [("faces.xlsx", r"\.parquet, \.csv, \.json, \.jsonl"), ("none/faces.csv", "folder of --out")],
)
def test_an_invalid_output_is_reported_before_any_work(
    album: Path, tmp_path: Path, output: str, message: str
) -> None:
    with pytest.raises(OutputError, match=message):
        score(album, tmp_path / output)


def test_a_missing_folder_or_model_leaves_nothing_behind(album: Path, tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="folder does not exist"):
        score(tmp_path / "missing", tmp_path / "faces.csv")
    with pytest.raises(ModelError, match="none_such"):
        score(album, tmp_path / "faces.csv", model="none_such")
    assert [path.name for path in tmp_path.iterdir()] == ["album"]


def test_the_command_prints_the_statistics(album: Path, tmp_path: Path) -> None:
    process = as_process(album, tmp_path / "faces.csv")
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "Traceback" not in stderr
    for words in (
        "Photos",
        "12",
        "Skipped: 1 hidden (.hidden); 1 not a photo (notes.txt).",
        "corrupt",
        "unsupported_type",
        "Photos per second",
    ):
        assert words in stdout
    assert not Shards(tmp_path / "faces.csv").folder.exists()


def test_an_unfinished_run_is_neither_lost_nor_mixed(large_album: Path, tmp_path: Path) -> None:
    output = tmp_path / "faces.csv"
    begin_and_stop(large_album, output)
    assert not output.exists()
    with pytest.raises(InputRejected, match="unfinished run"):
        score(large_album, output)
    with pytest.raises(InputRejected, match="another model"):
        score(large_album, output, model="tiny_a", resume=True)
    with pytest.raises(InputRejected, match="another threshold"):
        score(large_album, output, threshold=0.9, resume=True)
    summary = score(large_album, output, resume=True)
    assert summary.files == 9 + 5 * FILES_PER_PART
    assert summary.scored == summary.files - FILES_PER_PART
    assert {one.reason for one in summary.skipped} == {"hidden", "not a photo"}


def begun_before(folder: Path, output: Path, threshold: float | None = None) -> None:
    """Creates the state of a stopped run of an earlier version, with all of its photos done."""
    card = ModelStore.default().load_card("tiny_a")
    files, chosen = ("a.png", "wall.png", "text.jpg"), threshold or 0.5
    shards = Shards(output)
    sha256 = card.weights.sha256
    shards.begin(Plan(str(folder), files, card.name, sha256, "haar", chosen))
    nothing: Row = dict.fromkeys(("label", "uncertain", "confidence", "face"))
    faces: list[Row] = [
        {"face": 1, "label": "happy", "confidence": 0.9, "uncertain": False},
        {"face": 2, "label": "sad", "confidence": 0.3, "uncertain": True},
    ]
    rows: list[Row] = [{"file": "a.png", "status": "face", **each} for each in faces]
    rows += [{"file": "wall.png", "status": "no face", **nothing}]
    rows += [{"file": "text.jpg", "status": "failed", "reason": "corrupt", **nothing}]
    same: Row = {"model": card.name, "model_checksum": sha256, "detector": "haar"}
    shards.write(0, [row | same for row in rows])


@pytest.mark.parametrize("threshold", [None, 0.8])
def test_a_run_started_by_an_earlier_version_gets_the_current_columns(
    album: Path, tmp_path: Path, threshold: float | None
) -> None:
    output = tmp_path / "faces.jsonl"
    begun_before(album, output, threshold)
    summary = score(album, output, resume=True)
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    expected = names_of(photo_columns(FER2013, ()))
    assert all(list(row) == expected for row in rows)
    assert [row["face_id"] for row in rows] == [1, 2, None, None]
    assert [row["prediction"] for row in rows] == ["happy", "uncertain", None, None]
    assert [row["top_label"] for row in rows] == ["happy", "sad", None, None]
    assert {row["threshold"] for row in rows} == {threshold or 0.5}
    assert summary.expressions == {"happy": 1, "uncertain": 1}
    assert (summary.scored, summary.failures) == (0, {"corrupt": 1})


def test_a_resumed_run_replaces_its_own_output(album: Path, tmp_path: Path) -> None:
    output = tmp_path / "faces.csv"
    begun_before(album, output)
    output.write_text("of the run that was stopped")
    score(album, output, resume=True)
    assert pd.read_csv(output)["face_id"].tolist()[:2] == [1, 2]


def test_rows_of_an_unknown_version_are_refused(album: Path, tmp_path: Path) -> None:
    begun_before(album, tmp_path / "faces.csv")
    part = Shards(tmp_path / "faces.csv").folder / "00000000.jsonl"
    part.write_text(part.read_text().replace('"uncertain"', '"doubtful"'))
    with pytest.raises(InputRejected, match=r"without the column 'uncertain'.*start again"):
        score(album, tmp_path / "faces.csv", resume=True)


def test_an_accuracy_that_gives_another_threshold_is_not_resumed_with(
    album: Path, tmp_path: Path
) -> None:
    chosen = ThresholdRequest(accuracy=0.9).for_model(ModelStore.default().load_card("tiny_a"))
    begun_before(album, tmp_path / "faces.csv", chosen)
    with pytest.raises(InputRejected, match="another threshold"):
        score(album, tmp_path / "faces.csv", resume=True, threshold=ThresholdRequest(accuracy=0.5))
    score(album, tmp_path / "faces.csv", resume=True, threshold=ThresholdRequest(accuracy=0.9))
    assert set(pd.read_csv(tmp_path / "faces.csv")["threshold"]) == {chosen}


def test_nothing_to_resume_replaces_nothing(album: Path, tmp_path: Path) -> None:
    output = tmp_path / "faces.csv"
    output.write_text("my notes")
    with pytest.raises(OutputError, match="--overwrite"):
        score(album, output, resume=True)
    assert output.read_text() == "my notes"
    begun_before(album, output)
    score(album, output, resume=True)
    finished = output.read_text()
    with pytest.raises(OutputError, match="--overwrite"):
        score(album, output, resume=True, threshold=0.7)
    assert output.read_text() == finished


def test_a_photo_that_vanished_before_resuming_has_its_row(
    large_album: Path, tmp_path: Path
) -> None:
    output = tmp_path / "faces.csv"
    begin_and_stop(large_album, output)
    (large_album / "z.png").unlink()
    summary = score(large_album, output, resume=True)
    assert summary.failures["unreadable"] == 1
    table = pd.read_csv(output).query("file == 'z.png'")
    assert table["message"].str.contains("no such file").tolist() == [True]
