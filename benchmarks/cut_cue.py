"""Measures how well the cue that ends tracks separates cuts from other changes, and its cost.

    python benchmarks/cut_cue.py clip.mp4 other.mov photo.jpg group.jpg

A detector runs on every frame. "Step" compares a face with itself that many frames later; exposures
and shifts are simulated. "Others" compares the first faces of all files with each other, as at a
cut between them, unless two files show the same person. The lines below the table track a clip with
a simulated change; a clip of one person should have one track.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.measuring import machine, p50_p95  # noqa: E402
from fer_core.faces import (  # noqa: E402
    DETECTORS,
    LIVE_SIDE,
    Detections,
    Detector,
    create_detector,
)
from fer_core.imaging import read_image  # noqa: E402
from fer_core.tracking.continuity import (  # noqa: E402
    face,
    face_views,
    is_cut,
    similarity,
    surroundings,
)
from fer_core.tracking.tracker import FaceTracker  # noqa: E402
from fer_core.video.reader import VideoReader  # noqa: E402

WIDTH = 640
FPS = 30
PHOTOS = (".jpg", ".jpeg", ".png", ".webp")
STEPS = (1, 3, 6, 15, 30, 60)

Image = NDArray[np.uint8]
Pair = tuple[float, float]
Change = Callable[[Image], Image]


def brighter(factor: float, offset: float = 0.0) -> Change:
    """Returns a function that changes the exposure, with clipping."""
    return lambda image: np.clip(image * np.float32(factor) + offset, 0, 255).astype(np.uint8)


def shifted(x: int, y: int) -> Change:
    """Returns a function that moves the camera; the edge is repeated."""
    move = np.array([[1, 0, x], [0, 1, y]], np.float32)
    return lambda image: np.asarray(
        cv2.warpAffine(image, move, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


CHANGES: dict[str, Change] = {
    **{f"exposure x {factor:g}": brighter(factor) for factor in (0.1, 0.25, 0.5, 2, 3, 4, 6)},
    **{f"exposure {offset:+d}": brighter(1, offset) for offset in (-100, 80, 140)},
    **{f"shift by {x} px": shifted(x, x // 2) for x in (10, 30)},
    "motion blur 41 px": lambda image: np.asarray(cv2.blur(image, (41, 1)), np.uint8),
}


def main() -> None:
    """Reads the files and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+", help="clips and photos")
    parser.add_argument("--detectors", nargs="+", default=DETECTORS, choices=DETECTORS)
    arguments = parser.parse_args()
    print(machine())
    for name in arguments.detectors:
        detector = create_detector(name, longest_side=LIVE_SIDE)
        print(
            f"\n{name:32}  pairs  face: min    p5   p95   max   around: min    p5   p95   max  cuts"
        )
        measure(detector, arguments.files)


