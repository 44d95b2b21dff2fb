"""Pieces of making a model folder that every kind of export shares."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fer_core.errors import OutputError
from fer_core.files import held, shown, unwritable
from fer_core.zoo import WeightsFile


@contextmanager
def atomic_directory(models_dir: Path, name: str, *, overwrite: bool) -> Iterator[Path]:
    """Gives an empty folder to fill, which then takes the place of `models_dir/name`.

    When filling it fails, an older folder of this name stays as it was. Meanwhile nobody else may
    fill a folder of this name.

    Raises:
        OutputError: there is such a folder and `overwrite` is false, also where it came while the
            new one was filled; none can be made; or another process is making it.
    """
    target = models_dir / name
    _check_vacant(target, overwrite=overwrite)
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(target, error) from error
    with held(models_dir / f".{name}.lock", f"The saved model {shown(target)}"):
        _check_vacant(target, overwrite=overwrite)  # the last holder may have just made it
        try:
            temporary = tempfile.TemporaryDirectory(dir=models_dir, prefix=".")
        except OSError as error:
            raise unwritable(target, error) from error
        with temporary as folder:
            new = Path(folder) / name
            new.mkdir()
            yield new
            _check_vacant(target, overwrite=overwrite)  # others move folders without a lock
            _move(new, target, replaced=Path(folder) / "replaced")


def _check_vacant(target: Path, *, overwrite: bool) -> None:
    if target.exists() and not overwrite:
        raise OutputError(
            f"The saved model {shown(target)} is there already. Replace it with --overwrite, or "
            "give the new one another name."
        )


def _move(new: Path, target: Path, *, replaced: Path) -> None:
    """Puts a folder in the place of another, which is moved to `replaced`."""
    if not target.exists():
        new.rename(target)
        return
    target.rename(replaced)
    try:
        new.rename(target)
    except BaseException:
        replaced.rename(target)  # or it would go with the temporary folder
        raise


def describe_weights(
    path: Path, mantissa_bits: int | None, rounding_change: float | None
) -> WeightsFile:
    """What a card says of the file `path`."""
    content = path.read_bytes()
    return WeightsFile(
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        mantissa_bits=mantissa_bits,
        rounding_accuracy_change=rounding_change,
    )
