"""Connects to the live video repeatedly, and prints what each connection leaves behind.

    python benchmarks/live_connects.py --rounds 50
    python benchmarks/live_connects.py --rounds 1 --at-once 3 --seconds 20 --faces 3
    python benchmarks/live_connects.py --rounds 1 --seconds 1800  # a line each minute

The app's side runs in this process with the app's own code: decoding, analysis, drawing, encoding.
Browsers are simulated by another process, which sends sample faces at 640x480 over real WebRTC.
Each round connects `--at-once` of them, runs, disconnects, waits briefly, and then counts threads,
open files, sockets and memory. Several at once show how many clients a machine can serve; "cores"
is the number of cores that each of them keeps busy.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import sys
import threading
import time
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import av
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole, MediaRelay
from streamlit_webrtc.webrtc import WebRtcMode, WebRtcWorker

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.measuring import files, growth, machine, status  # noqa: E402
from benchmarks.scenes import swaying_faces  # noqa: E402
from fer_core.faces import LIVE_SIDE, create_detector  # noqa: E402
from fer_core.live.frame_rates import LiveRates  # noqa: E402
from fer_core.live.session import LiveSession  # noqa: E402
from fer_core.recognition.analyzer import Analyzer  # noqa: E402
from fer_core.zoo.classifier import load_classifier  # noqa: E402
from fer_core.zoo.store import list_models  # noqa: E402
from pages.live.connection.feed import CameraFeed  # noqa: E402
from pages.live.connection.stream import LiveStream  # noqa: E402
from pages.session.slots import LiveSlots  # noqa: E402

SETTLE_S = 3.0


def main() -> None:
    """Reads the options and prints a line per round."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--at-once", type=int, default=1, help="connections at the same time")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long a connection runs")
    parser.add_argument("--faces", type=int, default=1)
    parser.add_argument("--fps", type=int, default=25, help="frames per second of each camera")
    parser.add_argument("--model", help="name of a saved model; by default the best")
    parser.add_argument("--detector", help="by default the best")
    arguments = parser.parse_args()

    best = list_models().default
    name = arguments.model or (best.name if best else sys.exit("There is no saved model."))
    classifier = load_classifier(name)
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    relay = MediaRelay()
    browsers, other_end = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=play_browsers, args=[other_end])
    process.start()

    held = [footprint(loop)]
    print(f"{machine()}, model {name}, {arguments.faces} faces")
    print(
        "round  results/s  age p50  age p95  dropped  cores"
        + "".join(f"{name:>11}" for name in held[0])
        + "  load"
    )
    print(f"start{'':45}{columns(held[0])}")
    for number in range(1, arguments.rounds + 1):
        feeds = [
            CameraFeed(
                LiveSession(
                    Analyzer(
                        classifier, create_detector(arguments.detector, longest_side=LIVE_SIDE)
                    )
                ),
                LiveSlots(),
            )
            for _ in range(arguments.at_once)
        ]
        rates, cores = connect(feeds, browsers, loop, relay, arguments)
        del feeds
        time.sleep(SETTLE_S)
        held.append(footprint(loop))
        for rate in rates:
            print(
                f"{number:5}  {rate.fps:9.1f}  {rate.age_ms_p50:4.0f} ms  {rate.age_ms_p95:4.0f} ms"
                f"  {rate.dropped:7.0%}  {cores / len(rates):5.2f}{columns(held[-1])}",
                flush=True,
            )
    browsers.send(None)
    process.join()
    warm = arguments.rounds // 5 + 1
    if arguments.rounds - warm > 1:
        grown = (f"{growth([of[what] for of in held], after=warm):+.3f} {what}" for what in held[0])
        print(f"Growth a round after the first {warm - 1}: {', '.join(grown)}")


