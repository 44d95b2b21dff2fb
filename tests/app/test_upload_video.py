"""A clip in, events and tables out, while the page stays usable."""

from __future__ import annotations

import threading
import time

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from fer_core.labels.emotions import FER2013
from fer_core.recognition.analyzer import Analyzer, ImageAnalysis
from fer_core.video import peaks
from pages.session.jobs import slots_of
from pages.upload import timeline as timelines
from pages.upload.videos import CLIPS_AT_ONCE
from tests.app.visit import (
    LONG_WAIT_S,
    alerts,
    listed_jobs,
    picture_alts,
    press,
    visit,
    wait_for_the_job,
    words,
)
from tests.clips import make_clip, scene, sound_alone

pytestmark = pytest.mark.usefixtures("models_dir")

CLIP = make_clip([scene("happy")] * 12)


def open_with(app: AppTest, data: bytes, name: str = "clip.mp4") -> AppTest:
    visit(app, "upload", tables=["upload_mixes"])
    app.segmented_control(key="upload_kind").set_value("Video").run()
    app.file_uploader(key="upload_video").upload(name, data)
    return app.run()


def analyzed(app: AppTest, data: bytes) -> AppTest:
    return wait_for_the_job(press(open_with(app, data), "Analyze this video"))


def table_with(app: AppTest, column: str) -> pd.DataFrame:
    return next(frame.value for frame in app.dataframe if column in frame.value.columns)


def test_a_jump_of_the_clock_is_reported(app: AppTest) -> None:
    part = make_clip([scene("happy")] * 3, container="mpegts")
    analyzed(app, part + part)
    assert "The video's timestamps jump once, at 0.3 s" in alerts(app)


def test_before_any_video_it_says_what_to_do(app: AppTest) -> None:
    visit(app, "upload")
    app.segmented_control(key="upload_kind").set_value("Video").run()
    assert "No video yet" in alerts(app)
    offered = set(app.file_uploader(key="upload_video").proto.type)
    assert {".mp4", ".ogv", ".3gp", ".mts", ".m2ts"} <= offered
    assert not app.exception


def test_a_video_becomes_events_and_tables(app: AppTest) -> None:
    open_with(app, CLIP)
    assert "320 x 240 pixels, 1.2 s, 10 fps, h264" in words(app)
    app.slider(key="upload_threshold").set_value(0.0).run()
    wait_for_the_job(press(app, "Analyze this video"))
    assert not app.exception
    assert "1 face tracked" in words(app)
    assert "12 frames read, 12 of them analyzed" in words(app)
    events = table_with(app, "peak_s")
    assert events["track_id"].tolist() == [1]
    assert events["prediction"].iloc[0] in FER2013
    assert events["start_s"].iloc[0] == 0.0
    label, peak_s = events[["prediction", "peak_s"]].iloc[0]
    assert picture_alts(app) == [f"face 1: {label} at {peak_s:.1f} s"]
    mix = table_with(app, "first_s")
    assert mix[[f"p_{label}" for label in FER2013]].sum(axis=1).tolist() == [pytest.approx(1.0)]
    assert len(app.get("plotly_chart")) == 2
    labels = [button.proto.label for button in app.get("download_button")]
    assert {"Download events (CSV)", "Download rows (CSV)"} <= set(labels)


def test_a_timelapse_is_not_said_to_hold_no_expression(app: AppTest) -> None:
    analyzed(app, make_clip([scene("happy")] * 3, times_ms=[0, 5000, 10_000]))
    assert not app.exception
    assert "1 face tracked" in words(app)
    assert "too far to tell whether an expression was held" in alerts(app)
    assert "No expression stayed" not in alerts(app)


def test_pictures_of_many_events_are_paged_and_omitted_ones_are_stated(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peaks, "MAX_PEAKS", 2)
    monkeypatch.setattr(timelines, "THUMBNAILS_PER_PAGE", 1)
    one_after_the_other = ([scene("happy")] * 8 + [scene()] * 20) * 3
    open_with(app, make_clip(one_after_the_other))
    app.slider(key="upload_threshold").set_value(0.0).run()
    wait_for_the_job(press(app, "Analyze this video"))
    assert table_with(app, "peak_s")["track_id"].tolist() == [1, 2, 3]
    assert [alt.split(":")[0] for alt in picture_alts(app)] == ["face 1"]
    assert "all events from 5.6 s (1)" in words(app)


def test_the_clip_with_boxes_is_made_when_asked_for(app: AppTest) -> None:
    analyzed(app, CLIP)
    assert not app.get("video")
    wait_for_the_job(press(app, "Create annotated video"))
    assert not app.exception
    assert len(app.get("video")) == 1
    assert "Download MP4" in [button.proto.label for button in app.get("download_button")]


