"""What was uploaded, and what is being made of it, outlives a visit to another page."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Page, expect

from fer_core.faces.sample_faces import sample_sheet
from fer_core.imaging import encode_png
from tests.browser.pages import settle, visit
from tests.clips import make_clip, scene

ENOUGH_TO_LEAVE = 100
"""Frames: more than are looked at while somebody goes to another page."""


def test_a_clip_runs_on_while_another_page_is_visited(server: str, page: Page) -> None:
    visit(page, server, "upload?upload_kind=Video&upload_threshold=0.0&upload_video_rate=all")
    clip = make_clip([scene("happy")] * ENOUGH_TO_LEAVE)
    page.locator("input[type=file]").set_input_files(
        [FilePayload(name="our [own] clip.mp4", mimeType="video/mp4", buffer=clip)]
    )
    page.get_by_role("button", name="Analyze this video").click()
    menu = page.get_by_test_id("stSidebar")
    line = menu.get_by_role("link", name="our [own] clip.mp4")
    expect(line).to_be_visible()
    menu.get_by_role("link", name="Data", exact=True).click()
    page.get_by_role("heading", name="Data", exact=True).first.wait_for()
    expect(line).to_have_text(re.compile(r"our \[own\] clip\.mp4: \d+%"))
    expect(line).to_have_text(re.compile("our .* clip.mp4: done"))

    line.click()
    expect(page.get_by_text("1 face tracked")).to_be_visible()
    settle(page)
    expect(page.get_by_text(f"{ENOUGH_TO_LEAVE} of them analyzed")).to_be_visible()
    expect(
        page.get_by_text("Kept until you close or reload this tab: our [own] clip.mp4.")
    ).to_be_visible()

    page.get_by_role("button", name="Clear my data").click()
    expect(page.get_by_text("All data of this session was deleted.")).to_be_visible()
    expect(line).to_have_count(0)


def test_a_photo_can_be_taken_out_again_and_is_kept_otherwise(server: str, page: Page) -> None:
    visit(page, server, "upload")
    sheet = encode_png(sample_sheet())
    page.locator("input[type=file]").set_input_files(
        [FilePayload(name=f"{name}.png", mimeType="image/png", buffer=sheet) for name in "ab"]
    )
    expect(page.get_by_text("14 faces found")).to_be_visible()
    page.get_by_test_id("stFileChipDeleteBtn").first.click()
    expect(page.get_by_text("7 faces found")).to_be_visible()
    settle(page)
    menu = page.get_by_test_id("stSidebar")
    menu.get_by_role("link", name="Data", exact=True).click()
    settle(page)
    menu.get_by_role("link", name="Photos: done").click()
    expect(page.get_by_text("7 faces found")).to_be_visible()
    kept = page.get_by_text(re.compile(r"Kept until you close or reload this tab: [ab]\.png\."))
    expect(kept).to_be_visible()
    page.get_by_role("button", name="Remove all").click()
    expect(page.get_by_text("No photo yet")).to_be_visible()
    expect(kept).to_have_count(0)
