from __future__ import annotations

import io
import json

import pandas as pd

from fer_core.live.result_recorder import ResultRecorder
from tests.live_results import frame_result


def test_nothing_is_recorded_before_the_start() -> None:
    recorder = ResultRecorder()
    recorder.add(frame_result(0.0, {1: ("happy", 0.9)}))
    assert not recorder.is_recording
    assert recorder.recording() is None


def test_from_start_to_stop_every_face_of_every_frame_is_a_row() -> None:
    recorder = ResultRecorder()
    recorder.start()
    recorder.add(frame_result(50.0, {1: ("happy", 0.9), 2: ("sad", 0.4)}))
    recorder.add(frame_result(50.5, {}))
    recorder.add(frame_result(51.0, {1: ("happy", 0.8)}))
    recorder.stop()
    recorder.add(frame_result(52.0, {1: ("happy", 0.7)}))
    recording = recorder.recording()
    assert recording is not None
    assert (recording.frames, recording.is_full) == (3, False)
    table = recording.to_frame()
    assert table["timestamp_s"].tolist() == [0.0, 0.0, 1.0]
    assert table["track_id"].tolist() == [1, 2, 1]
    assert table["prediction"].tolist() == ["happy", "uncertain", "happy"]
    assert table["p_happy"].round(4).tolist()[::2] == [0.9, 0.8]


def test_csv_and_json_hold_the_same_rows() -> None:
    recorder = ResultRecorder()
    recorder.start()
    recorder.add(frame_result(1.0, {1: ("happy", 0.9)}))
    recording = recorder.recording()
    assert recording is not None
    table = recording.to_frame()
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(recording.to_csv())), table)
    values = json.loads(recording.to_json())
    assert values["frames"] == 1
    assert pd.DataFrame(values["faces"]).equals(table)


def test_it_ends_by_itself_when_it_is_full() -> None:
    recorder = ResultRecorder(max_rows=3)
    recorder.start()
    for index in range(10):
        recorder.add(frame_result(float(index), {1: ("happy", 0.9)}))
    recording = recorder.recording()
    assert recording is not None
    assert (len(recording.rows), recording.is_full, recorder.is_recording) == (3, True, False)


def test_a_new_start_discards_the_last_recording() -> None:
    recorder = ResultRecorder()
    recorder.start()
    recorder.add(frame_result(1.0, {1: ("happy", 0.9)}))
    recorder.start()
    assert recorder.recording() is None
    recorder.add(frame_result(9.0, {5: ("sad", 0.9)}))
    recording = recorder.recording()
    assert recording is not None
    assert [(row["timestamp_s"], row["track_id"]) for row in recording.rows] == [(0.0, 5)]
