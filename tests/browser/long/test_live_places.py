"""A place for live video: who is late is told so, and who leaves gives everything back."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import running_app
from tests.browser.video.test_live import expect_failure, press_start, start_video
from tests.browser.watched import Watch

COVERS = ("pages/live/**/*.py",)

GIVEN_BACK_WITHIN_S = 120
"""A browser that is gone is noticed when it no longer answers, which takes half a minute."""

THREADS = {"live_stream", "video-decoder"}
HAS_A_PLACE = "No camera found"
"""What a browser without a camera is told: the place comes first."""

pytestmark = [
    pytest.mark.alone,
    pytest.mark.flaky(reruns=1),  # a real network
    pytest.mark.skipif(
        not Path("/proc/self/net/udp").exists(), reason="sockets are counted in Linux's /proc"
    ),
]


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Watch:
    """What is seen of the app with one place."""
    return Watch(tmp_path_factory.mktemp("watched") / "log")


@pytest.fixture(scope="module")
def one_place(prepared_models_dir: Path, watch: Watch) -> Iterator[str]:
    """The address of an app with one place for live video."""
    settings = {"FER_MAX_LIVE_SESSIONS": "1", **watch.settings}
    with running_app(prepared_models_dir, output=None, **settings) as address:
        yield address


def sockets(process: int) -> int:
    """Returns how many UDP sockets a process has; only live video uses them."""
    table = "".join(Path(f"/proc/{process}/net/{kind}").read_text() for kind in ("udp", "udp6"))
    inodes = {line.split()[9] for line in table.splitlines()}
    links = (_target(link) for link in Path(f"/proc/{process}/fd").iterdir())
    return sum(match[1] in inodes for link in links if (match := re.match(r"socket:\[(\d+)", link)))


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # closed meanwhile
        return ""


def held_for_video(watch: Watch) -> tuple[set[str], int]:
    """Returns the threads and the number of sockets that serve a video."""
    return watch.threads() & THREADS, sockets(watch.process)


def expect_given_back(watch: Watch) -> None:
    """Waits until nothing is held for a video."""
    deadline = time.monotonic() + GIVEN_BACK_WITHIN_S
    while (held := held_for_video(watch)) != (set(), 0):
        assert time.monotonic() < deadline, held
        time.sleep(1)


def test_a_visitor_over_capacity_gets_a_message_and_later_the_free_slot(
    one_place: str, watch: Watch, open_page: Callable[..., Page], sample_camera: Path
) -> None:
    first = open_page(sample_camera)
    video = start_video(first, one_place).locator("video")
    late = open_page()
    press_start(late, one_place)
    expect_failure(late, "Live video is at capacity")
    before = video.evaluate("video => video.currentTime")
    first.wait_for_function(
        "([video, before]) => video.currentTime > before", arg=[video.element_handle(), before]
    )
    threads, count = held_for_video(watch)
    assert threads == THREADS
    assert count > 0

    first.get_by_role("link", name="Confusion", exact=True).click()
    expect_given_back(watch)
    late.get_by_role("button", name="Start").click()
    expect_failure(late, HAS_A_PLACE)


def test_a_closed_tab_gives_everything_back(
    one_place: str, watch: Watch, open_page: Callable[..., Page], sample_camera: Path
) -> None:
    page = open_page(sample_camera)
    start_video(page, one_place)
    assert held_for_video(watch)[0] == THREADS
    page.close()
    expect_given_back(watch)
    newcomer = open_page()
    press_start(newcomer, one_place)
    expect_failure(newcomer, HAS_A_PLACE)
