"""A typical folder: photos, photos without faces, and other files."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from fer_core.batch.shards import FILES_PER_PART
from fer_core.faces.sample_faces import load_samples, sample_sheet
from fer_core.imaging import encode_png


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Nine files with photo names, with twelve faces, and two files that do not count."""
    folder = tmp_path / "album"
    (folder / "b" / "deep").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    happy = encode_png(load_samples()["happy"])
    names = ["a.png", "b/happy.PNG", "b/deep/happy.png", "z.png", "zz.png", ".hidden/a.png"]
    for name in names:
        (folder / name).write_bytes(happy)
    (folder / "sheet.png").write_bytes(encode_png(sample_sheet()))
    (folder / "wall.png").write_bytes(encode_png(np.full((200, 300, 3), 120, np.uint8)))
    (folder / "torn.jpg").write_bytes(happy[:2000])
    (folder / "text.jpg").write_text("no picture at all")
    (folder / "notes.txt").write_text("not even by its name")
    return folder


@pytest.fixture
def large_album(album: Path) -> Path:
    """The same with five more parts of photos."""
    photo = album / "a.png"
    for number in range(5 * FILES_PER_PART):
        shutil.copy(photo, album / f"copy {number:03d}.png")
    return album
