"""“Why?” on a face shows where the model looks."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.pages import settle, visit


def test_a_face_is_explained_over_itself_and_over_its_photo(server: str, page: Page) -> None:
    visit(page, server, "upload?upload_sample=true")
    expect(page.get_by_text("7 faces found")).to_be_visible()
    maps = page.get_by_role("img", name="Grad-CAM of")
    assert maps.count() == 0
    page.get_by_text("Explain", exact=True).first.click()
    expect(maps.first).to_be_visible()
    expect(page.get_by_role("img", name="The same map on the photo")).to_be_visible()
    settle(page)

    page.get_by_text("Occlusion", exact=True).first.click()
    covered = page.get_by_role("img", name="Occlusion of")
    expect(covered.first).to_be_visible()
    assert page.locator("[data-testid=stException]").count() == 0
