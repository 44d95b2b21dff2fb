"""A clip goes in, events, tables and a clip with boxes come out."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import av
import pandas as pd
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.pages import settle, visit
from tests.clips import make_clip, scene

LARGER_THAN_A_PHOTO_MAY_BE = 24_000_000
PLAYS = "video => video.readyState >= 1 && video.videoWidth === 320 && video.error === null"


def padded(clip: bytes, size: int) -> bytes:
    """Adds an empty box to an MP4 file, which players pass over."""
    return clip + struct.pack(">I4s", size, b"free") + bytes(size - 8)


def test_a_clip_is_tracked_and_drawn(server: str, page: Page, tmp_path: Path) -> None:
    visit(page, server, "upload?upload_kind=Video&upload_threshold=0.0")
    data = padded(make_clip([scene("happy")] * 12, sound="aac"), LARGER_THAN_A_PHOTO_MAY_BE)
    (tmp_path / "clip.mp4").write_bytes(data)
    page.locator("input[type=file]").set_input_files(tmp_path / "clip.mp4")
    page.get_by_role("button", name="Analyze this video").click()
    expect(page.get_by_text("1 face tracked")).to_be_visible()
    settle(page)
    expect(page.locator("[data-testid=stPlotlyChart] .barlayer path").first).to_be_visible()
    expect(page.locator("[data-testid=stPlotlyChart] .rangeslider-container")).to_be_visible()
    assert page.locator("[data-testid=stException]").count() == 0

    with page.expect_download() as download:
        page.get_by_role("button", name="Download rows (CSV)").click()
    table = pd.read_csv(download.value.path())
    assert table["frame"].tolist() == list(range(12))
    assert table["track_id"].unique().tolist() == [1]

    page.get_by_role("button", name="Create annotated video").click()
    video = page.locator("[data-testid=stVideo]")
    expect(video).to_be_visible()
    page.wait_for_function(PLAYS, arg=video.element_handle())
    with page.expect_download() as download:
        page.get_by_role("button", name="Download MP4").click()
    data = Path(download.value.path()).read_bytes()
    with av.open(io.BytesIO(data)) as container:
        assert (container.streams.video[0].frames, len(container.streams.audio)) == (12, 1)


def test_a_clip_that_lost_its_beginning_is_refused_in_plain_words(server: str, page: Page) -> None:
    visit(page, server, "upload?upload_kind=Video")
    torn = make_clip([scene("happy")] * 12)[200:]
    page.locator("input[type=file]").set_input_files(
        [FilePayload(name="torn.mp4", mimeType="video/mp4", buffer=torn)]
    )
    expect(page.get_by_text("Cannot use “torn.mp4”")).to_be_visible()
