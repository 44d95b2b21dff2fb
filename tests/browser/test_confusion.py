"""A click on a cell of the confusion matrix lists its rows."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import WAIT_MS
from tests.browser.pages import settle, visit


def test_a_click_on_a_cell_lists_its_rows_and_goes_into_the_link(server: str, page: Page) -> None:
    visit(page, server, "confusion")
    cells = page.locator("[data-testid=stPlotlyChart]").first.locator(".scatterlayer path.point")
    expect(cells).to_have_count(49, timeout=WAIT_MS)
    happy_as_happy = 3 * 7 + 3
    box = cells.nth(happy_as_happy).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    expect(page.get_by_text("faces labelled happy are answered happy")).to_be_visible(
        timeout=WAIT_MS
    )
    settle(page)
    assert "confusion_true=happy" in page.url
    assert "confusion_answer=happy" in page.url
    expect(page.get_by_role("button", name="Download CSV").last).to_be_attached()

    page.reload()
    expect(page.get_by_text("faces labelled happy are answered happy")).to_be_visible(
        timeout=WAIT_MS
    )
