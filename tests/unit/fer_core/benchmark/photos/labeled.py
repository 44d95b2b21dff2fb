"""Labeled photos made of the bundled average faces."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from fer_core.faces import load_samples
from fer_core.imaging import encode_png

LABELS = ("angry", "happy", "sad")


def face_png(label: str) -> bytes:
    return encode_png(load_samples()[label])


def wall_png() -> bytes:
    return encode_png(np.full((200, 300, 3), 120, np.uint8))


def photo_folder(folder: Path, *, faces: int = 2) -> Path:
    """A folder per class, with a photo without a face and a broken one among the happy ones."""
    for label in LABELS:
        (folder / label).mkdir(parents=True)
        for number in range(faces):
            (folder / label / f"{number}.png").write_bytes(face_png(label))
    (folder / "happy" / "torn.jpg").write_bytes(face_png("happy")[:900])
    (folder / "happy" / "wall.png").write_bytes(wall_png())
    return folder


def zip_of(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()
