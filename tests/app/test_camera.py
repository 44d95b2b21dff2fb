"""Between browser and live session: frames, the connection's two ends, places, servers."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamError
from numpy.typing import NDArray

from benchmarks.live_connects import webrtc_worker
from fer_core.errors import FerError
from fer_core.faces import Detections
from fer_core.live.session import LiveSession
from fer_core.recognition.analyzer import Analyzer
from pages.live.connection.feed import CameraFeed, Overlay
from pages.live.connection.ice import has_relay, ice_servers
from pages.live.connection.stream import ArrivedFrame, LiveStream
from pages.session.slots import EXPIRES_S, LiveSlots, max_live_sessions
from tests.stand_ins import FixedDetector, brightness_classifier, dark_and_bright


@pytest.fixture
def slots() -> LiveSlots:
    return LiveSlots()


@pytest.fixture
def feed(slots: LiveSlots) -> CameraFeed:
    detector = FixedDetector((10, 40, 50, 80))
    return CameraFeed(LiveSession(Analyzer(brightness_classifier(), detector)), slots)


def arrived(dropped: int = 0) -> ArrivedFrame:
    frame = av.VideoFrame.from_ndarray(dark_and_bright(), format="rgb24")
    return ArrivedFrame(frame, time.monotonic(), dropped)


def colored(frame: av.VideoFrame) -> NDArray[np.intp]:
    """The columns in which something is drawn; the picture itself has hardly any colour."""
    image = frame.to_ndarray(format="rgb24").astype(int)
    return np.flatnonzero((np.ptp(image, axis=2) > 60).any(axis=0))


def test_a_frame_comes_back_with_the_result_drawn_on_it(feed: CameraFeed) -> None:
    feed.overlay = Overlay(style="boxes", mirror=False)
    columns = colored(feed.on_frame(arrived()))
    assert columns.min() < 20
    assert feed.failures == 0
    assert feed.session.latest is not None
    assert len(feed.session.latest.analysis.faces) == 1


def test_in_a_mirror_the_box_is_on_the_other_side(feed: CameraFeed) -> None:
    feed.overlay = Overlay(style="boxes", mirror=True)
    assert colored(feed.on_frame(arrived())).max() > 180


def test_who_sees_that_it_has_ended_finds_all_given_back() -> None:
    given_back: list[None] = []

    def give_back() -> None:
        time.sleep(0.05)
        given_back.append(None)

    stream = LiveStream(lambda each: each.frame, give_back)
    ending = threading.Thread(target=stream.stop)
    ending.start()
    while not stream.has_ended:
        time.sleep(0.001)
    assert given_back
    ending.join()


def test_visitor_and_connection_may_end_at_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another thread does while this one stops the player's track, it does itself here."""
    stream = LiveStream(lambda each: each.frame, lambda: None)

    async def end_twice() -> None:
        worker: Any = webrtc_worker(stream, asyncio.get_running_loop(), MediaRelay())
        worker._player = stream.player()

        def stop() -> None:
            monkeypatch.undo()
            worker._unset_processors()

        stream.stop()
        monkeypatch.setattr(stream.results, "stop", stop)
        worker._unset_processors()
        await worker.pc.close()

    asyncio.run(end_twice())
    assert stream.results.readyState == "ended"


def test_frames_are_measured_and_kept_for_the_timeline_and_recordings(feed: CameraFeed) -> None:
    feed.results.start()
    feed.clip.start()
    for _ in range(4):
        feed.on_frame(arrived(dropped=2))
        time.sleep(0.01)
    feed.on_ended()
    rates = feed.meter.rates(time.monotonic())
    assert rates.dropped_total == 8
    assert rates.age_ms_p95 >= rates.latency_ms > 0
    assert feed.timeline.snapshot(time.monotonic()).track_ids == (1,)
    recording, clip = feed.results.recording(), feed.clip.clip
    assert recording is not None
    assert recording.frames == 4
    assert clip is not None
    assert not feed.results.is_recording
    assert not feed.clip.is_recording


def test_a_frame_that_fails_comes_back_as_it_was_and_is_counted(feed: CameraFeed) -> None:
    class Broken(FixedDetector):
        def detect(self, image: NDArray[np.uint8]) -> Detections:
            raise RuntimeError("no detector today")

    feed.session.configure(analyzer=Analyzer(brightness_classifier(), Broken()))
    frame = arrived()
    assert feed.on_frame(frame) is frame.frame
    assert feed.on_frame(frame) is frame.frame
    assert feed.failures == 2


