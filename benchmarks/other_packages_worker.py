"""Times one package; `other_packages.py` starts this in the interpreter that has it."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import cv2
import numpy as np

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.deepface_untrained import build_untrained  # noqa: E402

WARM_UP_CALLS = 5

Photo = Callable[[bytes], int]
Frame = Callable[[Any], int]
"""A function that labels the faces of a picture (RGB pixels) and returns their number."""


def main(package: str, folder: Path) -> None:
    """Loads the package, then times as many calls as each line of the input requests."""
    photo, frame, remark = load(package)
    data, frames = (folder / "photo.jpg").read_bytes(), np.load(folder / "frames.npy")
    numbers = count()
    calls: dict[str, Callable[[], int]] = {
        "photo": lambda: photo(data),
        "frame": lambda: frame(frames[next(numbers) % len(frames)]),
    }
    for call in calls.values():
        for _ in range(WARM_UP_CALLS):
            call()
    reply(remark=remark)
    for line in sys.stdin:
        request = json.loads(line)
        times_ms, found = [], 0
        for _ in range(request["calls"]):
            started = time.perf_counter()
            found += calls[request["kind"]]()
            times_ms.append((time.perf_counter() - started) * 1000)
        reply(times_ms=times_ms, faces=found / request["calls"])


def reply(**fields: Any) -> None:
    """Writes a line for `LineProcess`."""
    print("\n@reply " + json.dumps(fields), flush=True)


def load(package: str) -> tuple[Photo, Frame, str]:
    """Returns the functions for a photo and for a frame, and a remark."""
    if package.startswith("ours"):
        return ours(detect_every=1 if package.endswith("each frame") else 2)
    frame, remark = fer(package) if package.startswith("fer") else deepface(package)
    return lambda data: frame(decoded(data)), frame, remark


def decoded(data: bytes) -> Any:
    """Returns RGB pixels."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)


def ours(detect_every: int) -> tuple[Photo, Frame, str]:
    """Returns this project's functions for photos and for live video."""
    from fer_core.faces import LIVE_SIDE
    from fer_core.imaging import decode_image
    from fer_core.live.session import LiveSession, LiveSettings
    from fer_core.recognition.analyzer import load_analyzer

    photos, live = load_analyzer(), load_analyzer(longest_side=LIVE_SIDE)
    session = LiveSession(live, LiveSettings(detect_every=detect_every, budget_ms=1e9))
    times_s = count()
    return (
        lambda data: len(photos.analyze(decode_image(data)).faces),
        lambda frame: len(session.process(frame, next(times_s) / 25).analysis.faces),
        f"model {live.classifier.card.name}, detector {live.detector.name}",
    )


def fer(package: str) -> tuple[Frame, str]:
    """Returns the package `fer` with its default settings, or with MTCNN as detector."""
    if package.endswith("MTCNN"):
        import facenet_pytorch  # noqa: F401 (TensorFlow first, and some releases of Torch abort)
    from fer.fer import FER

    detector = FER(mtcnn=package.endswith("MTCNN"))
    return lambda frame: len(detector.detect_emotions(frame[:, :, ::-1].copy())), "default settings"


def deepface(package: str) -> tuple[Frame, str]:
    """Returns `deepface` with default settings, except that a missing face is not an error."""
    engine = package.split(", ")[1].lower()
    os.environ["DEEPFACE_BACKEND_ENGINE"] = engine
    from deepface import DeepFace
    from deepface.modules import modeling

    def frame(picture: Any) -> int:
        found = DeepFace.analyze(
            picture[:, :, ::-1].copy(), actions=["emotion"], enforce_detection=False, silent=True
        )
        # Without a face the whole picture is analyzed, with a confidence of 0.
        return sum(face["face_confidence"] > 0 for face in found)

    try:
        modeling.build_model("facial_attribute", "Emotion")
    except ValueError:
        build_untrained(engine)
        return (
            frame,
            "its emotion model has random weights (its own could not be downloaded)",
        )
    return frame, "default settings"


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
