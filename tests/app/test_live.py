"""The live page without a camera: its snapshot, its settings, and its frames in between."""

from __future__ import annotations

import av
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.analysis import load_analyzer
from fer_core.errors import FerError
from fer_core.images import encode_png
from fer_core.live import LiveSession
from fer_core.samples import load_samples
from pages.components.camera import CameraFeed, ice_servers
from tests.app.visit import alerts, visit, words

pytestmark = pytest.mark.usefixtures("models_dir")


needs_a_picture = pytest.mark.skipif(
    not hasattr(AppTest, "camera_input"), reason="this Streamlit gives no picture to a test"
)


def take_picture(app: AppTest, data: bytes) -> AppTest:
    visit(app, "live")
    app.segmented_control(key="live_mode").set_value("Single picture").run()
    return app.camera_input(key="live_snapshot").upload("picture.jpg", data).run()


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
    assert app.session_state["live_feed"] is feed
    result = feed.session.process(load_samples()["happy"], 0.0)
    assert result.threshold == pytest.approx(0.8)
    assert result.analysis.model == app.selectbox(key="live_model").value


def test_a_frame_comes_back_with_the_result_drawn_on_it() -> None:
    feed = CameraFeed(LiveSession(load_analyzer(detector="haar")))
    image = load_samples()["happy"]
    drawn = feed.on_frame(av.VideoFrame.from_ndarray(image, format="rgb24"))
    difference = np.abs(drawn.to_ndarray(format="rgb24").astype(int) - image)
    assert difference.max() > 50
    assert feed.failures == 0
    latest = feed.session.latest
    assert latest is not None
    assert len(latest.analysis.faces) == 1


def test_a_frame_that_fails_comes_back_as_it_was_and_is_counted() -> None:
    feed = CameraFeed(LiveSession(load_analyzer(detector="haar")))
    feed.session.process = None  # type: ignore[method-assign, assignment]
    frame = av.VideoFrame(64, 48, "rgb24")
    assert feed.on_frame(frame) is frame
    assert feed.on_frame(frame) is frame
    assert feed.failures == 2


def test_no_server_is_asked_unless_somebody_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FER_ICE_SERVERS", raising=False)
    assert ice_servers() == []
    monkeypatch.setenv("FER_ICE_SERVERS", '[{"urls": "stun:stun.example.org"}]')
    assert ice_servers() == [{"urls": "stun:stun.example.org"}]


@pytest.mark.parametrize("setting", ["stun:stun.example.org", '{"urls": "x"}', "[1]", "[{}]"])
def test_a_wrong_server_setting_is_explained(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_ICE_SERVERS", setting)
    with pytest.raises(FerError, match="must be a JSON list"):
        ice_servers()
