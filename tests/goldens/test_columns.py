"""Columns of what the other commands print and of what the pages offer to be downloaded."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.app.visit import press, visit, wait_for_the_job
from tests.goldens.aliases import COLUMNS, FILES, LINK_KEYS, canonical, canonical_names
from tests.goldens.code import ResultRecorder
from tests.goldens.commands import LATER, fer, write_album, write_clip
from tests.goldens.comparing import assert_close, rows_of
from tests.goldens.golden_files import golden
from tests.live_results import frame_result

VIEWS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "compare": ({}, ("compare_front", "compare_predictions")),
    "confusion": ({}, ("confusion_metrics",)),
    "confusion-difference": ({"confusion_mode": "Difference of two"}, ("confusion_cells",)),
    "confusion-agreement": ({"confusion_mode": "Agreement of two"}, ()),
    "curves": ({}, ("curves_epochs", "curves_last_epochs", "curves_shown")),
    "calibration": (
        {},
        ("calibration_risk_coverage", "calibration_thresholds", "calibration_bins"),
    ),
    "robustness": ({}, ("robustness_accuracies",)),
    "preprocessing": ({}, ("preprocessing_bins", "preprocessing_effect")),
    "data": ({}, ("data_counts",)),
    "data-copies": ({"data_view": "Copies"}, ("data_duplicates", "data_duplicate_scores")),
    "data-labels": ({"data_view": "FER2013 and FER+"}, ("data_label_counts",)),
    "data-hardest": ({"data_view": "Hardest images"}, ("data_difficulties",)),
    "models": ({}, ("models_classes",)),
    "models-units": ({"models_model": "tiny_units"}, ("models_classes", "models_action_units")),
}
"""By view, what a link asks for and the tables that a visitor opens; each has a download."""


def assert_golden(name: str, now: Any) -> None:
    assert_close(canonical(now, COLUMNS), canonical(golden(name, now), COLUMNS))


def columns_of(files: Mapping[str, str]) -> dict[str, list[str]]:
    """The columns of CSV files, by the names of the files."""
    return {name: next(csv.reader(io.StringIO(files[name]))) for name in sorted(files)}


def canonical_files(columns: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {FILES.get(name, name): canonical_names(columns[name], COLUMNS) for name in columns}


@pytest.mark.usefixtures("models")
def test_what_analyze_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_album(tmp_path / "album")
    monkeypatch.chdir(tmp_path / "album")
    found: dict[str, Any] = {}
    for kind in ("csv", "json"):
        options = ("--model", "tiny_units", "--threshold", "0.1", "--format", kind)
        result = fer("analyze", LATER[0], LATER[1], *options)
        assert result.exit_code == 0, result.output
        found[kind] = rows_of(result.stdout) if kind == "csv" else json.loads(result.stdout)
    for photo in found["json"]:
        for name in [name for name in photo if name.endswith("_ms")]:
            photo[name] = 0.0
    assert_golden("columns/analyze", found)


def test_what_the_live_page_records() -> None:
    recorder = ResultRecorder()
    recorder.start()
    recorder.add(frame_result(50.0, {1: ("happy", 0.9), 2: ("sad", 0.4)}))
    recorder.add(frame_result(50.5, {1: ("happy", 0.8)}, missed=True))
    recorder.stop()
    recording = recorder.recording()
    assert recording is not None
    fields = json.loads(recording.to_json()) | {"started": "then"}
    assert_golden("columns/live", {"csv": rows_of(recording.to_csv()), "json": fields})


@pytest.fixture
def downloads(models_with_robustness: Path, app: AppTest) -> Iterator[dict[str, str]]:
    """The CSV files that the page offers, by name; filled as it runs."""
    offered: dict[str, str] = {}
    real = st.download_button

    def watched(label: str, data: Any, file_name: str | None = None, *more: Any, **options: Any):  # type: ignore[no-untyped-def]
        if file_name and file_name.endswith(".csv"):
            offered[file_name] = data
        return real(label, data, file_name, *more, **options)

    with mock.patch.object(st, "download_button", watched):
        yield offered


def test_what_the_upload_page_offers(
    app: AppTest, downloads: dict[str, str], tmp_path: Path
) -> None:
    app.query_params["upload_model"] = "tiny_units"
    visit(app, "upload")
    album = write_album(tmp_path / "album")
    for name in LATER:
        app.file_uploader(key="upload_files").upload(name, (album / name).read_bytes())
    app.run()
    faces = rows_of(downloads.pop("faces.csv"))
    for row in faces:
        row["file_sha256"] = "differs"
    now = {"faces": faces, "other files": columns_of(downloads)}
    assert_golden("columns/upload_photos", now)


def test_what_the_upload_page_offers_of_a_clip(
    app: AppTest, downloads: dict[str, str], tmp_path: Path
) -> None:
    app.query_params["upload_model"] = "tiny_a"
    visit(app, "upload", tables=["upload_mixes", "upload_mix"])
    app.segmented_control(key=LINK_KEYS.get("upload_kind", "upload_kind")).set_value("Video").run()
    app.slider(key=LINK_KEYS.get("upload_threshold", "upload_threshold")).set_value(0.1)
    clip = write_clip(tmp_path / "clip.mkv")
    app.file_uploader(key="upload_video").upload("clip.mkv", clip.read_bytes())
    app.run()
    wait_for_the_job(press(app, "Analyze this video"))
    assert not app.exception
    found = {name: rows_of(text) for name, text in sorted(downloads.items())}
    assert_golden("columns/upload_video", found)


@pytest.mark.parametrize("view", VIEWS)
def test_columns_of_every_table_of_a_page(
    app: AppTest, downloads: dict[str, str], view: str
) -> None:
    query, tables = VIEWS[view]
    for key, value in query.items():
        app.query_params[key] = value
    visit(app, view.partition("-")[0], tables=tables)
    assert not app.exception
    now = columns_of(downloads)
    then = golden(f"columns/page_{view}", now)
    assert canonical_files(now) == canonical_files(then)
