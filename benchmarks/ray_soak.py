"""Scores synthetic photos on Ray while its processes are killed at random; counts missing photos.

    python benchmarks/ray_soak.py --photos 100000 --every-s 20  # on Linux
    python benchmarks/ray_soak.py --photos 400 --every-s 2 --kills 4

The photos are small JPEGs of average faces, in a temporary folder; one in a thousand is truncated.
Readers, actors and their decoding processes are killed. Every photo must be in the table exactly
once, and the truncated ones, and no others, as failed.
"""

from __future__ import annotations

import itertools
import os
import platform
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import cv2
import pandas as pd
import typer

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from fer_core.faces.sample_faces import load_samples  # noqa: E402
from fer_core.machine.processors import available_processors  # noqa: E402

SIDE = 64
PHOTOS_A_FOLDER = 1000
TORN_EVERY = 1000
KINDS = {  # the title of a Ray process while it works
    "reader": re.compile(r"ray::.*read_piece"),
    "actor": re.compile(r"ray::.*ScoringActor"),
    "decoder": re.compile(r"multiprocessing\.spawn"),
}


def main(
    photos: Annotated[int, typer.Option(min=1)] = 100_000,
    every_s: Annotated[float, typer.Option(help="Seconds between two kills, on average.")] = 20,
    kills: Annotated[int, typer.Option(help="Maximum number of kills.")] = 1_000_000,
    workers: int = 2,
    model: str = "mobilenet",
    detector: str = "yunet",
    seed: Annotated[int, typer.Option(help="Seed of the kill times and processes.")] = 1,
) -> None:
    """Runs the check; see the module's docstring."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "photos"
        torn = write_photos(folder, photos)
        output = Path(name) / "faces.parquet"
        command = [sys.executable, "-m", "fer_core", "batch", str(folder), "--out", str(output)]
        command += ["--engine", "ray", "--workers", str(workers)]
        command += ["--model", model, "--detector", detector]
        started = time.perf_counter()
        with (Path(name) / "printed.txt").open("w+") as printed:  # Ray reports every kill
            process = subprocess.Popen(command, cwd=PROJECT, stdout=printed, stderr=printed)
            killed = _kill_at_random(process, random.Random(seed), every_s, kills)
            if process.wait():
                printed.seek(0)
                raise SystemExit(f"The run failed.\n{printed.read()[-5000:]}")
        seconds = time.perf_counter() - started
        check(pd.read_parquet(output), photos, torn)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{photos} photos, each in the table once, {len(torn)} of them truncated")
    print(f"Killed: {', '.join(f'{count} x {kind}' for kind, count in killed.items()) or 'none'}")
    print(f"{seconds:.0f} s, {photos / seconds:.1f} photos per second, {workers} actors")
    print(
        f"{platform.processor() or platform.machine()}, {available_processors()} cores, load {load}"
    )


def write_photos(folder: Path, count: int) -> set[str]:
    """Writes small photos, all different, and returns the names of the truncated ones."""
    faces = [cv2.resize(face, (SIDE, SIDE)) for face in load_samples().values()]
    torn = set()
    for number in range(count):
        name = f"{number // PHOTOS_A_FOLDER:04d}/{number:07d}.jpg"
        path = folder / name
        if number % PHOTOS_A_FOLDER == 0:
            path.parent.mkdir(parents=True)
        brightness = 0.8 + 0.4 * ((number * 37) % 101) / 100
        face = cv2.convertScaleAbs(faces[number % len(faces)], alpha=brightness)
        data = cv2.imencode(".jpg", cv2.cvtColor(face, cv2.COLOR_RGB2BGR))[1].tobytes()
        if number % TORN_EVERY == TORN_EVERY // 2:
            torn.add(name)
            data = data[: len(data) // 2]
        path.write_bytes(data)
    return torn


def check(table: pd.DataFrame, photos: int, torn: set[str]) -> None:
    """Raises if a photo is missing, duplicated, or has an unexpected result."""
    expected = {f"{number // PHOTOS_A_FOLDER:04d}/{number:07d}.jpg" for number in range(photos)}
    counts = Counter(table["file"])
    if missing := expected - counts.keys():
        raise SystemExit(f"{len(missing)} photos are missing, such as {min(missing)}.")
    if doubled := [name for name, count in counts.items() if count > 1]:
        raise SystemExit(f"{len(doubled)} photos are duplicated, such as {min(doubled)}.")
    failed = table[table["status"] == "failed"]
    if set(failed["file"]) != torn:
        raise SystemExit(f"Unexpected photos failed:\n{failed['message'].unique()}")


def _kill_at_random(
    process: subprocess.Popen[bytes], moments: random.Random, every_s: float, most: int
) -> Counter[str]:
    killed: Counter[str] = Counter()
    while killed.total() < most:
        try:
            process.wait(moments.uniform(0.2, 1.8) * every_s)
        except subprocess.TimeoutExpired:
            victims = list(_victims(process.pid))
            if victims:
                kind, victim = moments.choice(victims)
                try:
                    os.kill(victim, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                killed[kind] += 1
        else:
            break
    return killed


def _victims(root: int) -> list[tuple[str, int]]:
    """Finds the processes below one that may be killed, each with its kind."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int(entry.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has ended
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = []
    below = [root]
    while below:
        below = list(itertools.chain.from_iterable(children.get(parent, []) for parent in below))
        for child in below:
            try:
                words = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            found += [(kind, child) for kind, sign in KINDS.items() if sign.search(words)]
    return found


if __name__ == "__main__":
    typer.run(main)
