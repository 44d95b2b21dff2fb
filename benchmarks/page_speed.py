"""Times the explorer's pages in a real browser: the first figure, and the response to a widget.

    python benchmarks/page_speed.py
    python benchmarks/page_speed.py --rounds 20

The app runs in its own process with the saved models. Each page is opened once to warm the caches,
then opened from the home page by its link in the sidebar: the time runs from the click until its
first figure, bars or data table is on screen. "Of a visit": as the first page after Home, when the
browser must still load the code that draws figures. "Later": again in the same session. Without
`FER_YUNET_MODEL`, faces are detected with Haar. On each page, one widget is toggled: the time runs
from the click until the last change of the page, after which nothing changes for 0.6 s. The text
inside a table's canvas is ignored: it is for screen readers, and the data grid writes it a tenth of
a second after drawing the table.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from fer_core.machine.processors import available_processors  # noqa: E402
from fer_core.paths import models_directory  # noqa: E402
from tests.browser.chromium import launch_chromium  # noqa: E402
from tests.browser.conftest import running_app  # noqa: E402
from tests.browser.pages import settle, visit  # noqa: E402

PAGES: Final = {
    "compare": ("Compare models", ("sad", "happy")),
    "confusion": ("Confusion", ("Precision", "F1")),
    "confusion, two models": ("Confusion", ("Difference of two", "One model")),
    "curves": ("Training curves", ("Learning rate", "Learning rate")),
    "calibration": ("Calibration & threshold", ("ArrowLeft", "ArrowRight")),
    "robustness": ("Robustness", ("sad", "happy")),
    "preprocessing": ("Preprocessing", ("sad", "happy")),
    "data": ("Data", ("Duplicates", "Classes")),
}
"""The title of each page, and the two controls that are pressed alternately."""

FIRST_FIGURE: Final = """
async ([link, title]) => {
  const begin = performance.now();
  [...document.querySelectorAll("[data-testid=stSidebarNavLink]")]
    .find(each => each.textContent.trim().endsWith(link)).click();
  const figures =
    ".stPlotlyChart .main-svg, [data-testid=stDataFrame] canvas, [data-testid=stHtml] table";
  const drawn = () => document.querySelector("h1")?.textContent.startsWith(title)
    && [...document.querySelectorAll(figures)].some(each =>
      each.closest("[data-stale=true]") === null && each.getBoundingClientRect().height > 0);
  while (!drawn()) await new Promise(requestAnimationFrame);
  return performance.now() - begin;
}
"""

REST_MS: Final = 1500
"""Pause between two clicks, so that a page has finished its work."""

WATCH: Final = """
() => {
  const app = document.querySelector("[data-testid=stApp]");
  const isBusy = () => app.dataset.testScriptState === "running"
    || document.querySelector("[data-testid=stSkeleton]") !== null;
  window.answered = new Promise(resolve => {
    let begin = null, last = null;
    const start = () => { begin ??= last = performance.now(); };
    addEventListener("click", start, {capture: true, once: true});
    addEventListener("keydown", start, {capture: true, once: true});
    const isSeen = each => (each.target.closest ? each.target : each.target.parentElement)
      ?.closest("canvas") === null;
    const changes = new MutationObserver(all => {
      if (all.some(isSeen)) last = performance.now();
    });
    changes.observe(document.querySelector("[data-testid=stMain]"),
      {subtree: true, childList: true, attributes: true, characterData: true});
    const look = () => {
      if (begin !== null && !isBusy() && performance.now() - last > 600) {
        changes.disconnect();
        return resolve(last - begin);
      }
      requestAnimationFrame(look);
    };
    look();
  });
}
"""


def main() -> None:
    """Reads the options and prints a line per page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    with (
        tempfile.TemporaryDirectory() as nothing,
        running_app(
            models_directory(),
            FER_DATA_DIR=nothing,
            FER_RUNS_DIR=nothing,
            FER_YUNET_MODEL=os.environ.get("FER_YUNET_MODEL", "no such file"),
        ) as server,
        sync_playwright() as playwright,
    ):
        browser = launch_chromium(playwright)
        page = new_page(browser)
        for title in dict.fromkeys(title for title, _ in PAGES.values()):
            visit(page, server)
            first_figure(page, title)
            settle(page)
        print(
            f"{platform.machine()}, {available_processors()} cores, load {os.getloadavg()[0]:.1f}"
        )
        print("                        first figure                        widget")
        print("page                    of a visit p50    p95  later p50    p95     p50    p95  ms")
        for name, (title, presses) in PAGES.items():
            first, later, answers = [], [], []
            for _ in range(rounds):
                visit(page, server)
                page.wait_for_timeout(REST_MS)
                first.append(first_figure(page, title))
                settle(page)
                go_home(page)
                later.append(first_figure(page, title))
                settle(page)
            for number in range(2 * rounds):
                answers.append(press(page, presses[number % 2]))
            times = (first, later, answers[2:])
            shown = (np.percentile(each, q) for each in times for q in (50, 95))
            print("{:<22} {:15.0f} {:6.0f} {:10.0f} {:6.0f} {:7.0f} {:6.0f}".format(name, *shown))
        browser.close()


def new_page(browser: Browser) -> Page:
    """Opens a tab of a desk's size."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(120_000)
    return page


def go_home(page: Page) -> None:
    """Opens the home page by its link, and waits until it is idle."""
    page.locator("[data-testid=stSidebarNavLink]").first.click()
    page.locator("h1", has_text="Facial expression").wait_for()
    settle(page)
    page.wait_for_timeout(REST_MS)


def first_figure(page: Page, title: str) -> float:
    """Opens a page by its link and returns the milliseconds until its first figure is drawn."""
    return float(page.evaluate(FIRST_FIGURE, [title, title]))


def press(page: Page, name: str) -> float:
    """Presses a button or, on the threshold's slider, a key; returns the milliseconds it took."""
    page.wait_for_timeout(200)
    page.evaluate(WATCH)
    if name.startswith("Arrow"):
        page.get_by_role("slider").last.press(name)
    else:
        page.get_by_text(name, exact=True).first.click()
    return float(page.evaluate("() => window.answered"))


if __name__ == "__main__":
    main()
