"""Commands as users give them, run in this process, and the photos and the clip they are given."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import numpy as np
from typer.testing import CliRunner, Result

from tests.clips import make_clip, scene
from tests.goldens.code import encode_png, fer_core_command, load_samples

FIRST_PART: Final = 32
"""As many photos make the first part of a batch run."""
FRAMES: Final = 12
STOPPED_AFTER: Final = 6
"""Frames that the half-done run has seen."""
LATER: Final = ("z1 face.png", "z2 wall.png", "z3 text.jpg")


def fer(*arguments: str | Path) -> Result:
    """Runs `python -m fer_core`, with the detector that is the same on every machine."""
    options = ["--detector", "haar"]
    return CliRunner().invoke(fer_core_command, [*map(str, arguments), *options])


def write_album(folder: Path, *, only_later: bool = False) -> Path:
    """Writes 32 photos and, for the second part of a run, one of each kind.

    Args:
        folder: made.
        only_later: those of the first part cannot be read any more. Whoever reads them again
            instead of going on will say so.
    """
    folder.mkdir()
    happy = encode_png(load_samples()["happy"])
    wall = encode_png(np.full((64, 48, 3), 120, np.uint8))
    for number in range(FIRST_PART):
        photo = happy if number % 16 == 0 else wall
        (folder / f"{number:02d}.png").write_bytes(photo[:40] if only_later else photo)
    for name, data in zip(LATER, (happy, wall, b"no picture at all"), strict=True):
        (folder / name).write_bytes(data)
    return folder


def write_clip(path: Path) -> Path:
    """Writes a clip without loss, so that every machine sees the same pictures."""
    path.write_bytes(make_clip([scene("happy")] * FRAMES, container="matroska", codec="ffv1"))
    return path


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
