"""Times the app from the command to the first page, and measures the server's memory.

    python -m fer_core prepare
    python benchmarks/app_start.py --runs 5

A browser waits for the server and opens the home page. "Clickable" is when its first link can be
clicked, "drawn" when the page is complete. Memory is that of the server's processes before the
first client, after the home page, and with one live video.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import typer
from playwright.sync_api import Browser

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.app_server import chromium, play_live, serving_app  # noqa: E402
from benchmarks.measuring import machine, resident_mb  # noqa: E402
from tests.browser.pages import settle  # noqa: E402

LIVE_S = 20
COLUMNS = ("responds s", "clickable s", "drawn s", "idle MB", "home MB", "live MB")


def main(runs: int = 3, port: int | None = None) -> None:
    """Runs the measurement; see the module's docstring."""
    print(f"{machine()}\n{'run':>6}" + "".join(f"{name:>13}" for name in COLUMNS))
    results = []
    with chromium() as browser:
        for number in range(1, runs + 1):
            results.append(start(browser, port))
            print(row(str(number), results[-1]), flush=True)
    print(row("median", [statistics.median(values) for values in zip(*results, strict=True)]))
    print(machine())


def row(name: str, values: list[float]) -> str:
    """Formats a row of the table."""
    return f"{name:>6}" + "".join(f"{value:13.2f}" for value in values)


def start(browser: Browser, port: int | None) -> list[float]:
    """Starts the app once and returns a value for each of `COLUMNS`."""
    page = browser.new_page()
    page.set_default_timeout(120_000)
    with serving_app(port) as server:
        idle_mb = resident_mb(server.process)
        page.goto(server.address)
        page.get_by_role("link", name="Try your webcam").click(trial=True)
        clickable_s = time.perf_counter()
        settle(page)
        drawn_s = time.perf_counter()
        home_mb = resident_mb(server.process)
        play_live(page, server.address)
        page.wait_for_timeout(LIVE_S * 1000)
        live_mb = resident_mb(server.process)
        page.close()
    times_s = (moment - server.started_s for moment in (server.answered_s, clickable_s, drawn_s))
    return [*times_s, idle_mb, home_mb, live_mb]


if __name__ == "__main__":
    typer.run(main)