def test_a_feed_renews_its_place_with_frames_and_gives_it_back_at_the_end(
    feed: CameraFeed, slots: LiveSlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("pages.session.slots.time.monotonic", lambda: now[0])
    assert slots.acquire(feed, 1)
    now[0] += EXPIRES_S - 1
    slots.renew(feed)
    now[0] += EXPIRES_S - 1
    assert not slots.acquire("another", 1)
    feed.on_ended()
    assert slots.acquire("another", 1)
    now[0] += EXPIRES_S + 1
    assert slots.taken() == 0


def test_who_holds_a_place_may_ask_again(slots: LiveSlots) -> None:
    assert slots.acquire("a", 2)
    assert slots.acquire("b", 2)
    assert not slots.acquire("c", 2)
    assert slots.acquire("a", 2)
    slots.release("c")
    assert slots.taken() == 2


def test_the_cap_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FER_MAX_LIVE_SESSIONS", raising=False)
    assert max_live_sessions() >= 1
    monkeypatch.setenv("FER_MAX_LIVE_SESSIONS", "7")
    assert max_live_sessions() == 7


@pytest.mark.parametrize("setting", ["0", "-1", "many", "2.5"])
def test_an_invalid_limit_is_explained(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_MAX_LIVE_SESSIONS", setting)
    with pytest.raises(FerError, match="must be a whole number above 0"):
        max_live_sessions()


class Camera(MediaStreamTrack):
    """Sends black frames, numbered by their time, as fast as somebody takes them."""

    kind = "video"

    def __init__(self, frames: int) -> None:
        super().__init__()
        self._left, self._sent = frames, 0

    async def recv(self) -> av.VideoFrame:
        if not self._left:
            await asyncio.sleep(0.3)  # time for what is under way
            raise MediaStreamError
        await asyncio.sleep(0.002)
        frame = av.VideoFrame(64, 48, "yuv420p")
        frame.pts, frame.time_base = self._sent, Fraction(1, 90_000)
        self._left, self._sent = self._left - 1, self._sent + 1
        return frame


def run_stream(process: Callable[[ArrivedFrame], av.VideoFrame], frames: int) -> list[int | None]:
    """Streams to the end and returns the numbers of the frames that were sent back."""
    ended = threading.Event()

    async def run() -> list[int | None]:
        stream = LiveStream(process, ended.set)
        assert not stream.hasTrack()
        stream.addTrack(Camera(frames))
        assert stream.hasTrack()
        stream.start()
        back: list[int | None] = []
        while True:
            try:
                back.append((await asyncio.wait_for(stream.results.recv(), 10)).pts)
            except MediaStreamError:
                assert stream.has_ended
                return back

    back = asyncio.run(run())
    assert ended.is_set()
    return back


def test_every_result_goes_back_with_the_time_of_its_frame() -> None:
    back = run_stream(lambda arrived: av.VideoFrame(64, 48, "rgb24"), 20)
    assert back == sorted(back, key=lambda pts: pts or 0)
    assert back[-1] == 19


def test_while_it_is_busy_older_frames_give_way_to_newer_ones() -> None:
    dropped: list[int] = []

    def slow(arrived: ArrivedFrame) -> av.VideoFrame:
        dropped.append(arrived.dropped)
        time.sleep(0.05)
        return av.VideoFrame(64, 48, "rgb24")

    back = run_stream(slow, 60)
    assert len(back) < 15
    assert back[-1] == 59  # the newest one is never left out
    assert sum(dropped) + len(dropped) == 60


def test_when_it_is_stopped_its_thread_ends_and_nobody_waits_for_ever() -> None:
    before = threading.active_count()
    calls: list[str] = []

    async def run() -> None:
        stream = LiveStream(
            lambda arrived: av.VideoFrame(64, 48, "rgb24"), lambda: calls.append("ended")
        )
        stream.addTrack(Camera(10_000))
        stream.start()
        await stream.results.recv()
        await asyncio.to_thread(stream.stop)
        stream.stop()
        with pytest.raises(MediaStreamError):
            await asyncio.wait_for(stream.results.recv(), 10)

    asyncio.run(run())
    assert calls == ["ended"]
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() <= before


def test_soon_after_a_connection_rings_of_objects_are_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Ring:
        def __init__(self) -> None:
            self.itself = self

    monkeypatch.setattr("pages.live.connection.stream._CLOSED_AFTER_S", 0.1)
    gc.disable()
    try:
        left_behind = weakref.ref(Ring())
        run_stream(lambda arrived: av.VideoFrame(64, 48, "rgb24"), 1)
        deadline = time.monotonic() + 5
        while left_behind() is not None and time.monotonic() < deadline:
            time.sleep(0.02)
        assert left_behind() is None
    finally:
        gc.enable()


def test_no_server_is_asked_unless_somebody_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FER_ICE_SERVERS", raising=False)
    assert ice_servers() == []
    monkeypatch.setenv("FER_ICE_SERVERS", '[{"urls": "stun:stun.example.org"}]')
    assert ice_servers() == [{"urls": "stun:stun.example.org"}]


@pytest.mark.parametrize("setting", ["stun:stun.example.org", '{"urls": "x"}', "[1]", "[{}]"])
def test_an_invalid_server_setting_is_explained(
    setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FER_ICE_SERVERS", setting)
    with pytest.raises(FerError, match="must be a JSON list"):
        ice_servers()


def test_a_password_in_an_invalid_setting_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_ICE_SERVERS", '[{"credential": "hunter2"}]')
    with pytest.raises(FerError) as error:
        ice_servers()
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("urls", "relay"),
    [
        ("stun:stun.example.org", False),
        ("turn:turn.example.org:3478", True),
        (["stun:stun.example.org", "turns:turn.example.org"], True),
    ],
)
def test_a_relay_is_known_by_its_address(urls: str | list[str], relay: bool) -> None:
    assert has_relay([{"urls": urls}]) is relay
