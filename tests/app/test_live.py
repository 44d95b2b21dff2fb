"""The live page without a camera: its states, its settings, and its snapshot."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import get_args

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest
from streamlit_webrtc import WebRtcStreamerState

from fer_core.faces.sample_faces import load_samples
from fer_core.imaging import encode_png
from pages.live import connection
from pages.live.connection import attempt as live_attempt
from pages.live.connection import camera_check
from pages.live.connection.attempt import LOOK_EVERY_S, RECONNECTS, LiveAttempt
from pages.live.connection.camera_check import CameraCheck
from pages.live.connection.failures import ADVICE, Failure
from pages.live.connection.feed import CameraFeed
from pages.live.connection.stream import ArrivedFrame, LiveStream
from pages.session.slots import live_slots
from tests.app.visit import alerts, visit, words

pytestmark = pytest.mark.usefixtures("models_dir")

PROMISED_S = 15
"""Within this time the page says why it cannot run (docs/deployment.md)."""

needs_a_picture = pytest.mark.skipif(
    not hasattr(AppTest, "camera_input"), reason="this Streamlit gives no picture to a test"
)


@pytest.fixture
def browser_says(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the browser's check of its camera came to; a test fills it in."""
    said: dict[str, str] = {}

    def check(attempt: int | None, _: object) -> CameraCheck:
        return CameraCheck() if attempt is None else CameraCheck(**said)

    monkeypatch.setattr(connection, "check_camera", check)
    return said


def take_picture(app: AppTest, data: bytes) -> AppTest:
    visit(app, "live")
    app.segmented_control(key="live_mode").set_value("Snapshot").run()
    return app.camera_input(key="live_snapshot").upload("picture.jpg", data).run()


def start(app: AppTest) -> AppTest:
    visit(app, "live")
    return app.button(key="live_start").click().run()


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


@needs_a_picture
def test_a_snapshot_is_analyzed(app: AppTest) -> None:
    take_picture(app, encode_png(load_samples()["happy"]))
    assert "Face 1: " in words(app)
    assert not app.exception


@needs_a_picture
def test_a_snapshot_without_a_face_says_so(app: AppTest) -> None:
    take_picture(app, encode_png(np.full((120, 160, 3), 90, np.uint8)))
    assert "No face found" in alerts(app)


def test_settings_reach_the_running_feed(app: AppTest) -> None:
    visit(app, "live")
    feed = app.session_state["live_feed"]
    app.slider(key="live_threshold").set_value(0.8).run()
    app.selectbox(key="live_model").select_index(1).run()
    app.slider(key="live_smoothing").set_value(1.5).run()
    app.slider(key="live_detect_every").set_value(4).run()
    app.segmented_control(key="live_style").set_value("boxes").run()
    app.toggle(key="live_mirror").set_value(False).run()
    assert app.session_state["live_feed"] is feed
    assert feed.session.settings.follow.half_life_s == pytest.approx(1.5)
    assert feed.session.settings.detect_every == 4
    assert (feed.overlay.style, feed.overlay.mirror) == ("boxes", False)
    result = feed.session.process(load_samples()["happy"], 0.0)
    assert result.analysis.threshold == pytest.approx(0.8)
    assert result.analysis.model == app.selectbox(key="live_model").value


def wait(app: AppTest, seconds: int) -> None:
    """Lets time pass for the attempt to connect, with a look a second."""
    attempt = app.session_state["live_attempt"]
    attempt.ready_s -= seconds
    attempt.looks += seconds


def test_before_start_nothing_asks_for_the_camera(app: AppTest) -> None:
    visit(app, "live")
    assert "results appear here once the video runs" in alerts(app)
    assert "live_start" in keys(app)
    assert "live_stop" not in keys(app)
    assert live_slots().taken() == 0


def test_after_start_it_waits_for_the_camera_and_stop_ends_that(app: AppTest) -> None:
    start(app)
    assert "Waiting for your camera" in alerts(app)
    assert live_slots().taken() == 1
    app.button(key="live_stop").click().run()
    assert "live_start" in keys(app)
    assert live_slots().taken() == 0


def test_an_open_permission_prompt_is_pointed_out(app: AppTest) -> None:
    start(app)
    app.session_state["live_attempt"].started_s -= 6
    app.run()
    assert "Waiting for permission" in alerts(app)
    assert "live_take_snapshot" in keys(app)


