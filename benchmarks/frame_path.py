"""Times the live path on this machine: a 640x480 frame in, faces found, classified and drawn.

    python benchmarks/frame_path.py
    python benchmarks/frame_path.py clip.mp4 --model cnn --frames 300

Without a clip the frame shows the seven sample faces.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from fer_core.analysis import Analyzer  # noqa: E402
from fer_core.classifier import load_classifier  # noqa: E402
from fer_core.drawing import draw_faces  # noqa: E402
from fer_core.faces import DETECTORS, LIVE_SIDE, create_detector  # noqa: E402
from fer_core.live import LiveSession  # noqa: E402
from fer_core.samples import sample_sheet  # noqa: E402
from fer_core.zoo import list_models  # noqa: E402

WARM_UP_FRAMES = 10


def main() -> None:
    """Reads the options and prints a table with one line per detector."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", nargs="?", type=Path, help="a video file, shown in a loop")
    parser.add_argument("--model", help="name of a saved model; by default the best")
    parser.add_argument("--detectors", nargs="+", default=DETECTORS, choices=DETECTORS)
    parser.add_argument("--frames", type=int, default=200, help="how many to time")
    arguments = parser.parse_args()

    best = list_models().default
    name = arguments.model or (best.name if best else sys.exit("There is no saved model."))
    classifier = load_classifier(name)
    frames = read_clip(arguments.clip) if arguments.clip else [fit(sample_sheet())]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, model {name}\n")
    print("detector  faces/frame  find p50  classify p50  frame p50  frame p95  frames/s")
    for detector in arguments.detectors:
        session = LiveSession(
            Analyzer(classifier, create_detector(detector, longest_side=LIVE_SIDE))
        )
        time_detector(session, itertools.cycle(frames), arguments.frames, detector)


def time_detector(
    session: LiveSession, frames: Iterator[NDArray[np.uint8]], count: int, detector: str
) -> None:
    """Prints one line: times in milliseconds, frames a second from the mean time."""
    frame_ms, find_ms, classify_ms, faces = [], [], [], []
    for index, frame in enumerate(itertools.islice(frames, WARM_UP_FRAMES + count)):
        started = time.perf_counter()
        result = session.process(frame, started)
        draw_faces(frame, result.analysis.faces, threshold=result.threshold)
        elapsed_ms = (time.perf_counter() - started) * 1000.0
        if index >= WARM_UP_FRAMES:
            frame_ms.append(elapsed_ms)
            find_ms.append(result.analysis.detection_ms)
            classify_ms.append(result.analysis.classification_ms)
            faces.append(len(result.analysis.faces))
    p50, p95 = np.percentile(frame_ms, (50, 95))
    print(
        f"{detector:8}  {np.mean(faces):11.2f}  {np.median(find_ms):8.1f}  "
        f"{np.median(classify_ms):12.1f}  {p50:9.1f}  {p95:9.1f}  {1000 / np.mean(frame_ms):8.1f}"
    )


def read_clip(path: Path) -> list[NDArray[np.uint8]]:
    """Returns all frames of a short clip as 640x480 RGB."""
    capture = cv2.VideoCapture(str(path))
    frames = []
    while (read := capture.read())[0]:
        frames.append(fit(np.asarray(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB), np.uint8)))
    return frames or sys.exit(f"{path} is no video that OpenCV can read.")


def fit(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns a picture within 640x480, as a camera would give it: same shape, bars around."""
    factor = min(640 / image.shape[1], 480 / image.shape[0])
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    frame = np.zeros((480, 640, 3), np.uint8)
    top, left = (480 - small.shape[0]) // 2, (640 - small.shape[1]) // 2
    frame[top : top + small.shape[0], left : left + small.shape[1]] = small
    return frame


if __name__ == "__main__":
    main()