def test_changed_settings_ask_before_a_new_analysis(app: AppTest) -> None:
    analyzed(app, CLIP)
    app.segmented_control(key="upload_video_rate").set_value("5").run()
    assert "12 frames read, 12 of them analyzed" in words(app)  # nothing found is lost by a click
    assert "for another model, detector, threshold or frame rate" in alerts(app)
    wait_for_the_job(press(app, "Analyze again"))
    assert "12 frames read, 6 of them analyzed" in words(app)
    assert "for another model, detector, threshold or frame rate" not in alerts(app)


def test_a_stopped_video_keeps_its_partial_result_and_resumes(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[int] = []
    was_stopped = threading.Event()
    analyze = Analyzer.analyze

    def wait_in_frame_8(self: Analyzer, image: NDArray[np.uint8]) -> ImageAnalysis:
        looked_at.append(len(looked_at) + 1)
        if looked_at[-1] == 8:
            assert was_stopped.wait(LONG_WAIT_S)
        return analyze(self, image)

    monkeypatch.setattr(Analyzer, "analyze", wait_in_frame_8)
    open_with(app, make_clip([scene("happy", "sad")] * 12))
    app.slider(key="upload_threshold").set_value(0.0).run()
    press(app, "Analyze this video")
    deadline = time.monotonic() + LONG_WAIT_S
    while not app.get("progress") or "7 frames" not in app.get("progress")[0].proto.text:
        assert time.monotonic() < deadline
        app.run()
    press(app, "Stop")
    was_stopped.set()
    wait_for_the_job(app)
    assert "Stopped after 0.7 s" in alerts(app)
    assert "2 faces tracked" in words(app)
    assert table_with(app, "peak_s")["end_s"].tolist() == [0.7, 0.7]
    wait_for_the_job(press(app, "Create annotated video"))

    wait_for_the_job(press(app, "Resume"))
    assert not app.exception
    assert len(looked_at) == 12
    assert "Stopped" not in alerts(app)
    assert "12 frames read, 12 of them analyzed" in words(app)
    assert table_with(app, "peak_s")["end_s"].tolist() == [1.1, 1.1]
    assert len(picture_alts(app)) == 2
    assert not app.get("video")  # what was drawn was a part of the clip


def test_a_clip_without_a_face_is_a_normal_result(app: AppTest) -> None:
    analyzed(app, make_clip([scene()] * 5))
    assert "No face found in this video" in alerts(app)
    assert not app.exception


def test_a_cut_off_clip_says_how_much_is_missing(app: AppTest) -> None:
    clip = make_clip([scene("happy"), scene("sad")] * 30, options={"movflags": "+faststart"})
    analyzed(app, clip[: len(clip) * 2 // 3])
    assert "of 60 frames could not be read" in alerts(app)
    assert "1 face tracked" in words(app)


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"no clip", "not a readable video"), (sound_alone(), "no video track")],
    ids=["text", "sound"],
)
def test_what_is_no_video_is_refused_in_plain_words(
    app: AppTest, data: bytes, message: str
) -> None:
    open_with(app, data, "odd.mp4")
    assert "Cannot use “odd.mp4”" in alerts(app)
    assert message in alerts(app)
    assert not app.exception


def test_a_clip_and_its_result_are_kept_while_another_page_is_open(app: AppTest) -> None:
    analyzed(app, CLIP)
    visit(app, "confusion")
    assert listed_jobs(app) == ["clip.mp4: done"]
    visit(app, "upload")
    app.segmented_control(key="upload_kind").set_value("Video").run()
    assert not app.file_uploader(key="upload_video").value
    assert "Kept until you close or reload this tab: clip.mp4" in words(app)
    assert "1 face tracked" in words(app)

    app.button(key="upload_video_remove").click().run()
    assert "No video yet" in alerts(app)
    assert "Kept until" not in words(app)
    assert "upload_video_kept" not in app.session_state
    assert listed_jobs(app) == []


def test_another_clip_takes_the_place_of_the_one_before(app: AppTest) -> None:
    open_with(app, CLIP)
    visit(app, "home")
    visit(app, "upload")
    app.segmented_control(key="upload_kind").set_value("Video").run()
    app.file_uploader(key="upload_video").upload("other.mp4", make_clip([scene("sad")] * 3)).run()
    assert "clip.mp4" not in words(app)
    assert app.session_state["upload_video_kept"].name == "other.mp4"
    assert [button.label for button in app.button if button.label.startswith("Analyze")] == [
        "Analyze this video"
    ]


def test_a_clip_that_waits_says_how_many_are_before_it(app: AppTest) -> None:
    slots = slots_of("clips", CLIPS_AT_ONCE)
    others = [slots.request(name) for name in ("one", "two")]
    press(open_with(app, CLIP), "Analyze this video")
    assert "Waiting: 2 others before you." in alerts(app)
    assert listed_jobs(app) == ["clip.mp4: 2 before you"]
    others[1].cancel()
    app.run()
    assert "Waiting: 1 other before you." in alerts(app)
    press(app, "Stop")
    assert slots.waiting == 0  # it left the queue at once
    others[0].release()
    wait_for_the_job(app)
    assert "The job was canceled before it started." in alerts(app)
    assert "Try again" in [button.label for button in app.button]
