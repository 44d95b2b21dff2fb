"""The shipped adapters run with another Python, which has nothing of this project."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_core.benchmark.packages import ADAPTERS, MARKER, PackageCommand, PackageProcess

OWN_PACKAGES = {"fer": {"fer", "cv2", "numpy"}, "deepface": {"deepface"}}

FER = """
class FER:
    def __init__(self, offsets=(10, 10)):
        print("INFO: loading", end="")
        self.offsets = offsets

    def detect_emotions(self, img, face_rectangles=None):
        if face_rectangles is None:
            assert self.offsets == (10, 10)
            face_rectangles = [(4, 6, 20, 30)] if img.mean() > 100 else ()
        else:
            assert self.offsets == (0, 0)
        names = ("neutral", "surprise", "sad", "happy", "fear", "disgust", "angry")
        scores = dict(zip(names, (0.7, 0.2, 0.1, 0.0, 0.0, 0.0, 0.0)))
        return [{"box": box, "emotions": scores} for box in face_rectangles]
"""
DEEPFACE = """
import cv2

class DeepFace:
    @staticmethod
    def analyze(path, actions, detector_backend, enforce_detection, silent):
        assert actions == ["emotion"] and not enforce_detection
        img = cv2.imread(path)
        if img is None:
            raise ValueError("Confirm that the photo exists")
        names = ("neutral", "surprise", "sad", "happy", "fear", "disgust", "angry")
        height, width = img.shape[:2]
        found = detector_backend == "opencv" and img.mean() > 100
        box = (4, 6, 20, 30) if found else (0, 0, width, height)
        return [
            {
                "region": dict(zip("xywh", box)),
                "face_confidence": 0.9 if found else 0,
                "emotion": dict(zip(names, (70, 20, 10, 0, 0, 0, 0))),
            }
        ]
"""
STAND_INS = {
    "fer": {"fer/__init__.py": "", "fer/fer.py": FER},
    "deepface": {
        "deepface/__init__.py": DEEPFACE,
        "deepface/modules/__init__.py": "",
        "deepface/modules/modeling.py": "def build_model(task, model_name): print('loading')",
    },
}


def python_with(name: str, folder: Path) -> Path:
    """Makes a Python with a stand-in for a package, which takes and gives what the package does."""
    files = STAND_INS[name] | {f"{name}-9.8.dist-info/METADATA": f"Name: {name}\nVersion: 9.8\n"}
    for file, text in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={folder} exec {sys.executable} "$@"\n')
    python.chmod(0o700)
    return python


def photo(folder: Path, brightness: int) -> Path:
    path = folder / f"é {brightness}.png"
    encoded = cv2.imencode(".png", np.full((50, 40, 3), brightness, np.uint8))[1]
    path.write_bytes(encoded.tobytes())
    return path


def syntax(adapter: Path) -> ast.Module:
    """As the oldest Python that the packages run on reads it."""
    return ast.parse(adapter.read_text("utf-8"), feature_version=(3, 8))


def imported(adapter: Path) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(syntax(adapter)):
        if isinstance(node, ast.Import):
            modules |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
    return {module.partition(".")[0] for module in modules}


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_imports_its_package_and_the_standard_library_only(name: str) -> None:
    assert imported(ADAPTERS[name]) - sys.stdlib_module_names == OWN_PACKAGES[name]


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_marks_its_replies(name: str) -> None:
    assert f"\\n{MARKER}" in ADAPTERS[name].read_text("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="The Python is a shell script")
@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_calls_its_package(name: str, tmp_path: Path) -> None:
    command = PackageCommand(name, python_with(name, tmp_path), ADAPTERS[name])
    bright, dark, missing = photo(tmp_path, 200), photo(tmp_path, 50), tmp_path / "missing.png"
    with PackageProcess(command) as package:
        assert package.description.title == f"{name} 9.8"
        (found,) = package.faces(bright).faces
        nobody = package.faces(dark)
        (whole,) = package.faces(dark, pre_cropped=True).faces
        failed = package.faces(missing)
    assert found.box == pytest.approx((4, 6, 24, 36))
    best = np.argmax(found.probabilities)
    assert package.description.classes[best] == "neutral"
    assert max(found.probabilities) == pytest.approx(0.7)
    assert (nobody.faces, nobody.failure) == ((), "")
    assert whole.box == pytest.approx((0, 0, 40, 50))
    assert failed.failure.startswith(f"{name} 9.8: ")
