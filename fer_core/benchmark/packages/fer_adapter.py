"""Runs the package `fer` for an evaluation; started with the Python that has it.

The package rounds probabilities to two decimals. A photo is what OpenCV reads from the file.
"""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from importlib.metadata import version
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import numpy as np
from fer.fer import FER

CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


def main() -> None:
    """Describes the package, then replies to one photo per line of the input."""
    detector(False)
    notes = ["Default settings; where it finds the faces, with OpenCV's Haar cascade."]
    reply(protocol=1, name="fer", version=version("fer"), classes=CLASSES, notes=notes)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            found = faces(request["photo"], request["pre_cropped"])
            reply(id=request["id"], faces=found)
        except Exception as error:
            reply(id=request["id"], error=str(error) or type(error).__name__)


def reply(**fields: Any) -> None:
    """Writes one reply, on a line of its own whatever the package has printed."""
    print("\n@reply " + json.dumps(fields), flush=True)


@cache
def detector(pre_cropped: bool) -> Any:
    """Returns the package's detector, which otherwise adds ten pixels around each face."""
    return FER(offsets=(0, 0)) if pre_cropped else FER()


def faces(photo: str, pre_cropped: bool) -> list[dict[str, Any]]:
    """Returns the faces of a photo with their boxes and probabilities."""
    pixels = cv2.imdecode(np.fromfile(photo, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError("OpenCV cannot read the photo.")
    height, width = pixels.shape[:2]
    given = [(0, 0, width, height)] if pre_cropped else None
    found = []
    for face in detector(pre_cropped).detect_emotions(pixels, face_rectangles=given):
        left, top, width, height = (int(value) for value in face["box"])
        found.append(
            {
                "box": [left, top, left + width, top + height],
                "probabilities": [face["emotions"][name] for name in CLASSES],
            }
        )
    return found


if __name__ == "__main__":
    main()
