"""A click on a point of the Pareto plot chooses its model."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import click_point, hover_point, settle, visit

SUMMARY = "A very small network with random weights"


def test_a_click_on_a_point_chooses_the_model_and_its_link_brings_it_back(
    server: str, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    visit(page, server, "compare")
    points = page.locator("[data-testid=stPlotlyChart]").last.locator(".scatterlayer path.point")
    expect(points).to_have_count(2)
    shown = page.get_by_text(SUMMARY).inner_text()
    other = "Tiny tiny_b" if "tiny_a" in shown else "Tiny tiny_a"
    click_point(page, next(each for each in points.all() if other in hover_point(page, each)))
    expect(page.get_by_text(f"{other}. {SUMMARY}")).to_be_visible()
    settle(page)

    elsewhere = open_page()
    elsewhere.goto(page.url)
    expect(elsewhere.get_by_text(f"{other}. {SUMMARY}")).to_be_visible()
