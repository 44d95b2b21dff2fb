"""Runs that were begun before a change go on after it, and end as they would have."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.goldens.aliases import COLUMNS, canonical, canonical_names
from tests.goldens.commands import LATER, checksum, fer, write_album, write_clip
from tests.goldens.comparing import assert_close, rows_of
from tests.goldens.golden_files import DATA, golden
from tests.goldens.trainings import train

HALF_DONE = DATA / "half_done"
PARTS = ("00000000.jsonl", "00000001.jsonl")
AS_PARQUET = {int: "int32", float: "double", str: "string"}


def stored_rows() -> list[dict[str, Any]]:
    """The rows of both parts, by canonical names."""
    lines = [
        line for part in PARTS for line in (HALF_DONE / "batch" / part).read_text().split("\n")
    ]
    return [canonical(json.loads(line), COLUMNS) for line in lines if line]


def begun_batch(output: Path, album: Path, *, parts: int) -> None:
    """Puts beside an output what a stopped run has left."""
    kept = output.with_name(f"{output.name}.partial")
    kept.mkdir()
    for part in PARTS[:parts]:
        shutil.copyfile(HALF_DONE / "batch" / part, kept / part)
    plan = (HALF_DONE / "batch" / "plan.json").read_text()
    (kept / "plan.json").write_text(plan.replace("@FOLDER@", str(album.resolve())))


@pytest.mark.usefixtures("models")
def test_a_batch_run_resumes_with_the_missing_part(tmp_path: Path) -> None:
    album = write_album(tmp_path / "album", only_later=True)
    output = tmp_path / "faces.json"
    begun_batch(output, album, parts=1)
    assert fer("batch", album, "--out", output).exit_code != 0
    result = fer("batch", album, "--out", output, "--resume", "--workers", "1")
    assert result.exit_code == 0, result.output
    now, then = canonical(json.loads(output.read_text()), COLUMNS), stored_rows()
    for row in now + then:
        file = row["file"]
        if file in LATER:  # encoders differ, and so do the bytes of a photo
            row["file_sha256"] = checksum(album / file)
    assert_close(now, then)
    assert not output.with_name("faces.json.partial").exists()


@pytest.mark.usefixtures("models")
def test_the_table_of_a_batch_run_in_every_format(tmp_path: Path) -> None:
    """All parts are done, so only the table is written, and quickly."""
    album = write_album(tmp_path / "album", only_later=True)
    rows = stored_rows()
    for suffix in ("json", "jsonl", "csv", "parquet"):
        output = tmp_path / f"faces.{suffix}"
        begun_batch(output, album, parts=2)
        result = fer("batch", album, "--out", output, "--resume", "--workers", "1")
        assert result.exit_code == 0, result.output
    as_json = canonical(json.loads((tmp_path / "faces.json").read_text()), COLUMNS)
    assert_close(as_json, rows)
    lines = (tmp_path / "faces.jsonl").read_text().splitlines()
    assert_close([canonical(json.loads(line), COLUMNS) for line in lines], rows)
    with (tmp_path / "faces.csv").open(newline="") as file:
        head, *cells = csv.reader(file)
    assert canonical_names(head, COLUMNS) == list(rows[0])
    assert cells == [
        ["" if value is None else str(value) for value in row.values()] for row in rows
    ]
    table = pd.read_parquet(tmp_path / "faces.parquet", dtype_backend="pyarrow")
    types = {name: str(kind).removesuffix("[pyarrow]") for name, kind in table.dtypes.items()}
    types = canonical(types, COLUMNS)
    then = canonical(golden("columns/batch_parquet", types), COLUMNS)
    assert list(types.items()) == list(then.items())
    from_parquet = [
        {name: None if value is pd.NA else value for name, value in row.items()}
        for row in table.astype(object).to_dict("records")
    ]
    assert [list(row.values()) for row in from_parquet] == [list(row.values()) for row in rows]


@pytest.mark.usefixtures("models")
def test_a_video_run_resumes_from_its_checkpoint(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mkv")
    kept, table = tmp_path / "clip.csv.partial", tmp_path / "clip.csv"
    text = (HALF_DONE / "video" / "clip.csv.partial").read_text()
    text = text.replace("@CLIP@", checksum(clip)).replace("@FOLDER@", str(tmp_path.resolve()))
    kept.write_text(text)
    outputs = ("--csv", table, "--json", tmp_path / "clip.json", "--model", "tiny_a")
    assert fer("video", clip, *outputs).exit_code != 0
    assert kept.read_text() == text  # it is known as that of a run
    result = fer("video", clip, *outputs, "--resume")
    assert result.exit_code == 0, result.output
    assert not kept.exists()
    now = {
        "csv": rows_of(table.read_text()),
        "json": json.loads((tmp_path / "clip.json").read_text()),
    }
    then = golden("columns/video", now)
    assert_close(canonical(now, COLUMNS), canonical(then, COLUMNS))


@pytest.mark.slow
def test_a_training_run_resumes_from_its_last_checkpoint(tmp_path: Path) -> None:
    """Bits differ between processors, so it is compared with a run of this one where they do not.

    Whether they do, the loss of the epoch tells that came before the stop.
    """
    resumed, whole = tmp_path / "resumed", tmp_path / "whole"
    shutil.copytree(HALF_DONE / "training", resumed)
    result = train(tmp_path, resumed, "--resume")
    assert result.exit_code == 0, result.output
    assert train(tmp_path, whole).exit_code == 0
    before = pd.read_csv(HALF_DONE / "training" / "history.csv")
    after, expected = (pd.read_csv(run / "history.csv") for run in (resumed, whole))
    pd.testing.assert_frame_equal(after[: len(before)], before)
    assert after.columns.tolist() == expected.columns.tolist()
    assert after["epoch"].tolist() == expected["epoch"].tolist()
    has_same_bits = before["loss"].tolist() == expected["loss"][: len(before)].tolist()
    one, other = (dict(np.load(run / "checkpoints/last.npz")) for run in (resumed, whole))
    assert list(one) == list(other)
    for name in other:
        if has_same_bits and name.startswith(("weight_", "optimizer_")):
            np.testing.assert_array_equal(one[name], other[name], name)
        elif name.startswith("weight_"):
            np.testing.assert_allclose(one[name], other[name], atol=0.01, err_msg=name)