def connect(
    feeds: list[CameraFeed],
    browsers: Connection[Any, Any],
    loop: asyncio.AbstractEventLoop,
    relay: MediaRelay,
    arguments: argparse.Namespace,
) -> tuple[list[LiveRates], float]:
    """Connects one browser per feed and lets them run.

    Returns:
        The rates of each connection, and how many cores this process kept busy on average.
    """
    browsers.send((len(feeds), arguments.faces, arguments.fps))
    workers = []
    for feed, sdp in zip(feeds, browsers.recv(), strict=True):
        worker = webrtc_worker(LiveStream(feed.on_frame, feed.on_ended), loop, relay)
        workers.append((worker, worker.process_offer(sdp, "offer", timeout=20).sdp))
    browsers.send([answer for _, answer in workers])
    time.sleep(min(1.0, arguments.seconds / 2))
    started_s, used_s = time.monotonic(), time.process_time()
    for minute in range(1, int(arguments.seconds // 60) + 1):
        time.sleep(max(0.0, started_s + 60 * minute - time.monotonic()))
        print(
            f"{minute:3} min {feeds[0].meter.rates(time.monotonic()).fps:7.1f}{'':35}"
            f"{columns(footprint(loop))}",
            flush=True,
        )
    time.sleep(max(0.0, started_s + arguments.seconds - time.monotonic()))
    cores = (time.process_time() - used_s) / (time.monotonic() - started_s)
    rates = [feed.meter.rates(time.monotonic()) for feed in feeds]
    browsers.send("stop")
    browsers.recv()
    for worker, _ in workers:
        worker.stop()
    return rates, cores


def webrtc_worker(
    stream: LiveStream, loop: asyncio.AbstractEventLoop, relay: MediaRelay
) -> WebRtcWorker[Any, Any]:
    """Returns the app's side of one connection, as `webrtc_streamer` creates it."""
    unused = (
        "rtc_configuration",
        "source_audio_track",
        "sink_audio_track",
        "source_video_track",
        "in_recorder_factory",
        "out_recorder_factory",
        "video_frame_callback",
        "audio_frame_callback",
        "queued_video_frames_callback",
        "queued_audio_frames_callback",
        "on_video_ended",
        "on_audio_ended",
        "video_processor_factory",
        "audio_processor_factory",
    )
    return WebRtcWorker(
        WebRtcMode.SENDRECV,
        sink_video_track=stream,
        player_factory=stream.player,
        async_processing=True,
        video_receiver_size=4,
        audio_receiver_size=4,
        sendback_video=True,
        sendback_audio=False,
        loop=loop,
        relay=relay,
        **dict.fromkeys(unused),
    )


def footprint(loop: asyncio.AbstractEventLoop) -> dict[str, float]:
    """Returns the resources that this process holds."""
    held, (opened, sockets) = status(), files()
    return {
        "threads": held["Threads"],
        "tasks": len(asyncio.all_tasks(loop)),
        "files": opened,
        "sockets": sockets,
        "memory MB": held["VmRSS"] / 1024,
    }


def columns(held: dict[str, float]) -> str:
    """Formats the resources for the table, with the load."""
    return "".join(f"{held[name]:11.0f}" for name in held) + f"{os.getloadavg()[0]:6.1f}"


def play_browsers(app: Connection[Any, Any]) -> None:
    """Connects as many browsers as the app's side requests, until it requests none."""
    asyncio.run(_play_browsers(app))


async def _play_browsers(app: Connection[Any, Any]) -> None:
    while (wanted := await asyncio.to_thread(app.recv)) is not None:
        count, faces, fps = wanted
        peers = [RTCPeerConnection() for _ in range(count)]
        screens = [MediaBlackhole() for _ in peers]
        for peer, screen in zip(peers, screens, strict=True):
            peer.addTrack(_Camera(faces, fps))
            peer.on("track", screen.addTrack)
            await peer.setLocalDescription(await peer.createOffer())
        app.send([peer.localDescription.sdp for peer in peers])
        answers = await asyncio.to_thread(app.recv)
        for peer, screen, sdp in zip(peers, screens, answers, strict=True):
            await peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
            await screen.start()
        await asyncio.to_thread(app.recv)
        for peer, screen in zip(peers, screens, strict=True):
            await screen.stop()
            await peer.close()
        app.send("stopped")


class _Camera(MediaStreamTrack):
    kind = "video"

    def __init__(self, faces: int, fps: int) -> None:
        super().__init__()
        self._fps = fps
        self._pictures = swaying_faces(faces, fps)
        self._started_s = time.monotonic()
        self._sent = 0

    async def recv(self) -> av.VideoFrame:
        due_s = self._started_s + self._sent / self._fps
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        frame = av.VideoFrame.from_ndarray(self._pictures[self._sent % self._fps], format="rgb24")
        frame.pts, frame.time_base = self._sent * 90_000 // self._fps, Fraction(1, 90_000)
        self._sent += 1
        return frame


if __name__ == "__main__":
    main()
