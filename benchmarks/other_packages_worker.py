"""Times one package; `other_packages.py` starts this in the interpreter that has it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import cv2
import numpy as np

WARM_UP_CALLS = 5

Photo = Callable[[bytes], int]
Frame = Callable[[Any], int]
"""A function that labels the faces of a picture (RGB pixels) and returns their number."""


def main(package: str, folder: Path) -> None:
    """Loads the package, then times as many calls as each line of the input requests."""
    replies, sys.stdout = sys.stdout, sys.stderr
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
    print(json.dumps(remark), file=replies, flush=True)
    for line in sys.stdin:
        kind, wanted = line.split()
        times_ms, found = [], 0
        for _ in range(int(wanted)):
            started = time.perf_counter()
            found += calls[kind]()
            times_ms.append((time.perf_counter() - started) * 1000)
        reply = {"times_ms": times_ms, "faces": found / int(wanted)}
        print(json.dumps(reply), file=replies, flush=True)


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
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
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
        with random_weights(engine):
            modeling.build_model("facial_attribute", "Emotion")
        return (
            frame,
            "its emotion model has random weights (its own could not be downloaded)",
        )
    return frame, "default settings"


@contextlib.contextmanager
def random_weights(engine: str) -> Iterator[None]:
    """Gives deepface an untrained network of its architecture instead of a download."""
    from deepface.commons import weight_utils

    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        file = str(Path(folder) / "emotion.onnx")
        if engine == "onnx":
            export_untrained(file)
        instead = {
            "download_weights_if_necessary": lambda **_: file,
            "load_model_weights": lambda model, **_: model,
        }
        for name, function in instead.items():
            stack.enter_context(mock.patch.object(weight_utils, name, new=function))
        yield


def export_untrained(file: str) -> None:
    """Writes deepface's architecture as ONNX, with channels last, as its pictures are."""
    import torch
    from deepface.models.demography.pytorch.Emotion import base_model

    # With one channel, channels last and channels first have the same memory layout.
    channels_first = [torch.nn.Flatten(), torch.nn.Unflatten(1, (1, 48, 48))]
    torch.onnx.export(
        torch.nn.Sequential(*channels_first, base_model()).eval(),
        (torch.zeros(1, 48, 48, 1),),
        file,
        input_names=["faces"],
        dynamic_axes={"faces": {0: "n"}},
        dynamo=False,
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
