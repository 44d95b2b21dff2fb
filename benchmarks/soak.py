"""Load test: many visitors at once, then one after another; checks results, latency and memory.

    python benchmarks/soak.py
    python benchmarks/soak.py --visitors 8 --live 2 --rounds 1 --cycles 20

Each visitor uploads their own photo, with its face in a unique place: the result must have it
there. Meanwhile live visitors show one face, two, and so on, and must see as many labeled; one
visitor more than there are places must be rejected with a message. The server's health is checked
four times per second. All browsers run on this machine too, at low priority, because they represent
other machines. After that, visitors come one by one, upload, view and leave, and the server's
memory is printed.

Fails, with a line for each requirement that is not met, if

- an upload did not get its own result: a visitor got none, or that of another one;
- a live visitor's faces were not all labeled at the same time;
- the p99 of the health check exceeded `HEALTH_P99_LIMIT_MS`, or a check got no response. The same
  thread handles every visitor's clicks, and more than a fifth of a second is a noticeable delay;
- memory grew by more than `MEMORY_GROWTH_LIMIT` from the first half of the sessions to the second,
  after a warm-up of a fifth of them. Caches and allocators vary by less, and a session that leaked
  would keep adding;
- the live visitor without a place was not told so.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import pandas as pd
import typer
from playwright.sync_api import (
    Browser,
    FilePayload,
    Page,
    TimeoutError,
    expect,
    sync_playwright,
)

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.app_server import play_live, seeing_browser, serving_app, words_of  # noqa: E402
from benchmarks.measuring import machine, resident_mb  # noqa: E402
from fer_core.imaging import encode_png  # noqa: E402
from fer_core.labels.emotions import FER2013  # noqa: E402
from pages.live.connection.failures import ADVICE  # noqa: E402
from tests.browser.chromium import launch_chromium  # noqa: E402
from tests.browser.pages import live_video_runs, visit  # noqa: E402
from tests.scenes import PlacedFace, sample_scene  # noqa: E402

COLUMNS: Final = 5
CELL: Final = 320
WAIT_MS: Final = 180_000
NAMED_WITHIN_MS: Final = 30_000
HEALTH_EVERY_S: Final = 0.25
HEALTH_P99_LIMIT_MS: Final = 200
MEMORY_GROWTH_LIMIT: Final = 0.1
FACES_LIVE: Final = 4


@dataclass
class Health:
    """The server's responses to health checks.

    Attributes:
        times_ms: latency of each response.
        failures: checks without a response within ten seconds.
    """

    times_ms: list[float] = field(default_factory=list)
    failures: int = 0

    def percentile_ms(self, percent: float) -> float:
        """Returns a percentile of the latencies; infinite without any."""
        return float(np.percentile(self.times_ms, percent)) if self.times_ms else np.inf

    def __str__(self) -> str:
        p50, p99, longest = (self.percentile_ms(percent) for percent in (50, 99, 100))
        return (
            f"{len(self.times_ms)} responses, p50 {p50:.0f} ms, p99 {p99:.0f} ms, "
            f"at most {longest:.0f} ms, {self.failures} missing"
        )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The results of a load test.

    Attributes:
        uploads: number of uploaded photos.
        own_answers: number of uploads that got their own result.
        faces_shown: faces shown by each live visitor.
        faces_named: faces labeled for each live visitor.
        health: health checks while many visitors were connected.
        memory_mb: memory of the server after each session, without the warm-up.
        was_refused: whether the visitor without a place was told so.
    """

    uploads: int
    own_answers: int
    faces_shown: Sequence[int]
    faces_named: Sequence[int]
    health: Health
    memory_mb: Sequence[float]
    was_refused: bool

    def memory_halves_mb(self) -> tuple[float, float]:
        """Returns the median of the first half of the sessions, and of the second."""
        middle = len(self.memory_mb) // 2
        early, late = self.memory_mb[:middle], self.memory_mb[middle:]
        return statistics.median(early), statistics.median(late)

    def broken_promises(self) -> list[str]:
        """Returns a sentence for each requirement of the module's docstring that was not met."""
        promises = []
        if self.own_answers < self.uploads:
            missing = self.uploads - self.own_answers
            promises.append(f"{missing} of {self.uploads} uploads did not get their own result.")
        for number, (shown, named) in enumerate(
            zip(self.faces_shown, self.faces_named, strict=True), start=1
        ):
            if named != shown:
                promises.append(f"Live visitor {number} saw {named} of {shown} faces labeled.")
        if (p99 := self.health.percentile_ms(99)) > HEALTH_P99_LIMIT_MS:
            promises.append(f"Health p99 is {p99:.0f} ms, over {HEALTH_P99_LIMIT_MS} ms.")
        if self.health.failures:
            promises.append(f"{self.health.failures} health checks got no response.")
        early, late = self.memory_halves_mb()
        if late > (1 + MEMORY_GROWTH_LIMIT) * early:
            growth = late / early - 1
            promises.append(f"Memory grew by {growth:.0%}, over {MEMORY_GROWTH_LIMIT:.0%}.")
        if not self.was_refused:
            promises.append("The live visitor without a place was not told so.")
        return promises


