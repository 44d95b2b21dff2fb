"""Runs the package `deepface` for an evaluation; started with the Python that has it.

The package downloads its weights on first use, to `~/.deepface` or `DEEPFACE_HOME`.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import version
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from deepface import DeepFace
from deepface.modules import modeling

CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


def main() -> None:
    """Loads the weights, describes the package, then replies to one photo per line of the input."""
    modeling.build_model(task="facial_attribute", model_name="Emotion")
    run("Default settings; where it finds the faces, with its OpenCV detector.")


def run(*notes: str) -> None:
    """Speaks the protocol; `notes` are sentences for the reader of the evaluation."""
    title = {"name": "deepface", "version": version("deepface")}
    reply(protocol=1, **title, classes=CLASSES, notes=notes)
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


def faces(photo: str, pre_cropped: bool) -> list[dict[str, Any]]:
    """Returns the faces of a photo with their boxes and probabilities."""
    analyzed = DeepFace.analyze(
        photo,
        actions=["emotion"],
        detector_backend="skip" if pre_cropped else "opencv",
        enforce_detection=False,
        silent=True,
    )
    found = []
    for face in analyzed:
        # Without a face the whole photo is analyzed, with a confidence of 0.
        if pre_cropped or face["face_confidence"] > 0:
            left, top, width, height = (int(face["region"][side]) for side in "xywh")
            found.append(
                {
                    "box": [left, top, left + width, top + height],
                    "probabilities": [float(face["emotion"][name]) / 100 for name in CLASSES],
                }
            )
    return found


if __name__ == "__main__":
    main()
