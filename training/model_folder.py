"""Pieces of making a model folder that every kind of export shares."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fer_core.cards import WeightsFile


@contextmanager
def whole_folder(models_dir: Path, name: str) -> Iterator[Path]:
    """Gives an empty folder to fill, which then takes the place of `models_dir/name`.

    When filling it fails, an older folder of this name stays as it was.
    """
    models_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models_dir, prefix=".") as folder:
        new = Path(folder) / name
        new.mkdir()
        yield new
        target = models_dir / name
        if target.exists():
            target.rename(Path(folder) / "replaced")
        new.rename(target)


def describe_weights(path: Path, mantissa_bits: int, rounding_change: float | None) -> WeightsFile:
    """What a card says of the file `path`."""
    content = path.read_bytes()
    return WeightsFile(
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        mantissa_bits=mantissa_bits,
        rounding_accuracy_change=rounding_change,
    )
