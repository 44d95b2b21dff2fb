"""A real server, a real Chromium, and a camera that plays a file."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import IO

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from fer_core.faces.sample_faces import load_samples
from fer_core.zoo.onnx_export import prepare_models
from fer_core.zoo.store import ModelStore
from tests.browser.camera import write_camera_file
from tests.browser.chromium import find_chromium, launch_chromium
from tests.ports import free_port

PROJECT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 120
WAIT_MS = 120_000

StartedBrowser = Callable[[Path | None, bool], Browser]

_PAGES = pytest.StashKey[list[Page]]()

expect.set_options(timeout=WAIT_MS)  # on a busy machine a page takes its time


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(900))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails reports what its pages showed."""
    report = yield
    if report.failed:
        for page in item.stash.get(_PAGES, []):
            report.sections.append((f"Shown by {page.url}", _shown_by(page)))
    return report


def _shown_by(page: Page) -> str:
    try:
        return "\n".join(frame.locator("body").inner_text(timeout=5000) for frame in page.frames)
    except Error as error:
        return f"not known: {error}"


@contextmanager
def running_app(
    models_dir: Path, *, output: IO[bytes] | None = None, **settings: str
) -> Iterator[str]:
    """Serves the app from a process of its own, with settings from the environment.

    What it prints goes to `output`, or to where the tests print.
    """
    with serving(models_dir, output=output, **settings) as (address, _):
        yield address


@contextmanager
def serving(
    models_dir: Path, *, output: IO[bytes] | None = None, **settings: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same, for a test that needs the process too."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    environment = os.environ | {
        "FER_MODELS_DIR": str(models_dir),
        "FER_YUNET_MODEL": str(models_dir / "no_such_file.onnx"),  # so that Haar finds the faces
        "FER_DATA_DIR": str(models_dir / "no_such_folder"),
        **settings,
    }
    server = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=output, stderr=output and subprocess.STDOUT
    )
    try:
        _wait_until_healthy(server, f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_until_healthy(server: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        assert server.poll() is None, f"The server ended with {server.returncode}"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"The server did not start within {START_TIMEOUT_S} seconds")


@pytest.fixture(scope="session")
def server(prepared_models_dir: Path) -> Iterator[str]:
    """The address of an app that serves all tests.

    It has many places for live video: one that a test has left is free only half a minute later.
    """
    with running_app(prepared_models_dir, FER_MAX_LIVE_SESSIONS="32") as address:
        yield address


@pytest.fixture
def fresh_server(prepared_models_dir: Path) -> Iterator[str]:
    """The address of an app that nobody has visited yet."""
    with running_app(prepared_models_dir) as address:
        yield address


@pytest.fixture(scope="session")
def prepared_models_dir(chromium_path: str, tiny_models_dir: Path) -> Path:
    """The tiny models, exported for serving as `make app` does before it starts."""
    assert prepare_models(ModelStore(tiny_models_dir)) == ()
    return tiny_models_dir


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return find_chromium() or pytest.skip("no Chromium on this machine")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def started_browser(playwright: Playwright, chromium_path: str) -> Iterator[StartedBrowser]:
    """Returns the browser with a certain camera, which is started once; see `open_page`."""
    browsers: dict[tuple[Path | None, bool], Browser] = {}

    def started(camera: Path | None, refused: bool) -> Browser:
        key = camera, refused
        if key not in browsers:
            browsers[key] = launch_chromium(playwright, camera, refused=refused)
        return browsers[key]

    yield started
    for browser in browsers.values():
        browser.close()


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, started_browser: StartedBrowser
) -> Iterator[Callable[..., Page]]:
    """Opens an empty page as a new visitor; given a video file, that is what the camera sees.

    A camera may be asked for and refused: nobody answers the browser's question with yes.
    """
    contexts: list[BrowserContext] = []
    pages = request.node.stash.setdefault(_PAGES, [])

    def opened(camera: Path | None = None, *, refused: bool = False) -> Page:
        browser = started_browser(camera, refused)
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 1000}))
        page = contexts[-1].new_page()
        page.set_default_timeout(WAIT_MS)
        pages.append(page)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """An empty page of a browser without a camera."""
    return open_page()


@pytest.fixture(scope="session")
def sample_camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A camera that sees an average face: gray, so any color on the video is drawn."""
    file = tmp_path_factory.mktemp("camera") / "sample.y4m"
    return write_camera_file(file, repeat(load_samples()["happy"], 15))
