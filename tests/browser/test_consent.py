"""Consent lasts as long as the browser's tab: longer than the page, not longer than the tab."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import settle, visit

QUESTION = "Before you start"
SEEN = f"""
new MutationObserver(() => {{
  if (document.body?.innerText.includes("{QUESTION}")) window.questionWasSeen = true;
}}).observe(document, {{ childList: true, subtree: true }});
"""


def test_consent_survives_a_reload_and_the_question_does_not_flash(server: str, page: Page) -> None:
    visit(page, server, "upload")
    page.add_init_script(SEEN)
    page.reload()
    expect(page.get_by_test_id("stFileUploader")).to_be_visible()
    settle(page)
    assert page.evaluate("window.questionWasSeen") is None
    assert page.get_by_text(QUESTION).count() == 0


def test_another_tab_is_asked_and_nothing_outlives_the_tab(server: str, page: Page) -> None:
    visit(page, server, "upload")
    context = page.context
    another = context.new_page()
    another.goto(f"{server}/upload")
    expect(another.get_by_text(QUESTION)).to_be_visible()
    assert another.evaluate("Object.values(sessionStorage).includes('given')") is False
    assert "fer" not in str(page.evaluate("Object.keys(localStorage)"))
    assert not [cookie for cookie in context.cookies() if "consent" in str(cookie).lower()]


def test_clearing_withdraws_it_for_reloads_too(server: str, open_page: Callable[..., Page]) -> None:
    page = open_page()
    visit(page, server, "upload")
    page.get_by_role("button", name="Clear my data").click()
    expect(page.get_by_text("All data of this session was deleted.")).to_be_visible()
    settle(page)
    page.goto(f"{server}/upload")
    expect(page.get_by_text(QUESTION)).to_be_visible()
