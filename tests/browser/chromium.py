"""A real Chromium, with or without a camera."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright


def find_chromium() -> str | None:
    """Returns the path of a Chromium or Chrome on this machine, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def launch_chromium(
    playwright: Playwright, camera: Path | None = None, *, refused: bool = False
) -> Browser:
    """Starts a browser.

    Args:
        playwright: starts it.
        camera: a video file that its camera sees; without one it has no camera.
        refused: whether nobody answers the browser's question for the camera with yes.
    """
    arguments = ["--no-sandbox"]
    if not refused:
        arguments.append("--use-fake-ui-for-media-stream")
    if camera is not None:
        arguments += [
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={camera}",
        ]
    return playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
