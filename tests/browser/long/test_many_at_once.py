"""The short form of `make soak`."""

from __future__ import annotations

import pytest
from playwright.sync_api import Playwright

from benchmarks.app_server import play_live, seeing_browser
from benchmarks.soak import named_live, upload_at_once, watched_health
from tests.browser.chromium import launch_chromium
from tests.browser.conftest import WAIT_MS

COVERS = (
    "benchmarks/app_server.py",
    "benchmarks/soak.py",
    "fer_core/machine/fair_slots.py",
    "fer_core/recognition/photo_set.py",
    "pages/compat/*.py",
    "pages/live/**/*.py",
    "pages/upload/*.py",
)

pytestmark = [pytest.mark.alone, pytest.mark.flaky(reruns=1)]  # a real network

FACES_LIVE = 2


def test_every_session_gets_its_own_result(server: str, playwright: Playwright) -> None:
    with (
        launch_chromium(playwright) as browser,
        seeing_browser(playwright, FACES_LIVE) as seeing,
        watched_health(server) as health,
    ):
        watcher = seeing.new_page()
        watcher.set_default_timeout(WAIT_MS)
        play_live(watcher, server)
        assert upload_at_once(browser, server, range(3)) == 3
        assert named_live(watcher, FACES_LIVE) == FACES_LIVE
    assert health.times_ms
    assert health.failures == 0
