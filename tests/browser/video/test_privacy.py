"""What a visitor shows leaves no trace: not on the disk, not in a log, not on the network.

One visit, seen from all sides: live video and a picture from a camera that sees bars, photos and
a clip with names and pixels that nothing else has, and a place in the photos' EXIF. Then a second
visitor just closes the tab. The server has a home, a temporary and a cache folder of its own, is
watched from within, and its whole memory is searched from outside.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from itertools import repeat
from pathlib import Path
from urllib.parse import urlsplit

import ifaddr
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, Playwright, expect

from fer_core.faces.sample_faces import sample_sheet
from fer_core.imaging import decode_image
from fer_core.video.reader import VideoReader
from tests.browser.camera import HEIGHT, WIDTH, write_camera_file
from tests.browser.chromium import launch_chromium
from tests.browser.conftest import PROJECT, WAIT_MS, running_app
from tests.browser.memory import FORGETS_WHAT_IS_FREED, forms_of, found_in_memory
from tests.browser.pages import record_live_video, settle
from tests.browser.video.test_live import CAMERA_RUNS
from tests.browser.watched import Watch
from tests.clips import make_clip, scene
from tests.unit.fer_core.benchmark.photos.labeled import zip_of
from tests.watched_server.bars import draw_bars, shows_bars

pytestmark = pytest.mark.flaky(reruns=1)  # a real network, on a machine that may be busy

NAME = "canary-7f31c09ad2.jpg"
CLIP_NAME = "canary-62b0c4f7e5.mp4"
WORDS = "seen only in the EXIF of 4be19d"
LATITUDE = (48.0, 51.0, 29.517)
_STRIP, _OWN_STRIP = 640, 64
BARS = 120

PHOTO_PAGES = ("Compare models", "Robustness", "Preprocessing")
"""Pages beside Upload on which a visitor may show a photo, by their links."""

KEPT_S = 3
"""So long the server keeps the session of a closed tab; two minutes unless it is told otherwise."""


@dataclass
class Visit:
    """All that was seen of it.

    Attributes:
        folders: home, temporary and cache folder of the server.
        printed: what the server printed.
        watch: what it did and held.
        canaries: byte strings that would give photo or clip away, by what they are.
        of_clip: others of the clip, for a search from outside.
        downloads: every file that the upload page offered, by its name.
        requested: every address that the browser asked for.
        held_recorded, held_before, held_after: canaries and the kinds of objects in which they were
            in memory: with a recording of the live video, before and after clearing.
        searched_before, searched_after, searched_closed: forms in which photos and clip were found
            in the whole memory: before and after clearing, and after a second visitor closed the
            tab.
        shown_status: of the addresses of a shown picture and a shown clip, before and after
            clearing.
    """

    folders: Path
    printed: Path
    watch: Watch
    canaries: dict[str, bytes]
    of_clip: dict[str, bytes]
    started_s: float
    downloads: dict[str, bytes] = field(default_factory=dict)
    requested: list[str] = field(default_factory=list)
    held_recorded: list[str] = field(default_factory=list)
    held_before: list[str] = field(default_factory=list)
    held_after: list[str] = field(default_factory=list)
    searched_before: set[str] = field(default_factory=set)
    searched_after: set[str] | None = None
    searched_closed: set[str] | None = None
    shown_status: list[int] = field(default_factory=list)

    def held(self) -> list[str]:
        """Asks the server what its memory holds of camera, photo and clip."""
        names = [*self.canaries, "camera"]
        return [f"{names[number]} in {kind}" for number, kind in self.watch.held()]

    def searched(self) -> set[str]:
        """Searches the whole memory of the server for what every photo shows, and for the clip.

        Never for canaries: those the server has itself, to look for them from within.
        """
        at = len(sample_sheet()) + _STRIP // 2, 0
        wanted = forms_of(photo_row()) | self.of_clip
        return found_in_memory(self.watch.process, wanted, row=photo_row(), at=at)


def canary_camera(path: Path) -> Path:
    """A camera that sees an average face above bars."""
    bars = draw_bars(WIDTH, BARS)
    face = scene("happy", width=WIDTH, height=HEIGHT - BARS)
    return write_camera_file(path, repeat(np.vstack([face, bars]), 15))


def canary_photo(page: str = "Upload") -> bytes:
    """A sheet of average faces above noise, with a place and words in its EXIF.

    Most of the noise is in every photo, the last rows are in that of one page alone.
    """
    sheet = sample_sheet()
    width = sheet.shape[1]
    noise = np.random.default_rng(8141).integers(0, 256, (_STRIP, width, 3), np.uint8)
    own = np.random.default_rng(list(page.encode())).integers(
        0, 256, (_OWN_STRIP, width, 3), np.uint8
    )
    image = Image.fromarray(np.vstack([sheet, noise, own]))
    exif = Image.Exif()
    exif[0x010E] = WORDS
    exif.get_ifd(0x8825).update({1: "N", 2: LATITUDE, 3: "E", 4: (2.0, 17.0, 40.0)})
    stream = BytesIO()
    image.save(stream, "JPEG", quality=95, exif=exif, comment=WORDS)
    return stream.getvalue()


@cache
def photo_row() -> NDArray[np.uint8]:
    """Pixels of the noise that is in every photo: `(64, 3)` RGB."""
    return decode_image(canary_photo())[len(sample_sheet()) + _STRIP // 2, :64]


def canary_clip() -> bytes:
    """Twelve frames of an average face above a strip of noise."""
    face = scene("happy")
    noise = np.random.default_rng(2207).integers(0, 256, (80, face.shape[1], 3), np.uint8)
    return make_clip([np.vstack([face, noise])] * 12)


def canaries_of(photos: dict[str, bytes], clip: bytes) -> dict[str, bytes]:
    """Byte strings that would show that a photo or the clip was kept, whole or decoded.

    Args:
        photos: by the pages on which they are shown.
        clip: the clip.
    """
    canaries = {
        "name": NAME.encode(),
        "words of its EXIF": WORDS.encode(),
        "name of the clip": CLIP_NAME.encode(),
        **parts_of_clip(clip, 0),
    }
    for page, photo in photos.items():
        assert WORDS.encode() in photo
        assert len(photo) > 2**20  # larger files take another way through the server
        row = decode_image(photo)[-_OWN_STRIP // 2, :64]
        canaries |= {f"file on {page}": photo[-2000:][:64], f"pixels on {page}": row.tobytes()}
    return canaries


def parts_of_clip(clip: bytes, skipped: int) -> dict[str, bytes]:
    """Bytes of the file and pixels of a frame, some way from the first that could be taken."""
    with VideoReader(clip) as reader:
        row = next(reader.frames()).image()[-40, skipped:][:64]
    return {
        "clip": clip[len(clip) // 2 + skipped :][:64],
        "pixels of the clip": row.tobytes(),
        "pixels of the clip in BGR": row[:, ::-1].tobytes(),
    }


@pytest.fixture(scope="module")
def recorded(
    prepared_models_dir: Path,
    playwright: Playwright,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Visit]:
    """The visit, from the first page to the cleared session."""
    place = tmp_path_factory.mktemp("watched")
    photos = {page: canary_photo(page) for page in ("Upload", *PHOTO_PAGES, "Evaluate")}
    clip = canary_clip()
    record = Visit(
        place / "server",
        place / "printed",
        Watch(place / "watched"),
        canaries_of(photos, clip),
        parts_of_clip(clip, 100),
        time.time(),
    )
    for folder in ("home", "tmp"):
        (record.folders / folder).mkdir(parents=True)
    shutil.copytree(os.environ["FER_CACHE_DIR"], record.folders / "cache")
    (place / "canaries").write_text(
        "\n".join(canary.hex() for canary in record.canaries.values()), encoding="ascii"
    )
    camera = canary_camera(place / "camera.y4m")
    settings = {
        "HOME": str(record.folders / "home"),
        "TMPDIR": str(record.folders / "tmp"),
        "XDG_CACHE_HOME": str(record.folders / "home" / ".cache"),
        "FER_CACHE_DIR": str(record.folders / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "WATCH_CANARIES": str(place / "canaries"),
        "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(KEPT_S),
        **FORGETS_WHAT_IS_FREED,
        **record.watch.settings,
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
        show_camera(page, address, record)
        picture = show_photo(page, photos["Upload"], record)
        video = show_clip(page, clip, record)
        for link in PHOTO_PAGES:
            show_photo_on(page, link, photos[link])
        show_labeled_photos(page, photos["Evaluate"])
        clear(page, [picture, video], record)
        page.close()
        close_a_tab(browser, address, photos["Compare models"], record)
        yield record


def show_camera(page: Page, address: str, record: Visit) -> None:
    """Live video, and a single picture."""
    page.goto(f"{address}/live?live_threshold=0.0")
    page.get_by_role("button", name="I understand and agree").click()
    record_live_video(page)
    expect(page.get_by_role("button", name="Download MP4")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    record.held_recorded = record.held()  # not before: the video waits meanwhile
    page.get_by_role("radio", name="Snapshot").click()
    page.wait_for_function(CAMERA_RUNS)
    page.get_by_test_id("stCameraInputButton").click()
    expect(page.get_by_text("Face 1:")).to_be_visible()


def show_photo(page: Page, photo: bytes, record: Visit) -> str:
    """A photo with all that is offered for it; returns the address of what is shown of it."""
    page.get_by_role("link", name="Upload", exact=True).click()
    settle(page)
    file = FilePayload(name=NAME, mimeType="image/jpeg", buffer=photo)
    page.locator("input[type=file]").set_input_files([file])
    expect(page.get_by_text(re.compile(r"\d+ faces found"))).to_be_visible()
    settle(page)
    page.get_by_text("Explain").first.click()
    expect(page.get_by_text("By region of the face")).to_be_visible()
    settle(page)
    page.get_by_text("By region of the face").click()
    download_all(page, record, 3)  # the picture, the regions, the faces
    return address_of(page.locator("[data-testid=stImage] img").first, record)


def show_clip(page: Page, clip: bytes, record: Visit) -> str:
    """A clip with all that is offered for it; returns the address of what is shown of it."""
    page.get_by_role("radio", name="Video").click()
    settle(page)
    page.locator("[data-testid=stSlider] input").first.press("Home")  # so that there are events
    expect(page).to_have_url(re.compile("upload_threshold=0"))
    settle(page)
    file = FilePayload(name=CLIP_NAME, mimeType="video/mp4", buffer=clip)
    page.locator("input[type=file]").set_input_files([file])
    page.get_by_role("button", name="Analyze this video").click()
    expect(page.get_by_text("1 face tracked")).to_be_visible()
    page.get_by_role("button", name="Create annotated video").click()
    video = page.locator("[data-testid=stVideo]")
    expect(video).to_be_visible()
    settle(page)
    download_all(page, record, 3)  # the events, the rows, the video
    return address_of(video, record)


def show_photo_on(page: Page, link: str, photo: bytes) -> None:
    """A photo on a page that takes one among other faces."""
    page.get_by_role("link", name=link, exact=True).click()
    settle(page)
    page.get_by_role("radio", name="Your photo").click()
    file = FilePayload(name=NAME, mimeType="image/jpeg", buffer=photo)
    page.locator("input[type=file]").set_input_files([file])
    expect(page.get_by_text("Face number")).to_be_visible()
    settle(page)


def show_labeled_photos(page: Page, photo: bytes) -> None:
    """A ZIP of photos, of which the hardest are shown."""
    page.get_by_role("link", name="Evaluate", exact=True).click()
    settle(page)
    page.get_by_role("radio", name="Your photos").click()
    photos = {f"{label}/{NAME}": photo for label in ("happy", "sad")}
    archive = zip_of(photos, zipfile.ZIP_STORED)  # so that its bytes can be found again
    file = FilePayload(name=f"{NAME}.zip", mimeType="application/zip", buffer=archive)
    page.locator("input[type=file]").set_input_files([file])
    expect(page.get_by_text("2 photos")).to_be_visible()
    settle(page)
    page.get_by_role("radio", name="Hardest photos").click()
    expect(page.get_by_role("img", name="Photo labeled happy").first).to_be_visible()
    settle(page)


def clear(page: Page, addresses: list[str], record: Visit) -> None:
    """The end of the visit, and what is left of it."""
    record.held_before = record.held()
    record.searched_before = record.searched()
    page.get_by_role("button", name="Clear my data").click()
    expect(page.get_by_text("All data of this session was deleted.")).to_be_visible()
    settle(page)
    assert not urlsplit(page.url).query
    # The server keeps the browser's last message, which named the file, until the next one comes.
    page.mouse.move(900, 600)  # away from the button, whose help covers the menu
    page.get_by_role("link", name="Models & data").click()
    settle(page)
    record.shown_status += [page.request.get(address).status for address in addresses]
    record.held_after = record.held()
    record.searched_after = record.searched()


def close_a_tab(browser: Browser, address: str, photo: bytes, record: Visit) -> None:
    """Another visitor, who shows a photo and closes the tab; nobody else comes afterwards."""
    page = browser.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{address}/compare?compare_source=Your+photo")
    page.get_by_role("button", name="I understand and agree").click()
    file = FilePayload(name=NAME, mimeType="image/jpeg", buffer=photo)
    page.locator("input[type=file]").set_input_files([file])
    expect(page.get_by_text("Face number")).to_be_visible()
    settle(page)
    page.close()
    deadline = time.monotonic() + WAIT_MS / 1000
    time.sleep(KEPT_S + 1)
    while (found := record.searched()) and time.monotonic() < deadline:
        time.sleep(1)
    record.searched_closed = found


def download_all(page: Page, record: Visit, count: int) -> None:
    """Downloads every file that is offered, of which there are so many."""
    buttons = page.get_by_test_id("stDownloadButton").locator("visible=true").get_by_role("button")
    expect(buttons).to_have_count(count)
    for index in range(count):
        with page.expect_download() as download:
            buttons.nth(index).click()
        record.downloads[download.value.suggested_filename] = download.value.path().read_bytes()


def address_of(shown: Locator, record: Visit) -> str:
    """Returns where the browser has a picture or video from, which it can be fetched from."""
    address = str(shown.evaluate("element => element.currentSrc"))
    record.shown_status.append(shown.page.request.get(address).status)
    return address


def found_in(data: bytes, canaries: dict[str, bytes]) -> list[str]:
    found = [what for what, canary in canaries.items() if canary in data]
    return [*found, "camera"] if shows_bars(data) else found


def test_nothing_shown_is_on_the_disk(recorded: Visit) -> None:
    assert all(recorded.downloads.values())  # so there was something to keep
    changed = [
        path
        for root in (recorded.folders, PROJECT)
        for path in root.rglob("*")
        if path.is_file() and path.stat().st_mtime >= recorded.started_s
    ]
    written = {Path(path) for path in recorded.watch.seen("write")}
    for path in {path for path in [*changed, *written] if path.is_file()}:
        assert not found_in(path.read_bytes(), recorded.canaries), path
        assert not found_in(str(path).encode(), recorded.canaries), path


def test_the_server_opens_no_file_for_writing(recorded: Visit) -> None:
    assert set(recorded.watch.seen("write")) <= {os.devnull}


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
    for address in set(recorded.watch.seen("address")):
        if address in ("localhost", "None") or address.startswith("/"):
            continue
        ip = ipaddress.ip_address(address)
        assert ip.is_loopback or ip.is_unspecified or str(ip) in own, address
    # Python looks for a system library in this way; nobody else is asked to do anything.
    assert {Path(program).name for program in recorded.watch.seen("process")} <= {"ldconfig"}


def test_the_browser_is_sent_to_nobody(recorded: Visit) -> None:
    web = [urlsplit(url) for url in recorded.requested]
    assert any(url.scheme == "ws" for url in web)
    assert {url.hostname for url in web if url.scheme not in ("data", "blob")} == {"127.0.0.1"}


def test_what_is_downloaded_says_nothing_of_where_a_photo_was_taken(recorded: Visit) -> None:
    suffixes = {Path(name).suffix for name in recorded.downloads}
    assert {".png", ".csv", ".mp4"} <= suffixes
    for name, data in recorded.downloads.items():
        assert WORDS.encode() not in data, name
        assert b"Exif" not in data, name
        if name.endswith(".png"):
            with Image.open(BytesIO(data)) as image:
                assert dict(image.getexif()) == {}
                assert image.info == {}


def test_clearing_leaves_nothing_of_it_in_memory(recorded: Visit) -> None:
    shown = {"name in str", "name of the clip in str", "clip in bytes", "camera in bytes"}
    shown |= {f"file on {page} in bytes" for page in ("Upload", *PHOTO_PAGES, "Evaluate")}
    assert any(what.startswith("camera in") for what in recorded.held_recorded)
    assert shown <= set(recorded.held_before)
    assert recorded.held_after == []
    assert recorded.shown_status == [200, 200, 404, 404]


def test_clearing_leaves_nothing_of_it_anywhere_in_memory(recorded: Visit) -> None:
    assert {"RGB", "a JPEG or PNG", "clip"} <= recorded.searched_before
    assert recorded.searched_after == set()


def test_a_closed_tab_leaves_nothing_of_it_when_its_time_is_over(recorded: Visit) -> None:
    assert recorded.searched_closed == set()