@pytest.mark.parametrize(
    ("outcome", "failure"),
    [
        ("insecure", "insecure"),
        ("NotAllowedError", "denied"),
        ("NotFoundError", "no_camera"),
        ("NotReadableError", "busy"),
        ("TypeError", "camera_error"),
    ],
)
def test_camera_errors_of_the_browser_are_explained(
    app: AppTest, browser_says: dict[str, str], outcome: str, failure: Failure
) -> None:
    browser_says["camera"] = outcome
    start(app)
    assert ADVICE[failure].title in alerts(app)
    assert ADVICE[failure].text in alerts(app)
    assert {"live_start", "live_take_snapshot"} <= keys(app)
    assert [link.proto.label for link in app.get("page_link")] == ["Upload a photo"]
    assert live_slots().taken() == 0


@pytest.mark.parametrize(
    ("relay", "failure"),
    [
        ("unnamed", "no_way"),
        ("ready", "no_way"),
        ("dead", "relay_dead"),
        ("refused", "relay_refused"),
    ],
)
def test_video_that_does_not_come_is_explained(
    app: AppTest, browser_says: dict[str, str], relay: str, failure: Failure
) -> None:
    browser_says.update(camera="ready", relay=relay)
    start(app)
    assert "Connecting" in alerts(app)
    wait(app, 11)
    app.run()
    assert ADVICE[failure].title in alerts(app)
    assert live_slots().taken() == 0


def test_the_reason_waits_a_little_for_what_the_browser_says_of_the_relay(
    app: AppTest, browser_says: dict[str, str]
) -> None:
    browser_says["camera"] = "ready"
    start(app)
    wait(app, 11)
    app.run()
    assert "Connecting" in alerts(app)
    wait(app, 4)
    app.run()
    assert ADVICE["no_way"].title in alerts(app)


def test_a_busy_machine_is_given_longer_to_connect(
    app: AppTest, browser_says: dict[str, str]
) -> None:
    browser_says.update(camera="ready", relay="unnamed")
    start(app)
    app.session_state["live_attempt"].ready_s -= 60  # in which the page could hardly look
    app.run()
    assert "Connecting" in alerts(app)
    wait(app, 11)
    app.run()
    assert ADVICE["no_way"].title in alerts(app)


