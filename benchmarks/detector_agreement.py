"""Measures how often the predicted label of a face depends on the detector that found it.

python benchmarks/detector_agreement.py PHOTO_OR_CLIP...
python benchmarks/detector_agreement.py assets/*.jpg assets/*.mp4 --model cnn --every 2

Both detectors run on each picture; boxes that overlap (intersection over union of 0.3) are the same
face. Each model then classifies both crops. Without files, the sample faces are used.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from fer_core.faces import create_detector  # noqa: E402
from fer_core.faces.crop_geometry import crop_faces  # noqa: E402
from fer_core.faces.sample_faces import sample_sheet  # noqa: E402
from fer_core.preprocessing.preprocess import preprocess_batch  # noqa: E402
from fer_core.zoo.classifier import Classifier, load_classifier  # noqa: E402
from fer_core.zoo.store import list_models  # noqa: E402

SAME_FACE_IOU = 0.3

Crops = list[NDArray[np.uint8]]


def main() -> None:
    """Reads the options and prints one line per model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="photos and clips")
    parser.add_argument("--models", nargs="+", help="names of saved models; by default all")
    parser.add_argument("--every", type=int, default=1, help="use every n-th frame of a clip")
    arguments = parser.parse_args()

    pictures = [
        picture for file in arguments.files for picture in read_frames(file, arguments.every)
    ] or [sample_sheet()]
    yunet, haar = paired_crops(pictures)
    if not yunet:
        sys.exit("No face was found by both detectors.")
    print(f"{len(yunet)} faces found by YuNet and by Haar, in {len(pictures)} pictures\n")
    print("model          same label  mean difference of probabilities")
    for name in arguments.models or [card.name for card in list_models().cards]:
        one, other = (probabilities_of(load_classifier(name), crops) for crops in (yunet, haar))
        same = (one.argmax(axis=1) == other.argmax(axis=1)).mean()
        print(f"{name:<14} {same:10.1%}  {np.abs(one - other).sum(axis=1).mean() / 2:.3f}")


def read_frames(file: Path, every: int) -> Iterator[NDArray[np.uint8]]:
    """Yields every n-th frame of a clip, or a photo, as RGB."""
    with av.open(str(file)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index % every == 0:
                yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def paired_crops(pictures: list[NDArray[np.uint8]]) -> tuple[Crops, Crops]:
    """Returns the crops of the faces that both detectors found, in the same order."""
    detectors = create_detector("yunet"), create_detector("haar")
    pairs: tuple[Crops, Crops] = [], []
    for picture in pictures:
        found = [detector.detect(picture) for detector in detectors]
        overlap = intersection_over_union(found[0].xyxy, found[1].xyxy)
        rows, columns = linear_sum_assignment(-overlap)
        same = overlap[rows, columns] >= SAME_FACE_IOU
        for side, chosen in enumerate((rows[same], columns[same])):
            crops = crop_faces(picture, found[side])
            pairs[side].extend(crops[index] for index in chosen)
    return pairs


def intersection_over_union(
    one: NDArray[np.float32], other: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Returns the IoU of each box of `one`, `(n, 4)`, with each of `other`: `(n, m)`."""
    least = np.maximum(one[:, None, :2], other[None, :, :2])
    most = np.minimum(one[:, None, 2:], other[None, :, 2:])
    common = np.prod(np.clip(most - least, 0, None), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (one, other)]
    return np.asarray(common / (areas[0][:, None] + areas[1][None] - common), np.float32)


def probabilities_of(classifier: Classifier, crops: Crops) -> NDArray[np.float32]:
    """Returns the model's probabilities, `(n, classes)`."""
    return classifier.predict(preprocess_batch(crops, classifier.card.preprocessing))


if __name__ == "__main__":
    main()
