"""Live video over WebRTC, from a camera that plays a file to a box on the returned video."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import repeat
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from fer_core.emotions import FER2013
from fer_core.samples import load_samples
from tests.browser.camera import clip_frames, write_camera_file
from tests.browser.conftest import PROJECT, WAIT_MS
from tests.browser.pages import settle, visit

CLIP = Path(os.environ.get("FER_ASSETS_DIR") or PROJECT / "data") / "single_face.mp4"

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


NO_WAY_THROUGH = """
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(configuration) { super({...configuration, iceTransportPolicy: "relay"}); }
};
"""


def start_video(page: Page, server: str) -> FrameLocator:
    """Presses Start and waits until the video that comes back plays."""
    visit(page, server, "live?live_threshold=0.0")
    streamer = page.frame_locator("iframe[title*=webrtc_streamer]")
    streamer.get_by_role("button", name="Start").click()
    video = streamer.locator("video")
    video.wait_for()
    playing = "video => video.videoWidth > 0 && video.currentTime > 0"
    page.wait_for_function(
        "video => video.videoWidth > 0 && video.currentTime > 0",
        arg=video.element_handle(),
        timeout=WAIT_MS,
    )
    assert video.evaluate(playing)
    return streamer


def expect_a_label(page: Page) -> None:
    """Waits for the panel beside the video to name an expression."""
    verdict = page.get_by_text("Face 1: apparent expression")
    expect(verdict).to_be_visible(timeout=WAIT_MS)
    assert any(label in verdict.inner_text() for label in FER2013)
    expect(page.get_by_text("Frames a second")).to_be_visible()


@pytest.fixture
def sample_camera(tmp_path: Path) -> Path:
    """A camera that sees an average face: gray, so any colour on the video is drawn."""
    return write_camera_file(tmp_path / "sample.y4m", repeat(load_samples()["happy"], 15))


def test_a_box_is_drawn_on_the_video_and_the_label_stands_beside_it(
    server: str, open_browser: Callable[..., Page], sample_camera: Path
) -> None:
    page = open_browser(sample_camera)
    streamer = start_video(page, server)
    expect_a_label(page)
    video = streamer.locator("video")
    page.wait_for_function(
        f"video => ({COLORED_PIXELS.strip()})(video) > 60",
        arg=video.element_handle(),
        timeout=WAIT_MS,
    )


def test_settings_change_while_the_video_runs(
    server: str, open_browser: Callable[..., Page], sample_camera: Path
) -> None:
    page = open_browser(sample_camera)
    video = start_video(page, server).locator("video")
    expect_a_label(page)
    before = video.evaluate("video => video.currentTime")

    page.locator("[data-testid=stSelectbox]").filter(has_text="Model").locator("input").click()
    page.get_by_role("option").last.click()
    settle(page)
    page.locator("[data-testid=stSlider] input").press("End")

    expect(page.get_by_text("uncertain at best")).to_be_visible(timeout=WAIT_MS)
    # The same connection goes on: a new one would begin at zero.
    assert video.evaluate("video => video.currentTime") > before


def test_a_video_that_cannot_connect_says_why_and_offers_the_snapshot(
    server: str, open_browser: Callable[..., Page], sample_camera: Path
) -> None:
    page = open_browser(sample_camera)
    page.add_init_script(NO_WAY_THROUGH)
    visit(page, server, "live")
    streamer = page.frame_locator("iframe[title*=webrtc_streamer]")
    streamer.get_by_role("button", name="Start").click()
    expect(page.get_by_text("The video does not connect")).to_be_visible(timeout=WAIT_MS)

    page.get_by_role("radio", name="Single picture").click()
    page.wait_for_function(CAMERA_RUNS, timeout=WAIT_MS)  # before that, the button does nothing
    page.get_by_test_id("stCameraInputButton").click()
    expect(page.get_by_text("Face 1:")).to_be_visible(timeout=WAIT_MS)


@pytest.mark.skipif(not CLIP.exists(), reason="needs single_face.mp4 in FER_ASSETS_DIR")
def test_a_real_face_is_found_in_the_video(
    server: str, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    camera = write_camera_file(tmp_path / "clip.y4m", clip_frames(CLIP, seconds=2))
    page = open_browser(camera)
    start_video(page, server)
    expect_a_label(page)
