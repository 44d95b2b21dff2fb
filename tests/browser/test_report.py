"""A report that was downloaded in the app opens by itself, draws its figures and asks nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.pages import settle, visit


def test_a_downloaded_report_draws_itself_without_a_network(
    server: str, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    app = open_page()
    visit(app, server, "compare")
    button = app.get_by_role("button", name="Download report")
    expect(button).to_be_visible()
    settle(app)
    with app.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "report-comparison.html"
    file = tmp_path / "report.html"
    download.value.save_as(file)

    page = open_page()
    page.context.set_offline(True)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    plots = page.locator(".plot").all()
    assert len(plots) == 2 * 7 + 4
    for plot in plots:
        plot.scroll_into_view_if_needed()
        expect(plot.locator("svg.main-svg").first).to_be_visible()
    expect(page.locator("#tiny_a-confusion .scatterlayer path.point")).to_have_count(64)
    page.emulate_media(media="print")
    assert page.locator("details:not([open])").first.is_hidden()
    assert asked == [file.as_uri()]
    assert complaints == []
