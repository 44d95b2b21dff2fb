"""Times the live path on this machine: a 640x480 frame in, faces tracked, classified and drawn.

    python benchmarks/frame_path.py
    python benchmarks/frame_path.py --faces 1 5 --models cnn mobilenet --every 1 2
    python benchmarks/frame_path.py --clip clip.mp4

Without a clip, the sample faces move in front of the camera. "Detect" and "track" are the times of
frames with detection and of those in between. The detection rate is fixed, however long they take.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.measuring import machine, p50_p95  # noqa: E402
from benchmarks.scenes import swaying_faces  # noqa: E402
from fer_core.drawing.boxes import draw_faces  # noqa: E402
from fer_core.faces import DETECTORS, LIVE_SIDE, create_detector  # noqa: E402
from fer_core.live.session import LiveSession, LiveSettings  # noqa: E402
from fer_core.recognition.analyzer import Analyzer  # noqa: E402
from fer_core.zoo.classifier import load_classifier  # noqa: E402
from fer_core.zoo.store import list_models  # noqa: E402

WARM_UP_FRAMES = 10
CAMERA_FPS = 25


def main() -> None:
    """Reads the options and prints a line for each combination."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clip", type=Path, help="a video file, shown in a loop")
    parser.add_argument("--faces", type=int, nargs="+", default=[1, 3, 5])
    parser.add_argument("--models", nargs="+", help="names of saved models; by default the best")
    parser.add_argument("--detectors", nargs="+", default=DETECTORS, choices=DETECTORS)
    parser.add_argument(
        "--every", type=int, nargs="+", default=[2], help="detect faces on every n-th frame"
    )
    parser.add_argument("--frames", type=int, default=200, help="how many to time")
    arguments = parser.parse_args()

    best = list_models().default
    names = arguments.models or ([best.name] if best else sys.exit("There is no saved model."))
    scenes = (
        {"clip": read_clip(arguments.clip)}
        if arguments.clip
        else {str(count): swaying_faces(count, CAMERA_FPS) for count in arguments.faces}
    )
    print(f"{machine()}, milliseconds\n")
    print(
        "detector  model        scene  every  faces/frame  detect p50   track p50  "
        "frame p50  frame p95  frames/s  load"
    )
    combinations = itertools.product(arguments.detectors, names, scenes, arguments.every)
    for detector, name, scene, every in combinations:
        analyzer = Analyzer(
            load_classifier(name), create_detector(detector, longest_side=LIVE_SIDE)
        )
        session = LiveSession(analyzer, LiveSettings(detect_every=every, budget_ms=1e9))
        label = f"{detector:8}  {name:11}  {scene:5}  {every:5}"
        time_session(session, scenes[scene], arguments.frames, label)


def time_session(
    session: LiveSession, frames: Sequence[NDArray[np.uint8]], count: int, label: str
) -> None:
    """Prints one line: times in milliseconds, frames per second from the mean time."""
    frame_ms, detected, faces = [], [], []
    looped = itertools.islice(itertools.cycle(frames), WARM_UP_FRAMES + count)
    for index, frame in enumerate(looped):
        started = time.perf_counter()
        result = session.process(frame, index / CAMERA_FPS)
        draw_faces(frame, result.analysis.faces, threshold=result.analysis.threshold, mirror=True)
        elapsed_ms = (time.perf_counter() - started) * 1000.0
        if index >= WARM_UP_FRAMES:
            frame_ms.append(elapsed_ms)
            detected.append(result.detected)
            faces.append(len(result.analysis.faces))
    times, looked = np.array(frame_ms), np.array(detected)
    follow = np.median(times[~looked]) if not looked.all() else np.nan
    p50, p95 = p50_p95(times)
    print(
        f"{label}  {np.mean(faces):11.2f}  {np.median(times[looked]):10.1f}  {follow:10.1f}  "
        f"{p50:9.1f}  {p95:9.1f}  {1000 / times.mean():8.1f}  {os.getloadavg()[0]:4.1f}"
    )


def read_clip(path: Path) -> list[NDArray[np.uint8]]:
    """Returns all frames of a short clip as 640x480 RGB."""
    capture = cv2.VideoCapture(str(path))
    frames = []
    while (read := capture.read())[0]:
        frames.append(fit(np.asarray(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB), np.uint8)))
    return frames or sys.exit(f"{path} is not a video that OpenCV can read.")


def fit(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Fits a picture into 640x480, like a camera: same aspect ratio, with bars."""
    factor = min(640 / image.shape[1], 480 / image.shape[0])
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    frame = np.zeros((480, 640, 3), np.uint8)
    top, left = (480 - small.shape[0]) // 2, (640 - small.shape[1]) // 2
    frame[top : top + small.shape[0], left : left + small.shape[1]] = small
    return frame


if __name__ == "__main__":
    main()
