"""What a visitor does in a browser."""

from __future__ import annotations

import contextlib
import re

import pytest
from playwright.sync_api import Locator, Page, TimeoutError

TRIES, TRY_MS = 8, 40_000
REST_MS = 200
"""So long after its last run a page that was clicked would have begun another."""

RESTS = """
forMs => {
  const rests = document.querySelector(
    "[data-testid=stApp][data-test-script-state=notRunning]") !== null;
  if (!rests || window.restsSince === undefined) window.restsSince = performance.now();
  return rests && performance.now() - window.restsSince >= forMs;
}
"""

TABS = 60
ASKING = ("live", "upload")
"""The pages that ask before anything else, once a tab."""


def visit(page: Page, server: str, path: str = "") -> None:
    """Opens a page, agrees where it asks, and waits until it has drawn everything."""
    page.goto(f"{server}/{path}")
    page.locator("h1").wait_for()
    settle(page)
    if path.split("?")[0] in ASKING:  # a title only, until the tab has said whether to ask
        page.locator("[data-testid=stMain] [data-testid=stMarkdown]").first.wait_for()
        settle(page)
    agree = page.get_by_role("button", name="I understand and agree")
    if agree.count():
        agree.click()
        agree.wait_for(state="detached")
        settle(page)


def settle(page: Page) -> None:
    """Waits until the page's script has run to its end and does not begin again."""
    page.evaluate("window.restsSince = undefined")
    page.wait_for_function(RESTS, arg=REST_MS)


def tab_to(page: Page, target: Locator) -> None:
    """Presses Tab until something has the focus."""
    for _ in range(TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{TABS} times Tab do not lead to {target}.")


def start_live_video(page: Page) -> None:
    """Presses Start on the live page until results come."""
    if not live_video_runs(page):
        pytest.fail(f"The live video does not run, not even at the {TRIES}th time.")


def live_video_runs(page: Page) -> bool:
    """Waits until results come; presses Start where the video does not run, again if need be.

    A very busy machine gives the first connection up, or is too busy to notice the click.
    """
    start = page.get_by_role("button", name="Start", exact=True)
    runs = page.get_by_text("Latency (p95)")
    for _ in range(TRIES):
        with contextlib.suppress(TimeoutError):
            start.or_(runs).first.wait_for(timeout=TRY_MS)
            if start.is_visible():
                start.click()
            runs.wait_for(timeout=TRY_MS)
            return True
    return False


def record_live_video(page: Page) -> None:
    """Records results and video for a moment, from Start on where the video does not run.

    On a very busy machine the connection may break meanwhile, which ends both recordings.
    """
    for _ in range(TRIES):
        start_live_video(page)
        with contextlib.suppress(TimeoutError):
            for what in ("results", "video"):
                if not page.get_by_role("button", name=f"Stop recording {what}").is_visible():
                    page.get_by_role("button", name=f"Record {what}").click(timeout=TRY_MS)
            rows = page.get_by_text(re.compile(r"[1-9]\d* frames, [1-9]\d* rows"))
            rows.wait_for(timeout=TRY_MS)
            for what in ("results", "video"):
                page.get_by_role("button", name=f"Stop recording {what}").click(timeout=TRY_MS)
            return
    pytest.fail(f"Nothing could be recorded, not even at the {TRIES}th time.")


def hover_point(page: Page, point: Locator) -> str:
    """Moves the mouse over a point of a Plotly figure and returns the text that appears there.

    Plotly takes a click only where it has seen the mouse before, so this comes first.
    """
    point.hover(force=True)
    label = page.locator(".hoverlayer .hovertext text").first
    label.wait_for()
    return label.text_content() or ""


def click_point(page: Page, point: Locator) -> None:
    """Clicks a point of a Plotly figure."""
    hover_point(page, point)
    point.click(force=True)
