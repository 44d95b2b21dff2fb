"""A real server, a real Chromium, and a camera that plays a file."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from fer_core.onnx_export import prepare_models

PROJECT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 120
WAIT_MS = 120_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(900))


@contextmanager
def running_app(models_dir: Path) -> Iterator[str]:
    """Serves the app from a process of its own and gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command += ["--server.fileWatcherType=none"]
    environment = os.environ | {
        "FER_MODELS_DIR": str(models_dir),
        "FER_YUNET_MODEL": str(models_dir / "no_such_file.onnx"),  # so that Haar finds the faces
    }
    server = subprocess.Popen(command, cwd=PROJECT, env=environment)
    try:
        _wait_until_healthy(server, f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
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


@pytest.fixture(scope="package")
def server(prepared_models_dir: Path) -> Iterator[str]:
    """The address of an app that serves all tests."""
    with running_app(prepared_models_dir) as address:
        yield address


@pytest.fixture
def fresh_server(prepared_models_dir: Path) -> Iterator[str]:
    """The address of an app that nobody has visited yet."""
    with running_app(prepared_models_dir) as address:
        yield address


@pytest.fixture(scope="session")
def prepared_models_dir(chromium_path: str, tiny_models_dir: Path) -> Path:
    """The tiny models, exported for serving as `make app` does before it starts."""
    assert prepare_models(tiny_models_dir) == ()
    return tiny_models_dir


@pytest.fixture(scope="session")
def chromium_path() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium on this machine")


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture
def open_browser(playwright: Playwright, chromium_path: str) -> Iterator[Callable[..., Page]]:
    """Opens a browser with an empty page; given a video file, that is what its camera sees."""
    browsers: list[Browser] = []

    def open_page(camera: Path | None = None) -> Page:
        arguments = ["--no-sandbox"]
        if camera is not None:
            arguments += [
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={camera}",
            ]
        browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        browsers.append(browser)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(WAIT_MS)
        return page

    yield open_page
    for browser in browsers:
        browser.close()


@pytest.fixture
def page(open_browser: Callable[..., Page]) -> Page:
    """An empty page of a browser without a camera."""
    return open_browser()
