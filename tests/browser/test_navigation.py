"""Deep links and the consent gate, on a server that nobody has visited."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.app.visit import PAGES
from tests.browser.pages import settle, visit

WATCH_FOR_NOTICE = """
window.noticesSeen = 0;
new MutationObserver(() => {
  if (/page not found/i.test(document.body?.innerText ?? "")) window.noticesSeen += 1;
}).observe(document, {subtree: true, childList: true, characterData: true});
"""


EVERY_PATH = ["" if page == "home" else page for page in PAGES]


def expect_no_overflow(page: Page) -> None:
    wider = "document.documentElement.scrollWidth - window.innerWidth"
    page.wait_for_function(f"{wider} <= 0")
    main = "document.querySelector('[data-testid=stMain]')"
    page.wait_for_function(f"{main}.scrollWidth - {main}.clientWidth <= 0")


@pytest.mark.parametrize(
    ("path", "title"), [("curves", "Training curves"), ("live", "Live webcam")]
)
def test_the_very_first_visit_may_be_a_deep_link(
    fresh_server: str, page: Page, path: str, title: str
) -> None:
    page.add_init_script(WATCH_FOR_NOTICE)
    page.goto(f"{fresh_server}/{path}")
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    settle(page)
    assert page.evaluate("window.noticesSeen") == 0
    assert page.get_by_role("link", name="Confusion").count() == 1


def test_no_camera_and_no_uploader_before_consent(server: str, page: Page) -> None:
    for path in ("live", "upload"):
        page.goto(f"{server}/{path}")
        expect(page.get_by_text("Before you start")).to_be_visible()
        settle(page)
        assert page.locator("iframe[title*=webrtc_streamer]").count() == 0
        assert page.locator("input[type=file]").count() == 0
    page.get_by_role("button", name="I understand and agree").click()
    expect(page.locator("input[type=file]")).to_be_attached()


def test_consent_holds_on_the_other_pages_of_the_session(server: str, page: Page) -> None:
    visit(page, server, "upload")
    page.get_by_role("link", name="Live webcam").click()
    expect(page.locator("iframe[title*=webrtc_streamer]")).to_be_visible()


def test_no_page_asks_another_host_for_anything(server: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("", "live", "upload", "confusion", "models"):
        visit(page, server, path)
    assert [url for url in asked if url.startswith("http") and not url.startswith(server)] == []


@pytest.mark.parametrize("path", EVERY_PATH)
def test_nothing_sticks_out_at_the_side_of_a_phone_or_a_desk(
    server: str, page: Page, path: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    visit(page, server, path)
    expect_no_overflow(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    settle(page)
    expect_no_overflow(page)
    assert page.locator("[data-testid=stException]").count() == 0