def main(
    visitors: int = 20,
    live: int = 4,
    rounds: int = 5,
    cycles: Annotated[int, typer.Option(min=2)] = 200,
    port: int | None = None,
) -> None:
    """Runs the measurement; see the module's docstring."""
    os.environ["FER_MAX_LIVE_SESSIONS"] = str(live)
    print(machine())
    with serving_app(port) as server, ExitStack() as stack:
        with watched_health(server.address) as health, ExitStack() as cameras:
            give_way()
            playwright = stack.enter_context(sync_playwright())
            browser = stack.enter_context(launch_chromium(playwright))
            watchers = []
            for number in range(live + 1):
                seeing = cameras.enter_context(seeing_browser(playwright, faces_of(number)))
                page = seeing.new_page()
                page.set_default_timeout(WAIT_MS)
                watchers.append(page)
            for page in watchers[:live]:
                play_live(page, server.address)
            refused = was_refused(watchers[live], server.address)
            print(f"One more than {live} live: {'refused' if refused else 'not refused'}")
            right = 0
            for number in range(1, rounds + 1):
                began_s = time.monotonic()
                right += upload_at_once(browser, server.address, range(visitors))
                seconds = time.monotonic() - began_s
                print(f"round {number}: {right} own results so far, {seconds:.0f} s", flush=True)
            shown, named = [faces_of(number) for number in range(live)], []
            for page, faces in zip(watchers, shown, strict=False):
                named.append(named_live(page, faces))
                print(f"live {len(named)}: {named[-1]} of {faces} faces labeled")
                print(f"        {' | '.join(page.get_by_test_id('stMetric').all_inner_texts())}")
        print(f"{right} of {rounds * visitors} uploads got their own result")
        print(f"Health with all of them: {health}")
        right_alone, memory_mb = one_by_one(browser, server.address, server.process, cycles)
    outcome = Outcome(
        uploads=rounds * visitors + cycles,
        own_answers=right + right_alone,
        faces_shown=shown,
        faces_named=named,
        health=health,
        memory_mb=memory_mb[cycles // 5 :],
        was_refused=refused,
    )
    early, late = outcome.memory_halves_mb()
    print(f"Memory: {early:.0f} MB in the first half, {late:.0f} MB in the second. {machine()}")
    if promises := outcome.broken_promises():
        raise SystemExit("\n".join(promises))


def faces_of(number: int) -> int:
    """Returns the number of faces a live visitor shows."""
    return number % FACES_LIVE + 1


def photo_of(number: int) -> bytes:
    """Returns a visitor's photo, whose face is in the cell of that number."""
    row, column = divmod(number, COLUMNS)
    center = ((column + 0.5) * CELL, (row + 0.5) * CELL)
    face = PlacedFace(FER2013[number % len(FER2013)], center, CELL)
    return encode_png(sample_scene([face], width=COLUMNS * CELL, height=4 * CELL))


def upload_at_once(browser: Browser, address: str, numbers: Sequence[int]) -> int:
    """Uploads for all visitors at the same time and returns how many got their own result."""
    contexts = [browser.new_context(accept_downloads=True) for _ in numbers]
    pages = [open_upload(context.new_page(), address) for context in contexts]
    for page, number in zip(pages, numbers, strict=True):
        send_photo(page, number)
    right = sum(cell_of_answer(page) == number for page, number in zip(pages, numbers, strict=True))
    for context in contexts:
        context.close()
    return right


def open_upload(page: Page, address: str) -> Page:
    """Opens the upload page and consents."""
    page.set_default_timeout(WAIT_MS)
    visit(page, address, "upload")
    return page


def send_photo(page: Page, number: int) -> None:
    """Chooses a visitor's photo."""
    photo = FilePayload(name="photo.png", mimeType="image/png", buffer=photo_of(number))
    page.locator("input[type=file]").set_input_files(photo)


def cell_of_answer(page: Page) -> int | None:
    """Returns the cell of the face in the result; None without exactly one face or a result."""
    try:
        page.get_by_text("found", exact=False).first.wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download CSV").click()
    except TimeoutError:
        return None
    table = pd.read_csv(download.value.path())
    if len(table) != 1:
        return None
    face = table.iloc[0]
    column, row = (int((face[f"{axis}1"] + face[f"{axis}2"]) / 2 // CELL) for axis in "xy")
    return row * COLUMNS + column


def named_live(page: Page, faces: int) -> int:
    """Returns how many faces the live page labels, as soon as it is the expected number.

    Presses Start if the video is not running; 0 if it still does not run.
    """
    if not live_video_runs(page):
        print(f"The video does not run. Text of the page:\n{words_of(page)}")
        return 0
    panel = page.get_by_text("apparent expression", exact=False).or_(page.get_by_text("top label"))
    named = panel.filter(has_text="Face")
    with suppress(AssertionError):
        expect(named).to_have_count(faces, timeout=NAMED_WITHIN_MS)
        return faces
    return named.count()


def was_refused(page: Page, address: str) -> bool:
    """Returns whether a live visitor without a place is told so."""
    page.goto(f"{address}/live")
    page.get_by_role("button", name="I understand and agree").click()
    page.get_by_role("button", name="Start", exact=True).click()
    try:
        page.get_by_text(ADVICE["full"].title).wait_for()
    except TimeoutError:
        return False
    return True


def give_way() -> None:
    """Lowers the priority of this process and of all that it starts."""
    if sys.platform == "linux":  # as root, Chromium would reset niceness
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(19)


@contextmanager
def watched_health(address: str) -> Iterator[Health]:
    """Checks the server's health repeatedly, as a proxy does; returns the results at the end.

    Runs in a separate process, so that it does not wait for the browsers.
    """
    health = Health()
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    asking = context.Process(target=ask_for_health, args=(address, there))
    asking.start()
    there.close()  # so that nothing waits for a process that has ended
    try:
        yield health
    finally:
        here.send("enough")
        seen: Health = here.recv()
        health.times_ms, health.failures = seen.times_ms, seen.failures
        asking.join()


def ask_for_health(address: str, end: Connection) -> None:
    """Checks until a message arrives, and sends the results back."""
    health = Health()
    while not end.poll(HEALTH_EVERY_S):
        began_s = time.perf_counter()
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=10):
                health.times_ms.append((time.perf_counter() - began_s) * 1000)
        except OSError:
            health.failures += 1
    end.send(health)


def one_by_one(
    browser: Browser, address: str, process: int, cycles: int
) -> tuple[int, list[float]]:
    """Runs sessions that upload and leave.

    Returns:
        How many got their own result, and the server's memory after each session.
    """
    right, memory_mb = 0, []
    for number in range(cycles):
        right += upload_at_once(browser, address, [number % (4 * COLUMNS)])
        memory_mb.append(resident_mb(process))
        if (number + 1) % 20 == 0:
            print(f"{number + 1:4} sessions  {memory_mb[-1]:6.0f} MB", flush=True)
    return right, memory_mb


if __name__ == "__main__":
    typer.run(main)
