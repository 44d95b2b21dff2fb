"""Back and forward lead from view to view: none is lost, none is half of one."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.pages import settle, visit
from tests.browser.test_confusion import click_square, sentence

FEAR_AS_FEAR, SAD_AS_SAD = 2 * 7 + 2, 4 * 7 + 4


def go(page: Page, delta: int) -> None:
    page.evaluate(f"history.go({delta})")


def test_back_undoes_a_whole_click_and_forward_repeats_it(server: str, page: Page) -> None:
    visit(page, server, "confusion")
    for square, label in ((FEAR_AS_FEAR, "fear"), (SAD_AS_SAD, "sad")):
        click_square(page, square)
        expect(sentence(page, f"faces labeled {label} predicted as {label}")).to_be_visible()
        settle(page)
    go(page, -1)
    expect(sentence(page, "faces labeled fear predicted as fear")).to_be_visible()
    settle(page)
    go(page, -1)
    expect(sentence(page, "Click a cell or a total of the matrix")).to_be_visible()
    settle(page)
    go(page, 1)
    expect(sentence(page, "faces labeled fear predicted as fear")).to_be_visible()


def test_back_to_a_page_brings_its_settings_back(server: str, page: Page) -> None:
    visit(page, server, "confusion")
    click_square(page, FEAR_AS_FEAR)
    expect(sentence(page, "faces labeled fear predicted as fear")).to_be_visible()
    settle(page)
    link = page.url
    page.get_by_role("link", name="Models & data").first.click()
    expect(page.locator("h1")).to_have_text("Models & data")
    settle(page)
    go(page, -1)
    expect(sentence(page, "faces labeled fear predicted as fear")).to_be_visible()
    settle(page)
    assert page.url == link
    go(page, 1)
    expect(page.locator("h1")).to_have_text("Models & data")
