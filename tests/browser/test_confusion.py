"""A cell of the confusion matrix lists the faces behind it, and its link brings them back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import click_point, settle, tab_to, visit

HAPPY_AS_HAPPY = 3 * 7 + 3
ROW_TOTAL_OF_FEAR = 7 * 7 + 2
COLUMN_TOTAL_OF_SAD = 7 * 7 + 7 + 4


def click_square(page: Page, index: int) -> None:
    """Clicks a square: 49 cells, then 7 totals of rows, 7 of columns and one of all."""
    squares = page.locator("[data-testid=stPlotlyChart]").first.locator(".scatterlayer path.point")
    expect(squares).to_have_count(64)
    click_point(page, squares.nth(index))


def sentence(page: Page, text: str) -> Locator:
    return page.get_by_text(text).first


def test_a_click_on_a_cell_lists_its_rows_and_goes_into_the_link(server: str, page: Page) -> None:
    visit(page, server, "confusion")
    click_square(page, HAPPY_AS_HAPPY)
    expect(sentence(page, "faces labeled happy predicted as happy")).to_be_visible()
    settle(page)
    assert "confusion_true=happy" in page.url
    assert "confusion_predicted=happy" in page.url
    expect(page.get_by_role("button", name="Download CSV").last).to_be_attached()

    page.reload()
    expect(sentence(page, "faces labeled happy predicted as happy")).to_be_visible()


def test_a_click_on_a_total_lists_the_whole_row_or_column(server: str, page: Page) -> None:
    visit(page, server, "confusion")
    click_square(page, ROW_TOTAL_OF_FEAR)
    expect(sentence(page, "6 of 6 faces labeled fear.")).to_be_visible()
    settle(page)
    click_square(page, COLUMN_TOTAL_OF_SAD)
    expect(sentence(page, "faces predicted as sad.")).to_be_visible()


def test_the_keyboard_alone_opens_the_table_and_chooses_a_cell(server: str, page: Page) -> None:
    visit(page, server, "confusion")
    tab_to(page, page.locator("summary").filter(has_text="Show as table").first)
    page.keyboard.press("Enter")
    grid = page.get_by_test_id("data-grid-canvas").first
    expect(grid).to_be_visible()
    tab_to(page, grid)
    page.keyboard.press("ArrowRight")
    expect(sentence(page, "6 of 6 faces labeled angry predicted as angry")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(sentence(page, "faces labeled disgust predicted as angry")).to_be_visible()
    settle(page)
    assert "confusion_true=disgust" in page.url
    assert "confusion_predicted=angry" in page.url
    expect(page.get_by_role("button", name="Download CSV").last).to_be_attached()


def test_a_link_brings_back_the_difference_of_two_models_in_another_browser(
    server: str, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    visit(page, server, "confusion")
    page.get_by_text("Difference of two").click()
    expect(page.get_by_text("p-value")).to_be_visible()
    settle(page)
    click_square(page, HAPPY_AS_HAPPY)
    words = "faces labeled happy that only one predicts as happy"
    expect(sentence(page, words)).to_be_visible()
    settle(page)
    shown = sentence(page, words).inner_text()

    elsewhere = open_page()
    elsewhere.goto(page.url)
    expect(sentence(elsewhere, shown)).to_be_visible()
    expect(elsewhere.get_by_text("p-value")).to_be_visible()