def measure(detector: Detector, files: list[Path]) -> None:
    """Prints one line for each change between two frames."""
    people: list[NDArray[np.uint8]] = []
    for path in files:
        frames = frames_of(path)
        found = [detector.detect(frame) for frame in frames]
        views = [face_views(*each) for each in zip(frames, found, strict=True)]
        people.extend(next((each for each in views if len(each)), ()))
        for step in STEPS if len(frames) > 1 else ():
            pairs = list(matched(found, views, step))
            show(f"{path.name}, step {step}", pairs, step / FPS)
        chosen = list(zip(frames, found, views, strict=True))[:: max(1, len(frames) // 12)]
        for name, change in CHANGES.items():
            pairs = []
            for frame, boxes, before in chosen:
                changed = change(frame)
                again = detector.detect(changed)
                now = face_views(changed, again)
                pairs += [(before[a], now[b]) for a, b in near(boxes, again)]
            show(f"{path.name}, {name}", pairs)
        if len(frames) > 1:
            time_cue(frames, found, views)
            show_tracks(detector, path.name, frames)
    show("others", list(itertools.combinations(people, 2)))


def show(name: str, pairs: list[tuple[Image, Image]], elapsed_s: float = 1 / FPS) -> None:
    """Prints the similarities of faces and surroundings, and how many pairs count as cuts."""
    if not pairs:
        print(f"{name:32}  {0:5}")
        return
    faces = [similarity(face(a), face(b), 3) for a, b in pairs]
    around = [similarity(surroundings(a), surroundings(b), 6) for a, b in pairs]
    values = [
        "  ".join(
            f"{value:4.2f}" for value in (min(each), *np.percentile(each, [5, 95]), max(each))
        )
        for each in (faces, around)
    ]
    cuts = sum(is_cut(a, b, elapsed_s) for a, b in pairs)
    print(f"{name:32}  {len(pairs):5}      {values[0]}         {values[1]}  {cuts:4}")


def matched(
    found: list[Detections], views: list[NDArray[np.uint8]], step: int
) -> Iterator[tuple[Image, Image]]:
    """Yields each face with the face in the same place `step` frames later."""
    for at in range(len(found) - step):
        for a, b in near(found[at], found[at + step]):
            yield views[at][a], views[at + step][b]


def near(first: Detections, second: Detections) -> Iterator[tuple[int, int]]:
    """Yields the faces of two frames in the same place, within half a face."""
    for a, b in itertools.product(range(len(first)), range(len(second))):
        corners = np.stack([first.xyxy[a], second.xyxy[b]]).reshape(2, 2, 2)
        distance = np.linalg.norm(np.diff(corners.mean(axis=1), axis=0))
        if distance < 0.5 * (corners[0, 1] - corners[0, 0]).mean():
            yield a, b


def show_tracks(detector: Detector, name: str, frames: list[Image]) -> None:
    """Prints how many tracks a clip has with a simulated change in the middle."""
    half = len(frames) // 4

    def when(at: range, change: Change) -> list[Image]:
        return [change(frame) if index in at else frame for index, frame in enumerate(frames)]

    ramp = np.linspace(0.3, 4, len(frames))
    cases = {
        "unchanged": frames,
        "flash of 2 frames, x 4": when(range(half, half + 2), brighter(4)),
        "flash of 6 frames, x 8": when(range(half, half + 6), brighter(8)),
        "exposure jump x 0.3": when(range(half, len(frames)), brighter(0.3)),
        "exposure jump x 3": when(range(half, len(frames)), brighter(3)),
        "exposure ramp x 0.3 to 4": [brighter(a)(b) for a, b in zip(ramp, frames, strict=True)],
        "pan, 4 px a frame": [shifted(140 - 4 * at, 0)(each) for at, each in enumerate(frames)],
        "pan, 15 px a frame": [
            shifted(round(150 * np.sin(at / 10)), 0)(each) for at, each in enumerate(frames)
        ],
        "a second dropped": frames[: len(frames) // 4] + frames[len(frames) // 4 + 30 :],
        "every 6th frame": frames[::6],
        "every 30th frame": frames[::30],
    }
    for case, shown in cases.items():
        tracker, ids = FaceTracker(), set()
        for at, frame in enumerate(shown):
            boxes = detector.detect(frame)
            ids |= {each.id for each in tracker.update(boxes, at / FPS, face_views(frame, boxes))}
        print(f"{name}, {case}: {len(ids)} tracks")


def time_cue(frames: list[Image], found: list[Detections], views: list[NDArray[np.uint8]]) -> None:
    """Prints the latency of the cue for one face on one frame."""
    times = []
    for at in range(1, len(frames)):
        if not (len(found[at]) and len(views[at - 1])):
            continue
        started = time.perf_counter()
        now = face_views(frames[at], found[at])
        is_cut(views[at - 1][0], now[0], 1 / FPS)
        times.append((time.perf_counter() - started) * 1000.0)
    if times:
        p50, p95 = p50_p95(times)
        print(
            f"{frames[0].shape[1]} x {frames[0].shape[0]}: {p50:.2f} ms, p95 {p95:.2f} ms a frame"
        )


def frames_of(path: Path) -> list[Image]:
    """Returns a clip's frames or a photo, `WIDTH` pixels wide."""
    if path.suffix.lower() in PHOTOS:
        return [fit(read_image(path))]
    with VideoReader(path) as reader:
        return [fit(frame.image()) for frame in reader.frames()]


def fit(image: Image) -> Image:
    """Returns a picture with a width of `WIDTH` pixels."""
    size = (WIDTH, round(image.shape[0] * WIDTH / image.shape[1]))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    main()
