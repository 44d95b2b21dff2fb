"""A threshold moved on the calibration page is the one that upload and live open with."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Page, expect

from fer_core.faces.sample_faces import sample_sheet
from fer_core.imaging import encode_png
from tests.browser.pages import settle, visit


def go_to(page: Page, name: str) -> None:
    """Follows the menu, within the visit."""
    page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
    page.get_by_role("heading", name=name, level=1).wait_for()
    settle(page)


def test_the_chosen_threshold_is_used_by_upload_and_live(server: str, page: Page) -> None:
    visit(page, server, "upload")  # agrees, once for the visit
    photo = FilePayload(name="sheet.png", mimeType="image/png", buffer=encode_png(sample_sheet()))
    go_to(page, "Calibration & threshold")
    slider = page.get_by_role("slider", name="Uncertain below")
    slider.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_value("0.99")
    expect(page).to_have_url(re.compile("calibration_threshold=0.99"))
    settle(page)
    expect(page.get_by_text("Live webcam and Upload currently use 50%")).to_be_visible()
    page.get_by_role("button", name="Use on Live webcam and Upload").click()
    expect(page.get_by_text("Live webcam and Upload use 99%")).to_be_visible()
    settle(page)
    assert "calibration_threshold=0.99" in page.url

    go_to(page, "Upload")
    expect(slider).to_have_value("0.99")
    page.locator("input[type=file]").set_input_files([photo])
    expect(page.get_by_text("Apparent expressions: 7 uncertain")).to_be_visible()
    go_to(page, "Live webcam")
    expect(slider).to_have_value("0.99")


def test_a_link_restores_the_view(server: str, page: Page) -> None:
    link = "calibration?calibration_threshold=0.7&calibration_view=fear&calibration_wanted=0.65"
    visit(page, server, link)
    slider = page.get_by_role("slider", name="Uncertain below")
    expect(slider).to_have_value("0.7")
    expect(page.get_by_text("Probability of fear").first).to_be_visible()
    expect(page.get_by_text("threshold that reaches 65%")).to_be_visible()

    page.get_by_role("button", name="Use on Live webcam and Upload").click()
    page.get_by_test_id("stPageLink-NavLink").filter(has_text="Live webcam").click()
    page.wait_for_url(re.compile(r"/live\?.*live_threshold=0\.7"))
    page.reload()
    page.get_by_role("button", name="I understand and agree").click()
    expect(slider).to_have_value("0.7")
