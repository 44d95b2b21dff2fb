"""Compares the resizing of faces with OpenCV's: gray values, labels, time.

python benchmarks/resizing.py PHOTO_OR_CLIP...
python benchmarks/resizing.py assets/*.jpg assets/*.mp4 --models cnn

OpenCV averages over areas when downscaling and interpolates linearly when upscaling. Every model
classifies each face in both ways. Without files, the sample faces are used.
"""

from __future__ import annotations

import argparse
import sys
import timeit
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.detector_agreement import read_frames  # noqa: E402
from fer_core.faces import create_detector  # noqa: E402
from fer_core.faces.crop_geometry import crop_faces  # noqa: E402
from fer_core.faces.sample_faces import sample_sheet  # noqa: E402
from fer_core.preprocessing.preprocess import preprocess_batch  # noqa: E402
from fer_core.preprocessing.resizing import resize_gray  # noqa: E402
from fer_core.zoo.classifier import load_classifier  # noqa: E402
from fer_core.zoo.store import list_models  # noqa: E402

SIZE = 48
SIDES = (44, 96, 200, 480, 3000)
REPEATS = 20


def main() -> None:
    """Reads the options and prints one line per model and per size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="photos and clips")
    parser.add_argument("--models", nargs="+", help="names of saved models; by default all")
    arguments = parser.parse_args()

    pictures = [picture for file in arguments.files for picture in read_frames(file, 1)]
    detector = create_detector()
    faces = [
        np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8)
        for picture in pictures or [sample_sheet()]
        for crop in crop_faces(picture, detector.detect(picture))
    ]
    here, opencv = ([resize(face, SIZE) for face in faces] for resize in (resize_gray, by_opencv))
    most = max(
        int(np.abs(one.astype(int) - other).max()) for one, other in zip(here, opencv, strict=True)
    )
    print(f"{len(faces)} faces, gray values differ by at most {most}\n")
    print("model            other labels  largest difference of a probability")
    for name in arguments.models or [card.name for card in list_models().cards]:
        classifier = load_classifier(name)
        one, other = (
            classifier.predict(preprocess_batch(images, classifier.card.preprocessing))
            for images in (here, opencv)
        )
        changed = int((one.argmax(axis=1) != other.argmax(axis=1)).sum())
        print(f"{name:<16} {changed:>12}  {np.abs(one - other).max():.4f}")
    print(f"\nside  ours ms  OpenCV ms, to {SIZE} pixels")
    for side in SIDES:
        image = np.random.default_rng(0).integers(0, 256, (side, side), np.uint8)
        times = [
            min(timeit.repeat(lambda: resize(image, SIZE), number=1, repeat=REPEATS)) * 1000  # noqa: B023
            for resize in (resize_gray, by_opencv)
        ]
        print(f"{side:<5} {times[0]:7.3f}  {times[1]:9.3f}")


def by_opencv(gray: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Returns the same face, resized by OpenCV."""
    shrinks = min(gray.shape) >= size
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(gray, (size, size), interpolation=interpolation), np.uint8)


if __name__ == "__main__":
    main()
