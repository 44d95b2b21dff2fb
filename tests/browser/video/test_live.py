"""Live video over WebRTC, from a camera that plays a file to a box on the returned video."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import FrameLocator, Page, Route, expect

from fer_core.labels.emotions import FER2013
from tests.browser.camera import write_camera_file
from tests.browser.conftest import WAIT_MS
from tests.browser.pages import record_live_video, settle, start_live_video
from tests.scenes import PlacedFace, sample_scene

pytestmark = pytest.mark.flaky(reruns=1)  # a real network, on a machine that may be busy

CAMERA_RUNS = """
() => {
  const video = document.querySelector("[data-testid=stCameraInput] video");
  return video !== null && video.videoWidth > 0 && video.currentTime > 0;
}
"""

COLORED_PIXELS = """
video => {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
  let colored = 0;
  for (let i = 0; i < data.length; i += 4) {
    const rgb = [data[i], data[i + 1], data[i + 2]];
    if (Math.max(...rgb) - Math.min(...rgb) > 60) colored += 1;
  }
  return colored;
}
"""

ONLY_BY_RELAY = """
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(configuration) { super({...configuration, iceTransportPolicy: "relay"}); }
};
"""

REMEMBER_CONNECTION = """
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(configuration) { super(configuration); window.connection = this; }
};
"""


FRAME_SCRIPTS = "**/component/streamlit_webrtc*/assets/*.js"

TELL_CONNECTIONS = """
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(configuration) { super(configuration); console.log("NEW CONNECTION"); }
};
"""


def agree(page: Page, server: str, path: str) -> None:
    """Opens the live page and agrees."""
    page.goto(f"{server}/{path}")
    page.get_by_role("button", name="I understand and agree").click()


def press_start(page: Page, server: str) -> None:
    """Opens the live page, agrees and presses Start."""
    agree(page, server, "live")
    page.get_by_role("button", name="Start").click()


def start_video(page: Page, server: str) -> FrameLocator:
    """Opens the live page, agrees and waits until the video that comes back plays."""
    agree(page, server, "live?live_threshold=0.0")
    page.get_by_role("button", name="Start", exact=True).wait_for()
    start_live_video(page)
    streamer = page.frame_locator("iframe[title*=webrtc_streamer]")
    video = streamer.locator("video")
    video.wait_for()
    page.wait_for_function(
        "video => video.videoWidth > 0 && video.currentTime > 0",
        arg=video.element_handle(),
        timeout=WAIT_MS,
    )
    return streamer


def expect_a_label(page: Page, face: int = 1) -> None:
    """Waits for the panel beside the video to name an expression."""
    verdict = page.get_by_text(f"Face {face}: apparent expression")
    expect(verdict).to_be_visible()
    assert any(label in verdict.inner_text() for label in FER2013)


def expect_failure(page: Page, title: str) -> None:
    """Waits for a failure to be told of, and for what is offered in its place."""
    expect(page.get_by_text(title)).to_be_visible()
    expect(page.get_by_role("button", name="Take a snapshot")).to_be_visible()
    expect(page.get_by_role("link", name="Upload a photo", exact=True)).to_be_visible()


def three_people() -> Iterator[NDArray[np.uint8]]:
    """Three average faces, swaying."""
    for step in range(30):
        shift = 8 * math.sin(step / 30 * math.tau)
        labels = ("happy", "surprise", "neutral")
        yield sample_scene(
            [
                PlacedFace(label, (110 + 210 * index + shift, 240), 200)
                for index, label in enumerate(labels)
            ]
        )


def test_a_face_gets_its_box_its_label_and_a_recording(
    server: str, open_page: Callable[..., Page], sample_camera: Path
) -> None:
    page = open_page(sample_camera)
    streamer = start_video(page, server)
    expect_a_label(page)
    expect(page.get_by_text("Latency (p95)")).to_be_visible()
    page.wait_for_function(
        f"video => ({COLORED_PIXELS.strip()})(video) > 60",
        arg=streamer.locator("video").element_handle(),
        timeout=WAIT_MS,
    )
    record_live_video(page)
    with page.expect_download() as csv:
        page.get_by_role("button", name="Results as CSV").click()
    assert csv.value.path().read_text().startswith("timestamp_s,frame,track_id,x1,")
    with page.expect_download() as video:
        page.get_by_role("button", name="Download MP4").click()
    with av.open(str(video.value.path()), "r") as container:
        assert sum(1 for _ in container.decode(video=0)) > 1

    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("results appear here once the video runs")).to_be_visible()
    expect(page.get_by_role("button", name="Start")).to_be_visible()


def test_several_faces_have_their_own_track_ids(
    server: str, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page(write_camera_file(tmp_path / "three.y4m", three_people()))
    start_video(page, server)
    for face in (1, 2, 3):
        expect_a_label(page, face)
    timeline = page.get_by_role("figure", name="Apparent expression of 3 faces").first
    expect(timeline).to_be_visible()


def test_settings_change_while_the_video_runs(
    server: str, open_page: Callable[..., Page], sample_camera: Path
) -> None:
    page = open_page(sample_camera)
    video = start_video(page, server).locator("video")
    expect_a_label(page)
    before = video.evaluate("video => video.currentTime")

    page.locator("[data-testid=stSelectbox]").filter(has_text="Model").locator("input").click()
    page.get_by_role("option").last.click()
    settle(page)
    page.locator("[data-testid=stSlider] input").first.press("End")

    expect(page.get_by_text("uncertain top label")).to_be_visible()
    # The same connection goes on: a new one would begin at zero.
    assert video.evaluate("video => video.currentTime") > before


def test_start_before_the_frame_has_loaded_makes_one_connection(
    server: str, open_page: Callable[..., Page], sample_camera: Path
) -> None:
    """Else the answer to one reaches another, and no video comes."""
    page = open_page(sample_camera)
    connections: list[str] = []
    page.add_init_script(TELL_CONNECTIONS)
    page.on("console", lambda said: connections.append(said.text) if "NEW" in said.text else None)
    held: list[Route] = []
    page.route(FRAME_SCRIPTS, lambda route: held.append(route))
    agree(page, server, "live?live_threshold=0.0")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    page.wait_for_timeout(1000)  # by now the camera has been tried
    page.route(FRAME_SCRIPTS, lambda route: route.continue_())
    for route in held:
        route.continue_()
    runs = page.get_by_text("Latency (p95)")
    expect(runs.or_(page.get_by_text("Cannot connect the video"))).to_be_visible()
    assert connections == ["NEW CONNECTION"]


def test_video_that_breaks_off_comes_again(
    server: str, open_page: Callable[..., Page], sample_camera: Path
) -> None:
    page = open_page(sample_camera)
    page.add_init_script(REMEMBER_CONNECTION)
    video = start_video(page, server).locator("video")
    expect_a_label(page)
    video.evaluate("() => window.connection.close()")
    expect(page.get_by_text("Connection lost.")).to_be_visible()
    expect_a_label(page)


def test_a_denied_camera_is_reported(
    server: str, open_page: Callable[..., Page], sample_camera: Path
) -> None:
    page = open_page(sample_camera, refused=True)
    press_start(page, server)
    expect_failure(page, "Camera access denied")


def test_a_missing_camera_is_reported(server: str, page: Page) -> None:
    press_start(page, server)
    expect_failure(page, "No camera found")


def test_a_video_that_cannot_connect_says_why_and_offers_the_snapshot(
    server: str, open_page: Callable[..., Page], sample_camera: Path
) -> None:
    page = open_page(sample_camera)
    page.add_init_script(ONLY_BY_RELAY)
    press_start(page, server)
    expect_failure(page, "Cannot connect the video")

    page.get_by_role("button", name="Take a snapshot").click()
    page.wait_for_function(CAMERA_RUNS)  # before that, the button does nothing
    page.get_by_test_id("stCameraInputButton").click()
    expect(page.get_by_text("Face 1:")).to_be_visible()
