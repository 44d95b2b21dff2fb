"""The file robustness.npz in a model's folder: what each face was predicted as under what.

It holds the arrays of `Robustness` (`row_id`, `label`, `clean`, `predicted`), the texts `split`,
`weights` (the checksum of the weights measured) and `protocol`, and in `corruptions` the names in
the order of `predicted`. With 700 faces it takes about 15 kB.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.evaluation.predictions import read_arrays
from fer_core.evaluation.trust.robustness import Robustness
from fer_core.files.atomic import replacing
from fer_core.imaging.corruptions import CORRUPTIONS
from fer_core.zoo.store import model_folder

ROBUSTNESS_FILE: Final = "robustness.npz"
_TEXTS: Final = ("split", "weights", "protocol")


def write_robustness(path: Path, result: Robustness) -> None:
    """Writes one robustness.npz, compressed, as a whole or not at all."""
    arrays: dict[str, Any] = {name: np.array(getattr(result, name)) for name in _TEXTS} | {
        "corruptions": np.array(CORRUPTIONS),
        "row_id": result.row_id.astype(np.int32),
        "label": result.label.astype(np.uint8),
        "clean": result.clean,
        "predicted": result.predicted,
    }
    with replacing(path) as file:
        np.savez_compressed(file, **arrays)


def load_robustness(name: str, *, models_dir: Path | None = None) -> Robustness | None:
    """Reads the robustness of one saved model; None where it was never measured.

    Raises:
        ModelError: there is no such model, or its robustness.npz is not valid.
    """
    path = model_folder(name, models_dir=models_dir) / ROBUSTNESS_FILE
    return read_robustness(path, name) if path.is_file() else None


def read_robustness(path: Path, model: str) -> Robustness:
    """Reads one robustness.npz.

    Raises:
        ModelError: the file is missing or damaged, or an array is missing or of the wrong kind.
    """
    arrays = read_arrays(path)
    try:
        if (found := tuple(arrays["corruptions"].tolist())) != CORRUPTIONS:
            raise ValueError(f"expected the corruptions {CORRUPTIONS}. Received: {found}")
        return Robustness(
            model,
            **{name: _text(arrays, name) for name in _TEXTS},
            row_id=_integers(arrays, "row_id").astype(np.int64),
            label=_integers(arrays, "label").astype(np.int64),
            clean=_integers(arrays, "clean").astype(np.uint8),
            predicted=_integers(arrays, "predicted").astype(np.uint8),
        )
    except KeyError as error:
        raise ModelError(f"The robustness {path} is not valid: {error} is missing") from error
    except (TypeError, ValueError) as error:
        raise ModelError(f"The robustness {path} is not valid: {error}") from error


def _text(arrays: dict[str, NDArray[Any]], name: str) -> str:
    value = arrays[name]
    if value.shape or value.dtype.kind != "U":
        raise ValueError(f"{name} must be a text. Received: {value.dtype}, shape={value.shape}")
    return str(value)


def _integers(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[Any]:
    value = arrays[name]
    if value.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold whole numbers. Received: dtype={value.dtype}")
    return value
