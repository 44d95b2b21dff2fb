"""What a visitor shows leaves no trace: not on the disk, not in a log, not on the network.

One visit, recorded from all sides: live video, a picture from the camera, and a photo with a name
and pixels that nothing else has, and with a place in its EXIF. The server has a home, a temporary
and a cache folder of its own, and is watched from within.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import repeat
from pathlib import Path
from urllib.parse import urlsplit

import ifaddr
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, Playwright, expect

from fer_core.images import decode_image
from fer_core.samples import load_samples, sample_sheet
from tests.browser.camera import write_camera_file
from tests.browser.chromium import launch_chromium
from tests.browser.conftest import PROJECT, WAIT_MS, running_app
from tests.browser.pages import record_live_video, settle
from tests.browser.test_live import CAMERA_RUNS

NAME = "canary-7f31c09ad2.jpg"
WORDS = "seen only in the EXIF of 4be19d"
LATITUDE = (48.0, 51.0, 29.517)
_STRIP = 640


@dataclass
class Visit:
    """All that was seen of it.

    Attributes:
        folders: home, temporary and cache folder of the server.
        printed: what the server printed.
        watched: what it did: kind and subject, see `tests/watched_server`.
        canaries: byte strings that would give the photo away, by what they are.
        downloads: every file that the upload page offered, by its name.
        requested: every address that the browser asked for.
        held_before, held_after: kinds of objects with a canary in them, before and after clearing.
        picture_status: of the address of a shown picture, before and after clearing.
    """

    folders: Path
    printed: Path
    watched: Path
    canaries: dict[str, bytes]
    started_s: float
    downloads: dict[str, bytes] = field(default_factory=dict)
    requested: list[str] = field(default_factory=list)
    held_before: list[str] = field(default_factory=list)
    held_after: list[str] = field(default_factory=list)
    picture_status: list[int] = field(default_factory=list)

    def seen(self, kind: str) -> list[str]:
        """Subjects of one kind, in the order in which they were seen."""
        lines = [json.loads(line) for line in self.watched.read_text().splitlines()]
        return [subject for what, subject in lines if what == kind]


def canary_photo() -> bytes:
    """A sheet of average faces above a strip of noise, with a place and words in its EXIF."""
    sheet = sample_sheet()
    noise = np.random.default_rng(8141).integers(0, 256, (_STRIP, sheet.shape[1], 3), np.uint8)
    image = Image.fromarray(np.vstack([sheet, noise]))
    exif = Image.Exif()
    exif[0x010E] = WORDS
    exif.get_ifd(0x8825).update({1: "N", 2: LATITUDE, 3: "E", 4: (2.0, 17.0, 40.0)})
    stream = BytesIO()
    image.save(stream, "JPEG", quality=95, exif=exif, comment=WORDS)
    return stream.getvalue()


def canaries_of(photo: bytes) -> dict[str, bytes]:
    """Byte strings that would show that a photo was kept, whole or decoded."""
    row = decode_image(photo)[-_STRIP // 2, :64]
    assert WORDS.encode() in photo
    assert len(photo) > 2**20  # larger files take another way through the server
    return {
        "name": NAME.encode(),
        "words of its EXIF": WORDS.encode(),
        "file": photo[len(photo) // 2 :][:64],
        "pixels": row.tobytes(),
        "pixels in BGR": row[:, ::-1].tobytes(),
    }


@pytest.fixture(scope="module")
def recorded(
    prepared_models_dir: Path,
    playwright: Playwright,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Visit]:
    """The visit, from the first page to the cleared session."""
    place = tmp_path_factory.mktemp("watched")
    photo = canary_photo()
    record = Visit(
        place / "server", place / "printed", place / "watched", canaries_of(photo), time.time()
    )
    for folder in ("home", "tmp"):
        (record.folders / folder).mkdir(parents=True)
    shutil.copytree(os.environ["FER_CACHE_DIR"], record.folders / "cache")
    (place / "canaries").write_text(
        "\n".join(canary.hex() for canary in record.canaries.values()), encoding="ascii"
    )
    camera = write_camera_file(place / "camera.y4m", repeat(load_samples()["happy"], 15))
    settings = {
        "HOME": str(record.folders / "home"),
        "TMPDIR": str(record.folders / "tmp"),
        "XDG_CACHE_HOME": str(record.folders / "home" / ".cache"),
        "FER_CACHE_DIR": str(record.folders / "cache"),
        "PYTHONPATH": str(PROJECT / "tests" / "watched_server"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "WATCH_LOG": str(record.watched),
        "WATCH_CANARIES": str(place / "canaries"),
    }
    with (
        record.printed.open("wb") as output,
        running_app(prepared_models_dir, output=output, **settings) as address,
        launch_chromium(playwright, camera) as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(WAIT_MS)
        page.on("request", lambda request: record.requested.append(request.url))
        page.on("websocket", lambda socket: record.requested.append(socket.url))
        show_everything(page, address, photo, record)
        yield record


def show_everything(page: Page, address: str, photo: bytes, record: Visit) -> None:
    """The visit itself."""
    page.goto(f"{address}/live?live_threshold=0.0")
    page.get_by_role("button", name="I understand and agree").click()
    record_live_video(page)
    expect(page.get_by_role("button", name="Download MP4")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("radio", name="Single picture").click()
    page.wait_for_function(CAMERA_RUNS)
    page.get_by_test_id("stCameraInputButton").click()
    expect(page.get_by_text("Face 1:")).to_be_visible()

    page.get_by_role("link", name="Upload", exact=True).click()
    settle(page)
    file = FilePayload(name=NAME, mimeType="image/jpeg", buffer=photo)
    page.locator("input[type=file]").set_input_files([file])
    expect(page.get_by_text(re.compile(r"\d+ faces found"))).to_be_visible()
    settle(page)
    page.get_by_text("Why?").first.click()
    expect(page.get_by_text("By region of the face")).to_be_visible()
    settle(page)
    page.get_by_text("By region of the face").click()
    buttons = page.get_by_test_id("stDownloadButton").locator("visible=true").get_by_role("button")
    expect(buttons).to_have_count(3)  # the picture, the regions, the faces
    for index in range(3):
        with page.expect_download() as download:
            buttons.nth(index).click()
        record.downloads[download.value.suggested_filename] = download.value.path().read_bytes()

    picture = page.locator("[data-testid=stImage] img").first.evaluate("image => image.src")
    record.picture_status.append(page.request.get(picture).status)
    record.held_before = held(record)
    page.get_by_role("button", name="Clear my data").click()
    expect(page.get_by_text("Everything of this visit is cleared.")).to_be_visible()
    settle(page)
    # The server keeps the browser's last message, which named the file, until the next one comes.
    page.mouse.move(900, 600)  # away from the button, whose help covers the menu
    page.get_by_role("link", name="Models & data").click()
    settle(page)
    record.picture_status.append(page.request.get(picture).status)
    record.held_after = held(record)


def held(record: Visit) -> list[str]:
    """Asks the server what its memory holds of the photo."""
    known = len(record.seen("held"))
    os.kill(int(record.seen("pid")[0]), signal.SIGUSR1)
    deadline = time.monotonic() + WAIT_MS / 1000
    while len(record.seen("held")) == known:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return list(record.seen("held")[-1])


def found_in(data: bytes, canaries: dict[str, bytes]) -> list[str]:
    return [what for what, canary in canaries.items() if canary in data]


def test_nothing_shown_is_on_the_disk(recorded: Visit) -> None:
    assert all(recorded.downloads.values())  # so there was something to keep
    changed = [
        path
        for root in (recorded.folders, PROJECT)
        for path in root.rglob("*")
        if path.is_file() and path.stat().st_mtime >= recorded.started_s
    ]
    written = {Path(path) for path in recorded.seen("write")}
    for path in {path for path in [*changed, *written] if path.is_file()}:
        assert not found_in(path.read_bytes(), recorded.canaries), path
        assert not found_in(str(path).encode(), recorded.canaries), path


def test_the_server_opens_no_file_for_writing(recorded: Visit) -> None:
    assert set(recorded.seen("write")) <= {os.devnull}


def test_nothing_shown_is_in_a_log(recorded: Visit) -> None:
    printed = recorded.printed.read_bytes()
    assert b"http" in printed  # the server does say where it is
    assert not found_in(printed, recorded.canaries)


def test_the_server_calls_nobody(recorded: Visit) -> None:
    own = {
        str(ip.ip if isinstance(ip.ip, str) else ip.ip[0])
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    }
    for address in set(recorded.seen("address")):
        if address in ("localhost", "None") or address.startswith("/"):
            continue
        ip = ipaddress.ip_address(address)
        assert ip.is_loopback or ip.is_unspecified or str(ip) in own, address
    # Python looks for a system library in this way; nobody else is asked to do anything.
    assert {Path(program).name for program in recorded.seen("process")} <= {"ldconfig"}


def test_the_browser_is_sent_to_nobody(recorded: Visit) -> None:
    web = [urlsplit(url) for url in recorded.requested]
    assert any(url.scheme == "ws" for url in web)
    assert {url.hostname for url in web if url.scheme not in ("data", "blob")} == {"127.0.0.1"}


def test_what_is_downloaded_says_nothing_of_where_a_photo_was_taken(recorded: Visit) -> None:
    suffixes = {Path(name).suffix for name in recorded.downloads}
    assert {".png", ".csv"} <= suffixes
    for name, data in recorded.downloads.items():
        assert WORDS.encode() not in data, name
        assert b"Exif" not in data, name
        if name.endswith(".png"):
            with Image.open(BytesIO(data)) as image:
                assert dict(image.getexif()) == {}
                assert image.info == {}


def test_clearing_leaves_nothing_of_it_in_memory(recorded: Visit) -> None:
    assert {"bytes", "str"} <= set(recorded.held_before)
    assert recorded.held_after == []
    assert recorded.picture_status == [200, 404]
