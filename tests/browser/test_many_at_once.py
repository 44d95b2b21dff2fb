"""The short form of `make soak`."""

from __future__ import annotations

from playwright.sync_api import Playwright

from benchmarks.soak import upload_at_once, watched_health
from tests.browser.chromium import launch_chromium


def test_everybody_gets_an_answer_of_their_own(server: str, playwright: Playwright) -> None:
    with launch_chromium(playwright) as browser, watched_health(server) as health:
        assert upload_at_once(browser, server, range(3)) == 3
    assert health.times_ms
    assert health.failures == 0
