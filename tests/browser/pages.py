"""What a visitor does in a browser."""

from __future__ import annotations

from playwright.sync_api import Page


def visit(page: Page, server: str, path: str = "") -> None:
    """Opens a page, agrees where it asks, and waits until it has drawn everything."""
    page.goto(f"{server}/{path}")
    page.locator("h1").wait_for()
    settle(page)
    agree = page.get_by_role("button", name="I understand and agree")
    if agree.count():
        agree.click()
        agree.wait_for(state="detached")
        settle(page)


def settle(page: Page) -> None:
    """Waits until the page's script has run to its end."""
    page.wait_for_timeout(300)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
