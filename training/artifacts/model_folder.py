"""Steps of creating a model folder that every kind of export shares."""

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
    """Yields an empty folder, which replaces `models_dir/name` when the block succeeds.

    If the block fails, an existing folder of this name stays unchanged. A lock keeps other
    processes from writing a folder of this name in the meantime.

    Raises:
        OutputError: the folder exists and `overwrite` is false, even if it appeared during the
            block; it cannot be created; or another process is writing it.
    """
    target = models_dir / name
    _check_vacant(target, overwrite=overwrite)
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(target, error) from error
    with held(models_dir / f".{name}.lock", f"The saved model {shown(target)}"):
        _check_vacant(target, overwrite=overwrite)  # the last lock holder may have created it
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
            f"The saved model {shown(target)} already exists. Replace it with --overwrite, or "
            "choose another name."
        )


def _move(new: Path, target: Path, *, replaced: Path) -> None:
    """Moves a folder to `target`, after moving an existing one there to `replaced`."""
    if not target.exists():
        new.rename(target)
        return
    target.rename(replaced)
    try:
        new.rename(target)
    except BaseException:
        replaced.rename(target)  # otherwise it would be deleted with the temporary folder
        raise


def describe_weights(
    path: Path, mantissa_bits: int | None, rounding_change: float | None
) -> WeightsFile:
    """Returns the card's entry for the file `path`."""
    content = path.read_bytes()
    return WeightsFile(
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        mantissa_bits=mantissa_bits,
        rounding_accuracy_change=rounding_change,
    )
