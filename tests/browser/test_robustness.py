"""A face is made worse with the slider, and the link keeps the choice."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.pages import settle, visit


def test_the_slider_makes_the_face_worse_for_every_model(server: str, page: Page) -> None:
    visit(page, server, "robustness")
    expect(page.get_by_text("3, selected")).to_be_visible()
    page.get_by_role("slider", name="Severity").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("4, selected")).to_be_visible()
    settle(page)
    assert "robustness_severity=4" in page.url
    curves = page.locator("[data-testid=stPlotlyChart]").last.locator(".scatterlayer .trace")
    expect(curves).to_have_count(2)

    page.reload()
    expect(page.get_by_text("4, selected")).to_be_visible()
