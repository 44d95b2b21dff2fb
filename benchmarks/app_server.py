"""Starts the app in a separate process, and a real Chromium as its client."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from benchmarks.scenes import swaying_faces
from tests.browser.camera import FPS, write_camera_file
from tests.browser.chromium import launch_chromium
from tests.browser.pages import live_video_runs
from tests.ports import free_port

PROJECT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 120
READ_MS = 5_000


@dataclass(frozen=True)
class AppServer:
    """A running app.

    Attributes:
        address: base URL, without a path.
        process: process ID.
        started_s: time of the command, by `time.perf_counter`.
        answered_s: time of the first response.
    """

    address: str
    process: int
    started_s: float
    answered_s: float


@contextmanager
def serving_app(port: int | None = None) -> Iterator[AppServer]:
    """Starts `streamlit run app.py` as `make app` does, without opening a browser."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    started_s = time.perf_counter()
    server = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        while not _answers(address):
            if server.poll() is not None or time.perf_counter() - started_s > START_TIMEOUT_S:
                sys.exit("The app did not start.")
            time.sleep(0.02)
        yield AppServer(address, server.pid, started_s, time.perf_counter())
    finally:
        server.terminate()
        server.wait(timeout=30)


@contextmanager
def chromium(faces: int = 1) -> Iterator[Browser]:
    """Starts a browser whose camera shows moving average faces."""
    with sync_playwright() as playwright, seeing_browser(playwright, faces) as browser:
        yield browser


@contextmanager
def seeing_browser(playwright: Playwright, faces: int) -> Iterator[Browser]:
    """The same, as one of several."""
    with tempfile.TemporaryDirectory() as folder:
        camera = write_camera_file(Path(folder) / "camera.y4m", swaying_faces(faces, FPS))
        with launch_chromium(playwright, camera) as browser:
            yield browser


def play_live(page: Page, address: str) -> None:
    """Opens the live page, consents, and starts the video."""
    page.goto(f"{address}/live")
    page.get_by_role("button", name="I understand and agree").click()
    keep_playing(page)


def keep_playing(page: Page) -> None:
    """Waits for results; presses Start if the video is not running."""
    if not live_video_runs(page):
        sys.exit(f"The video does not run. Text of the page:\n{words_of(page)}")


def words_of(page: Page) -> str:
    """Returns all text of a page, including its frames."""
    words = []
    for frame in page.frames:
        with suppress(Error):  # a frame that is being removed
            words.append(frame.locator("body").inner_text(timeout=READ_MS))
    return "\n".join(words)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
            return True
    except OSError:
        return False
