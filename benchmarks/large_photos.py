"""Measures what the tiled search of large photos finds, and its cost.

python benchmarks/large_photos.py [--detector haar] [--patches FOLDER] [--without-faces PHOTO...]

Faces are placed on blotches, on a panorama and on other photos; "before" is detection on the whole
picture only. Without a folder of photos of one face each, the bundled average faces are used. The
photos of `--without-faces`, enlarged to 24 million pixels, and blotches and noise are used to count
false positives.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.measuring import machine  # noqa: E402
from fer_core.faces import (  # noqa: E402
    DETECTORS,
    Detections,
    Detector,
    HaarDetector,
    YuNetDetector,
    create_detector,
)
from fer_core.faces.sample_faces import load_samples  # noqa: E402
from fer_core.imaging import read_image  # noqa: E402

SCENES = {
    "panorama, 80 pixels": (12_000, 2_000, 120, 160),
    "panorama, 55 pixels": (12_000, 2_000, 120, 110),
    "24 megapixels, few large": (6_000, 4_000, 6, 1_300),
    "24 megapixels, 225 pixels": (6_000, 4_000, 60, 450),
    "24 megapixels, 110 pixels": (6_000, 4_000, 150, 220),
    "12 megapixels, 150 pixels": (4_000, 3_000, 20, 300),
    "2 megapixels": (1_920, 1_080, 6, 300),
}
"""Width, height, number of faces, side of the placed square; a face takes about half of it."""

Placed = list[tuple[int, int, int]]


def main() -> None:
    """Reads the options and prints one line per picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--detector", choices=DETECTORS, default=DETECTORS[0])
    parser.add_argument("--patches", type=Path, help="photos of one face each")
    parser.add_argument("--without-faces", type=Path, nargs="+", default=[])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()

    print(machine())
    before: Detector = YuNetDetector() if arguments.detector == "yunet" else HaarDetector()
    looks = before, create_detector(arguments.detector)
    patches = list(load_samples().values())
    if arguments.patches:
        patches = [read_image(file) for file in sorted(arguments.patches.iterdir())]
    for name, (width, height, count, side) in SCENES.items():
        image, placed = scene(patches, width, height, count, side)
        line = f"{name:<26} {len(placed):4} faces"
        for title, detector in zip(("before", "after"), looks, strict=True):
            found, wall_ms, processor_ms = timed(detector, image, arguments.repeats)
            hits, others = judged(found, placed)
            line += f" | {title} {hits:3} found, {others} false, {wall_ms:5.0f} ms"
            line += f" ({processor_ms:.0f} of processors)"
        print(line, flush=True)
    wrong = [0, 0]
    pictures = [blotches(6_000, 4_000, seed) for seed in range(3)]
    pictures += [noise(6_000, 4_000, grain) for grain in (1, 4, 16, 64)]
    for image in [*pictures, *(enlarged(read_image(file)) for file in arguments.without_faces)]:
        wrong = [sum_ + len(each.detect(image)) for sum_, each in zip(wrong, looks, strict=True)]
    count = len(pictures) + len(arguments.without_faces)
    print(f"{count} pictures without faces: false positives before {wrong[0]}, after {wrong[1]}")


def timed(
    detector: Detector, image: NDArray[np.uint8], repeats: int
) -> tuple[Detections, float, float]:
    """Returns the detections, and the minimum wall and processor time, in milliseconds."""
    found, times = detector.detect(image), []
    for _ in range(repeats):
        started, busy = time.perf_counter(), time.process_time()
        found = detector.detect(image)
        times.append((time.perf_counter() - started, time.process_time() - busy))
    wall, processor = np.min(times, axis=0) * 1000
    return found, float(wall), float(processor)


def scene(
    patches: list[NDArray[np.uint8]], width: int, height: int, count: int, side: int
) -> tuple[NDArray[np.uint8], Placed]:
    """Returns a picture with faces of sides within 30% of `side`, and their positions."""
    random = np.random.default_rng(count)
    image, placed = blotches(width, height, count), Placed()
    for index in range(count):
        size = round(side * random.uniform(0.7, 1.3))
        for _ in range(500):
            x, y = int(random.integers(width - size)), int(random.integers(height - size))
            if all(
                x + size <= a or a + s <= x or y + size <= b or b + s <= y for a, b, s in placed
            ):
                patch = patches[index % len(patches)]
                image[y : y + size, x : x + size] = cv2.resize(
                    patch, (size, size), interpolation=cv2.INTER_AREA
                )
                placed.append((x, y, size))
                break
    return image, placed


def judged(found: Detections, placed: Placed) -> tuple[int, int]:
    """Returns how many placed faces were found, and the number of duplicate or false boxes."""
    squares = np.array(placed)
    middles = (found.xyxy[:, :2] + found.xyxy[:, 2:]) / 2
    offset = middles[:, None] - squares[None, :, :2]
    is_inside = ((offset > 0) & (offset < squares[None, :, 2:])).all(axis=2)
    hits = int(is_inside.any(axis=0).sum())
    return hits, len(found) - hits


def blotches(width: int, height: int, seed: int) -> NDArray[np.uint8]:
    """Returns large and small blotches."""
    random = np.random.default_rng(seed)
    picture = np.full((height, width), 120, np.float32)
    for cells, contrast in ((5, 40), (40, 20), (300, 12)):
        grain = random.normal(0, contrast, (cells, cells)).astype(np.float32)
        picture += cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.repeat(np.clip(picture, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def noise(width: int, height: int, grain: int) -> NDArray[np.uint8]:
    """Returns colored noise with grains of `grain` pixels."""
    random = np.random.default_rng(grain)
    cells = random.integers(0, 256, (height // grain, width // grain, 3), np.uint8)
    size = (width, height)
    return np.asarray(cv2.resize(cells, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def enlarged(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns a photo at 24 million pixels."""
    factor = (24e6 / (image.shape[0] * image.shape[1])) ** 0.5
    large = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.uint8)


if __name__ == "__main__":
    main()
