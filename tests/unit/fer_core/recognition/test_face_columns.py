"""Every output table of faces has the columns of one schema, and matching counts."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.batch.row_writers import write_rows
from fer_core.batch.summary import BatchSummary, Tally
from fer_core.imaging import encode_png
from fer_core.labels.emotions import FER2013
from fer_core.live.result_recorder import ResultRecorder, ResultRecording
from fer_core.live.session import LiveSession, LiveSettings
from fer_core.recognition.analyzer import Analyzer, ImageAnalysis
from fer_core.recognition.face_columns import (
    ALL,
    OF_RUN,
    UNCERTAIN,
    Column,
    Row,
    image_columns,
    names_of,
    photo_columns,
    track_columns,
)
from fer_core.recognition.face_table import RunInfo, face_table, rounded_confidence, rows_of
from fer_core.recognition.photo_table import PhotoAnalyzer, RowFormat
from fer_core.tracking.pipeline import TrackingConfig
from fer_core.tracking.smoothing import HALF_LIFE_S, LabelHysteresis
from fer_core.video.analysis import VideoSettings, analyze_video
from fer_core.video.timeline import VideoTimeline
from tests.clips import make_clip
from tests.photo_faces import faces_called, faces_with
from tests.squares import BRIGHT, DARK, SquareDetector, squares
from tests.stand_ins import brightness_classifier

UNITS = ("AU1", "AU12")
THRESHOLD = 0.8
PICTURES = [squares(DARK)] * 2 + [squares(BRIGHT, DARK)] * 3
RUN = {
    "model": "brightness",
    "model_checksum": "ab" * 32,
    "detector": "squares",
    "threshold": THRESHOLD,
}
DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "outputs.md"


@pytest.fixture
def analyzer() -> Analyzer:
    return Analyzer(brightness_classifier(action_units=UNITS), SquareDetector())


@pytest.fixture
def rows(analyzer: Analyzer) -> list[Row]:
    """Rows of a photo with two faces, of one without faces, and of an unusable file."""
    photo_analyzer = PhotoAnalyzer(analyzer, threshold=THRESHOLD)
    photos = {"a.png": encode_png(squares(DARK, BRIGHT)), "b.png": encode_png(squares())}
    files = photos | {"c.png": b"no picture"}
    return [
        row for file, data in files.items() for row in photo_analyzer.analyze_photo(data, file=file)
    ]


@pytest.fixture
def timeline(analyzer: Analyzer) -> VideoTimeline:
    return analyze_video(make_clip(PICTURES), analyzer, VideoSettings(threshold=THRESHOLD))


@pytest.fixture
def recording(analyzer: Analyzer) -> ResultRecording:
    session = LiveSession(analyzer, LiveSettings(TrackingConfig(threshold=THRESHOLD)))
    recorder = ResultRecorder()
    recorder.start()
    for number, picture in enumerate(PICTURES):
        recorder.add(session.process(picture, number / 10))
    recorded = recorder.recording()
    assert recorded is not None
    return recorded


def test_tables_of_photos_have_the_columns_in_every_format(
    analyzer: Analyzer, rows: list[Row], tmp_path: Path
) -> None:
    expected = names_of(photo_columns(FER2013, UNITS))
    columns = RowFormat.of(analyzer.classifier.card, "squares", THRESHOLD).columns
    for suffix in ("csv", "json", "jsonl", "parquet"):
        write_rows(tmp_path / f"faces.{suffix}", columns, rows)
    with (tmp_path / "faces.csv").open(newline="") as file:
        assert csv.DictReader(file).fieldnames == expected
    assert pq.read_schema(tmp_path / "faces.parquet").names == expected
    of_json = json.loads((tmp_path / "faces.json").read_text())
    of_lines = list(map(json.loads, (tmp_path / "faces.jsonl").read_text().splitlines()))
    for row in (*of_json, *of_lines):
        assert list(row) == expected
        assert RUN.items() <= row.items()  # including that of a failed file


def test_an_analysis_has_them_as_a_table_and_in_json(analyzer: Analyzer) -> None:
    analysis = analyzer.analyze(squares(DARK, BRIGHT)).at_threshold(THRESHOLD)
    expected = names_of(image_columns(FER2013, UNITS))
    assert list(analysis.to_frame().columns) == expected
    values = json.loads(analysis.to_json())
    assert RUN.items() <= values.items()
    for face in values["faces"]:
        assert [*face, *RUN] == expected


def test_a_clip_has_them_as_a_table_and_in_json(timeline: VideoTimeline) -> None:
    expected = names_of(track_columns(FER2013, UNITS))
    assert list(timeline.to_frame().columns) == expected
    values = json.loads(timeline.to_json())
    assert RUN.items() <= values.items()
    for row in values["rows"]:
        assert [*row, *RUN] == expected
    for frame in (timeline.events_frame(), timeline.mixes_frame()):
        assert set(RUN) | {"track_id"} <= set(frame.columns)
    assert {"track_id", "prediction"} <= set(timeline.events_frame())
    assert all("track_id" in each for each in (*values["tracks"], *values["events"]))


def test_a_clip_without_a_face_has_them_too(analyzer: Analyzer) -> None:
    timeline = analyze_video(make_clip([squares()] * 2), analyzer)
    assert list(timeline.to_frame().columns) == names_of(track_columns(FER2013, UNITS))
    assert json.loads(timeline.to_json())["rows"] == []


def test_a_live_recording_has_them_as_a_table_and_in_json(recording: ResultRecording) -> None:
    expected = names_of(track_columns(FER2013, UNITS, is_live=True))
    table = pd.read_csv(io.StringIO(recording.to_csv()))
    assert list(table.columns) == expected
    for row in json.loads(recording.to_json())["faces"]:
        assert list(row) == expected
        assert RUN.items() <= row.items()
    assert table["frame"].tolist() == [0, 1, 2, 2, 3, 3, 4, 4]


def test_a_recording_without_faces_has_them_too(analyzer: Analyzer) -> None:
    recorder = ResultRecorder()
    recorder.start()
    recorder.add(LiveSession(analyzer).process(squares(), 0.0))
    recorded = recorder.recording()
    assert recorded is not None
    expected = names_of(track_columns(FER2013, UNITS, is_live=True))
    assert recorded.to_csv().splitlines() == [",".join(expected)]


def test_a_clip_and_a_live_picture_say_the_same_of_the_same_frames(
    timeline: VideoTimeline, recording: ResultRecording
) -> None:
    names = ["track_id", "prediction", "top_label", "confidence", "hysteresis"]
    live, clip = recording.to_frame(), timeline.to_frame()
    assert HALF_LIFE_S == VideoSettings().half_life_s == TrackingConfig().half_life_s
    for name in names[:3]:
        assert live[name].tolist() == clip[name].tolist()
    np.testing.assert_allclose(live["confidence"], clip["confidence"], atol=0.02)
    assert UNCERTAIN in set(live["prediction"])


def test_tables_share_their_columns_and_the_order_of_them() -> None:
    tables = [
        photo_columns(FER2013, UNITS),
        image_columns(FER2013, UNITS),
        track_columns(FER2013, UNITS),
        track_columns(FER2013, UNITS, is_live=True),
    ]
    for first, second in pairwise(map(names_of, tables)):
        common = [name for name in first if name in second]
        assert common == [name for name in second if name in first]
        assert {"x1", "prediction", "top_label", "confidence", "p_happy", "model"} <= set(common)
    known = {column.name for column in ALL}
    for table in tables:
        assert {name for name in names_of(table) if not name.startswith("p_")} <= known


def test_the_document_describes_each_column_as_the_schema_does() -> None:
    def line(column: Column) -> str:
        return f"| `{column.name}` | {column.kind.__name__} | {column.meaning} |"

    text = DOCUMENT.read_text(encoding="utf-8")
    listed = text.partition("| column | type | meaning |\n|---|---|---|\n")[2].splitlines()
    assert listed == [line(column) for column in ALL]


def photo(*called: tuple[str, float]) -> ImageAnalysis:
    return ImageAnalysis(
        99,
        99,
        faces_called(*called),
        1.0,
        1.0,
        model="model",
        model_checksum="ab" * 32,
        detector="detector",
    )


@pytest.mark.parametrize("threshold", [0.0, 0.6, 1.0])
def test_counting_predictions_gives_the_summary(threshold: float) -> None:
    photos = [
        photo(("happy", 0.9), ("sad", 0.55)),
        photo(),
        photo(("sad", 0.7), ("happy", 0.4)),
    ]
    row_format = RowFormat(
        FER2013, (), model="m", model_checksum="ab", detector="d", threshold=threshold
    )
    rows = [row for each in photos for row in row_format.of_photo("a", None, each)]
    tally = Tally()
    counts = Counter(row["prediction"] for row in tally.counting(rows) if row["status"] == "face")
    of_rows = tally.summary(scored=3, seconds=1.0, threshold=threshold)
    of_photos = BatchSummary.of_analyses(photos, [], threshold)
    assert of_rows.expressions == of_photos.expressions == dict(counts)
    assert of_rows.threshold == of_photos.threshold == threshold
    assert counts[UNCERTAIN] == {0.0: 0, 0.6: 2, 1.0: 4}[threshold]
    assert {row["top_label"] for row in rows} == {"happy", "sad", None}


def tracked(probabilities: list[list[float]], threshold: float) -> list[Row]:
    """Returns the rows of one face whose probabilities change from frame to frame."""
    values = np.array(probabilities, np.float32)
    hysteresis = LabelHysteresis()
    held = [hysteresis.update([1], row[None], threshold) for row in values]
    label, is_uncertain = (np.concatenate(part) for part in zip(*held, strict=True))
    faces = dataclasses.replace(
        faces_with(values, labels=("happy", "sad")), label=label, is_held_uncertain=is_uncertain
    )
    names = names_of(track_columns(faces.labels, ()))
    run = RunInfo(model="m", model_checksum="ab", detector="d", threshold=threshold)
    return rows_of(face_table(faces, names, {}, run))


def test_what_hysteresis_decides_is_marked() -> None:
    rows = tracked([[0.45, 0.4], [0.52, 0.4], [0.56, 0.4], [0.5, 0.54], [0.4, 0.6]], 0.5)
    said = [(row["prediction"], row["top_label"], row["hysteresis"]) for row in rows]
    assert said == [
        ("uncertain", "happy", False),
        ("uncertain", "happy", True),  # above the threshold, but not clearly yet
        ("happy", "happy", False),
        ("happy", "sad", True),  # not clearly ahead yet
        ("sad", "sad", False),
    ]
    assert [row["confidence"] for row in rows] == pytest.approx([0.45, 0.52, 0.56, 0.54, 0.6])


@given(
    st.lists(st.floats(0.0, 1.0, width=32), min_size=1, max_size=6),
    st.integers(0, 100).map(lambda percent: percent / 100),
)
def test_without_hysteresis_the_columns_give_the_prediction(
    happy: list[float], threshold: float
) -> None:
    for row in tracked([[value, 1 - value] for value in happy], threshold):
        assert isinstance(row["confidence"], float)
        alone = row["top_label"] if row["confidence"] >= threshold else UNCERTAIN
        assert (row["prediction"] != alone) == row["hysteresis"]


@pytest.mark.parametrize(
    ("confidence", "threshold", "written"),
    [
        (0.4999999, 0.5, 0.4999999),  # 0.5 would not be uncertain
        (0.4999999, 0.4, 0.5),
        (0.5000001, 0.5, 0.5),
        (float(np.float32(0.7)), 0.7, float(np.float32(0.7))),
    ],
)
def test_rounding_moves_no_confidence_across_the_threshold(
    confidence: float, threshold: float, written: float
) -> None:
    assert rounded_confidence(np.array([confidence]), threshold).tolist() == [written]


def test_at_the_threshold_a_clip_decides_as_a_photo_does() -> None:
    values = np.array([[0.7, 0.3]], np.float32)  # slightly less than 0.7
    _, (is_uncertain,) = LabelHysteresis().update([1], values, 0.7)
    assert is_uncertain == faces_called(("happy", 0.7))[0].is_uncertain(0.7) is True


def test_a_threshold_is_from_0_to_1() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        photo().at_threshold(1.5)
    assert photo().at_threshold(0.25).run["threshold"] == 0.25
    assert list(photo().run) == names_of(OF_RUN)
