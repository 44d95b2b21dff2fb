"""A ZIP of labeled photos goes in, scores and the photos behind them come out."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.pages import settle, visit
from tests.unit.fer_core.benchmark.photos.labeled import face_png, wall_png, zip_of


def test_a_zip_of_labeled_photos_is_evaluated(server: str, page: Page) -> None:
    photos = {f"mine/{label}/a.png": face_png(label) for label in ("angry", "happy", "sad")}
    archive = zip_of(photos | {"mine/happy/wall.png": wall_png()})
    visit(page, server, "evaluate?evaluate_source=Your+photos")
    page.locator("input[type=file]").set_input_files(
        FilePayload(name="mine.zip", mimeType="application/zip", buffer=archive)
    )
    expect(page.get_by_text("4 photos")).to_be_visible()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").first.click()
    board = download.value.path().read_text().splitlines()
    assert "detection_rate" in board[0]
    assert all(",4," in row and ",0.75," in row for row in board[1:])
    page.get_by_text("Hardest photos").click()
    expect(page.get_by_role("img", name="Photo labeled happy").first).to_be_visible()
