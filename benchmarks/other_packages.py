"""Compares the latency of photos and camera frames with the packages `fer` and `deepface`.

    python -m venv ../others
    ../others/bin/pip install fer deepface tf-keras flask onnx "setuptools<81"
    ../others/bin/pip uninstall --yes opencv-contrib-python opencv-contrib-python-headless
    ../others/bin/pip install "opencv-contrib-python-headless<5"  # 5 has no Haar cascade
    python benchmarks/other_packages.py ../others/bin/python
    python benchmarks/other_packages.py ../others/bin/python --photo photo.jpg --faces 3

All do the same: decode the bytes of a photo, find and label its faces; and analyze a decoded
640x480 frame. Each is loaded and warmed up in a separate process, and they take turns, so that
other load affects all alike. Ours is the live path as on the page (detection on every second frame,
tracking in between), and "each frame" is the same with detection on all of them. The other packages
decode with OpenCV.

deepface downloads its weights on first use. If it cannot, its emotion model has random weights: as
fast, with meaningless labels; its line says so.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.measuring import machine, p50_p95  # noqa: E402
from benchmarks.scenes import swaying_faces  # noqa: E402
from fer_core.benchmark.packages import LineProcess  # noqa: E402
from tests.scenes import PlacedFace, sample_scene  # noqa: E402

WORKER = Path(__file__).with_name("other_packages_worker.py")
OURS = ("ours", "ours, each frame")
TIMEOUT_S = 600.0
OTHERS = ["fer", "deepface, TensorFlow", "deepface, ONNX"]


def main(
    interpreter: Annotated[Path, typer.Argument(help="Python that has the other packages.")],
    photo: Annotated[Path | None, typer.Option(help="Instead of average faces.")] = None,
    faces: Annotated[int, typer.Option(help="On each frame.")] = 1,
    packages: Annotated[list[str], typer.Option(help="Also there: fer, MTCNN")] = OTHERS,
    rounds: int = 5,
    calls: Annotated[int, typer.Option(help="Calls of each kind per round.")] = 20,
) -> None:
    """Runs the measurement; see the module's docstring."""
    print(machine())
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "photo.jpg").write_bytes(photo.read_bytes() if photo else sample_photo())
        np.save(folder / "frames.npy", np.stack(swaying_faces(faces, 25)))
        workers = {}
        for package in (*OURS, *packages):
            python = Path(sys.executable) if package in OURS else interpreter
            # Not resolved: Python finds its virtual environment by the link.
            command = [str(python.absolute()), str(WORKER), package, name]
            worker = stack.enter_context(LineProcess(command, our_variables()))
            try:
                print(f"{package}: {worker.receive(TIMEOUT_S)['remark']}")
                workers[package] = worker
            except (EOFError, TimeoutError):
                print(f"{package} could not be run: {worker.last_words()}")
        times: dict[tuple[str, str], list[float]] = {}
        found = {}
        for _ in range(rounds):
            for package, worker in workers.items():
                for kind in ("photo", "frame"):
                    worker.send({"kind": kind, "calls": calls})
                    reply = worker.receive(TIMEOUT_S)
                    times.setdefault((package, kind), []).extend(reply["times_ms"])
                    found[package, kind] = reply["faces"]

    print("kind   package               faces  p50 ms  p95 ms  times ours")
    for kind in ("photo", "frame"):
        ours = np.median(times["ours", kind])
        for package in workers:
            p50, p95 = p50_p95(times[package, kind])
            print(
                f"{kind}  {package:20}  {found[package, kind]:5.1f}  {p50:6.1f}  {p95:6.1f}"
                f"  {p50 / ours:10.1f}"
            )
    print(machine())


def our_variables() -> dict[str, str]:
    """Returns the settings of this project in the environment."""
    return {name: value for name, value in os.environ.items() if name.startswith("FER_")}


def sample_photo() -> bytes:
    """Returns three average faces on a JPEG of 1280x960."""
    placed = [
        PlacedFace(label, (220 + 420 * index, 480), 400)
        for index, label in enumerate(("happy", "surprise", "neutral"))
    ]
    scene = sample_scene(placed, width=1280, height=960)
    return cv2.imencode(".jpg", scene)[1].tobytes()


if __name__ == "__main__":
    typer.run(main)