@pytest.mark.parametrize("relay", [None, "unnamed", "ready", "dead", "refused"])
def test_a_page_that_keeps_time_says_within_15_seconds_why_no_video_comes(
    monkeypatch: pytest.MonkeyPatch, relay: str | None
) -> None:
    clock = SimpleNamespace(now_s=100.0)
    monkeypatch.setattr(live_attempt, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    stream = LiveStream(lambda arrived: arrived.frame, lambda: None)
    attempt = LiveAttempt(1, stream, started_s=clock.now_s)
    check, nothing_plays = CameraCheck("ready", relay), WebRtcStreamerState(False, False)
    attempt.take(check, nothing_plays)
    while attempt.phase == "connecting":
        clock.now_s += LOOK_EVERY_S
        attempt.look()
        attempt.observe(nothing_plays, check)
    assert attempt.phase == "failed"
    assert clock.now_s - 100 < PROMISED_S


def test_an_open_permission_prompt_is_pointed_out_within_15_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SimpleNamespace(now_s=100.0)
    monkeypatch.setattr(live_attempt, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    stream = LiveStream(lambda arrived: arrived.frame, lambda: None)
    attempt = LiveAttempt(1, stream, started_s=clock.now_s)
    seen = []
    while clock.now_s - 100 < PROMISED_S:
        seen.append(attempt.waits_for_permission)
        clock.now_s += LOOK_EVERY_S
    assert not seen[0]
    assert seen[-1]


def test_a_server_that_is_full_says_so(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_MAX_LIVE_SESSIONS", "1")
    visit(app, "live")
    live_slots().acquire("somebody else", 1)
    app.button(key="live_start").click().run()
    assert ADVICE["full"].title in alerts(app)
    live_slots().release("somebody else")
    app.button(key="live_start").click().run()
    assert "Waiting for your camera" in alerts(app)


def test_an_invalid_setting_is_reported(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_MAX_LIVE_SESSIONS", "none")
    visit(app, "live")
    assert not app.exception
    assert "FER_MAX_LIVE_SESSIONS must be a whole number above 0" in alerts(app)


def test_the_way_from_a_failure_to_the_snapshot_is_one_click(
    app: AppTest, browser_says: dict[str, str]
) -> None:
    browser_says["camera"] = "NotFoundError"
    start(app)
    app.button(key="live_take_snapshot").click().run()
    assert app.segmented_control(key="live_mode").value == "Snapshot"
    assert "live_start" not in keys(app)


def test_results_are_shown_while_the_video_plays_and_may_be_recorded(
    app: AppTest, browser_says: dict[str, str]
) -> None:
    browser_says["camera"] = "ready"
    start(app)
    feed, attempt = app.session_state["live_feed"], app.session_state["live_attempt"]
    plays(app, True)
    assert attempt.phase == "playing"
    feed.results.start()
    play(feed, load_samples()["happy"], frames=5)
    app.run()
    assert "Face 1: " in words(app)
    assert [metric.label for metric in app.metric] == [
        "FPS",
        "Latency (p95)",
        "Dropped frames",
    ]
    assert "live_results_stop" in keys(app)
    app.button(key="live_results_stop").click().run()
    assert "5 frames, 5 rows" in words(app)


def plays(app: AppTest, playing: bool) -> None:
    """Lets the browser say whether the video plays."""
    context = app.session_state["live_video"]
    context._set_state(type(context.state)(playing=playing, signalling=False))
    app.run()


def test_video_that_breaks_off_is_connected_again_but_not_for_ever(
    app: AppTest, browser_says: dict[str, str]
) -> None:
    browser_says["camera"] = "ready"
    start(app)
    for number in range(1, 1 + RECONNECTS):
        plays(app, True)
        plays(app, False)
        assert app.session_state["live_attempt"].number == 1 + number
        assert "Connection lost. Connecting" in alerts(app)
        assert live_slots().taken() == 1
    plays(app, True)
    plays(app, False)
    assert ADVICE["lost"].title in alerts(app)
    assert "live_start" in keys(app)
    assert live_slots().taken() == 0


def test_a_connection_that_is_not_back_at_once_is_tried_again(
    app: AppTest, browser_says: dict[str, str]
) -> None:
    browser_says.update(camera="ready", relay="unnamed")
    start(app)
    plays(app, True)
    plays(app, False)
    for number in range(3, 2 + RECONNECTS):
        wait(app, 11)
        app.run()
        assert app.session_state["live_attempt"].number == number
        assert "Connection lost. Connecting" in alerts(app)
    wait(app, 11)
    app.run()
    assert ADVICE["lost"].title in alerts(app)


def test_a_break_after_a_steady_minute_is_the_first_again(
    app: AppTest, browser_says: dict[str, str]
) -> None:
    browser_says["camera"] = "ready"
    start(app)
    for _ in range(2 * RECONNECTS):
        plays(app, True)
        app.session_state["live_attempt"].played_s -= 61
        plays(app, False)
        assert "Connection lost. Connecting" in alerts(app)


def test_a_connection_that_ends_on_the_server_alone_is_made_again(
    app: AppTest, browser_says: dict[str, str]
) -> None:
    browser_says["camera"] = "ready"
    start(app)
    plays(app, True)
    app.session_state["live_attempt"].stream.stop()
    app.run()
    # The browser's end is still open.
    assert "Connection lost. Waiting for your camera" in alerts(app)
    app.session_state["live_attempt"].started_s -= 60
    app.run()
    assert "Waiting for permission" not in alerts(app)
    plays(app, False)
    assert "Connection lost. Connecting" in alerts(app)


@pytest.mark.parametrize("leave", ["stop", "another page"])
def test_video_that_somebody_ended_stays_off(
    app: AppTest, browser_says: dict[str, str], leave: str
) -> None:
    browser_says["camera"] = "ready"
    start(app)
    plays(app, True)
    if leave == "stop":
        app.button(key="live_stop").click().run()
    else:
        visit(app, "upload")
        visit(app, "live")
    app.run()
    assert "results appear here once the video runs" in alerts(app)
    assert live_slots().taken() == 0


def play(feed: CameraFeed, image: NDArray[np.uint8], *, frames: int) -> None:
    for _ in range(frames):
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        feed.on_frame(ArrivedFrame(frame, time.monotonic(), 0))


def test_every_failure_says_what_to_do() -> None:
    assert set(ADVICE) == set(get_args(Failure))
    assert all(advice.title and advice.text for advice in ADVICE.values())


def test_an_earlier_attempt_says_nothing_of_this_one() -> None:
    said = {"attempt": 3, "outcome": "NotAllowedError"}
    assert camera_check._outcome(said, 3) == "NotAllowedError"
    assert camera_check._outcome(said, 4) is None
    assert camera_check._outcome(said, None) is None
    assert camera_check._outcome(None, 4) is None
