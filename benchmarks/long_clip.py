"""Measures memory and speed on a long clip: ten minutes of 1280x720 at 30 frames per second.

    python benchmarks/long_clip.py  # on Linux
    python benchmarks/long_clip.py --minutes 2 --fps 10 --annotated --model mobilenet

The clip shows moving average faces; its sound is a tone. Figures are those of the command
`python -m fer_core video`, in a separate process.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import av
import typer

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.measuring import machine, peak_resident_mb  # noqa: E402
from tests.clips import make_clip  # noqa: E402
from tests.scenes import PlacedFace, sample_scene  # noqa: E402

WIDTH, HEIGHT, RATE = 1280, 720, 30
LOOP_S = 2
_PAUSE_S = Fraction(1, 5)  # between two rounds: the sound is slightly longer than the pictures


def main(
    minutes: float = 10,
    fps: Annotated[float | None, typer.Option(help="Frames per second to analyze.")] = None,
    annotated: Annotated[bool, typer.Option("--annotated", help="Write the clip too.")] = False,
    model: str | None = None,
) -> None:
    """Runs the measurement; see the module's docstring."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frames = write_clip(folder / "clip.mp4", minutes)
        size_mb = (folder / "clip.mp4").stat().st_size / 1e6
        print(f"{frames} frames of {WIDTH}x{HEIGHT}, {size_mb:.0f} MB")
        command = [sys.executable, "-m", "fer_core", "video", str(folder / "clip.mp4")]
        command += ["--csv", str(folder / "faces.csv")]
        command += ["--fps", str(fps)] if fps else []
        command += ["--model", model] if model else []
        command += ["--annotated", str(folder / "drawn.mp4")] if annotated else []
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL)
        peak_mb = 0.0  # not from `resource`, where a process starts with the peak of its parent
        while process.poll() is None:
            peak_mb = max(peak_mb, peak_resident_mb(process.pid))
            time.sleep(0.1)
        if process.returncode:
            raise SystemExit(process.returncode)
        seconds = time.perf_counter() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        rows = sum(1 for _ in (folder / "faces.csv").open()) - 1
    cpu_s = used.ru_utime + used.ru_stime
    print(f"{rows} rows in {seconds:.1f} s: {frames / seconds:.1f} frames per second")
    print(f"{cpu_s:.1f} s of processor time: {1000 * cpu_s / frames:.1f} ms per frame")
    print(f"Peak resident memory of all its processes together: {peak_mb:.0f} MB")
    print(machine())


def write_clip(path: Path, minutes: float) -> int:
    """Writes the clip and returns its number of frames.

    A loop of some seconds is encoded once, and its packets are then written again and again.
    """
    labels = ("happy", "sad", "surprise")
    pictures = [
        sample_scene(
            [
                PlacedFace(label, (200 + 400 * place + frame, 300 + 60 * place), 240)
                for place, label in enumerate(labels)
            ],
            width=WIDTH,
            height=HEIGHT,
        )
        for frame in range(RATE * LOOP_S)
    ]
    loop = path.with_name("loop.mp4")
    times_ms = [round(1000 * frame / RATE) for frame in range(len(pictures))]
    loop.write_bytes(make_clip(pictures, times_ms=times_ms, sound="aac"))
    rounds = max(1, round(minutes * 60 / LOOP_S))
    with av.open(path, "w", format="mp4") as target:
        for turn in range(rounds):
            with av.open(loop) as source:
                if turn == 0:
                    streams = [target.add_stream_from_template(each) for each in source.streams]
                for packet in source.demux():
                    if packet.dts is None or packet.pts is None:
                        continue
                    shift = round(turn * (LOOP_S + _PAUSE_S) / packet.time_base)
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = streams[packet.stream_index]
                    target.mux(packet)
    loop.unlink()
    return rounds * len(pictures)


if __name__ == "__main__":
    typer.run(main)
