"""Reads and writes the arrays in a model's folder: predictions.npz, robustness.npz, map.npz.

`predictions.npz` is described in `evaluation.predictions`, for CK+ in
`evaluation.scores.ckplus_predictions`, and `map.npz` in `evaluation.dataset.embedding_map`.

`robustness.npz` holds the arrays of `Robustness` (`row_id`, `label`, `clean`, `predicted`), the
texts `split`, `weights` (checksum of the measured weights) and `protocol`, and in `corruptions` the
names in the order of `predicted`. With 700 faces it takes about 15 kB.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.evaluation import SplitPredictions, stored_rows
from fer_core.evaluation.dataset import MAP_SPLIT, PROJECTIONS, FeatureMap
from fer_core.evaluation.reliability import Robustness
from fer_core.evaluation.scores import SPLIT, CkPlusPredictions
from fer_core.files import atomic_write, read_npz
from fer_core.preprocessing import CORRUPTIONS

PREDICTIONS_FILE: Final = "predictions.npz"
MAP_FILE: Final = "map.npz"
ROBUSTNESS_FILE: Final = "robustness.npz"
_ROBUSTNESS_TEXTS: Final = ("split", "weights", "protocol")


def read_predictions(path: Path, labels: tuple[str, ...]) -> dict[str, SplitPredictions]:
    """Reads a predictions.npz with the classes `labels`; returns its splits by name.

    Video sequences are returned with one row per sequence; see `SplitPredictions.by_sequence`.

    Raises:
        ModelError: the file is missing, damaged, or does not fit the labels.
    """
    arrays = _read_arrays(path)
    suffix = "_row_id"
    splits = [name.removesuffix(suffix) for name in arrays if name.endswith(suffix)]
    try:
        return {split: _by_observation(split, labels, arrays) for split in splits}
    except (KeyError, ValueError) as error:
        reason = f"array {error} is missing" if isinstance(error, KeyError) else error
        raise ModelError(f"The predictions {path} are not valid: {reason}") from error


def write_predictions(path: Path, splits: Collection[SplitPredictions]) -> None:
    """Writes predictions.npz atomically, compressed."""
    arrays: dict[str, Any] = {}
    for predictions in splits:
        arrays |= predictions.stored_arrays()
    with atomic_write(path) as file:
        np.savez_compressed(file, **arrays)


def write_ckplus_predictions(path: Path, predictions: CkPlusPredictions) -> None:
    """Writes predictions.npz of a CK+ model atomically, compressed."""
    with atomic_write(path) as file:
        np.savez_compressed(file, allow_pickle=False, **predictions.arrays())


def read_ckplus_predictions(
    path: Path, labels: tuple[str, ...], action_units: tuple[str, ...]
) -> CkPlusPredictions:
    """Reads a CK+ model's predictions.npz with these classes and action units.

    Raises:
        ModelError: the file is missing, damaged, or does not fit.
    """
    arrays = _read_arrays(path)
    try:
        own = {
            field.name: arrays[f"{SPLIT}_{field.name}"]
            for field in fields(CkPlusPredictions)
            if field.name not in ("emotion", "action_unit_names")
        }
        return CkPlusPredictions(
            emotion=stored_rows(SPLIT, labels, arrays), action_unit_names=action_units, **own
        )
    except (KeyError, ValueError) as error:
        reason = f"array {error} is missing" if isinstance(error, KeyError) else error
        raise ModelError(f"The predictions {path} are not valid: {reason}") from error


def read_feature_map(path: Path) -> FeatureMap:
    """Reads a map.npz.

    Raises:
        ModelError: the file is missing or damaged.
    """
    arrays = _read_arrays(path)
    try:
        return _feature_map(arrays)
    except (KeyError, ValueError, TypeError) as error:
        reason = f"array {error} is missing" if isinstance(error, KeyError) else error
        raise ModelError(f"The map {path} is not valid: {reason}") from error


def write_feature_map(path: Path, feature_map: FeatureMap) -> None:
    """Writes map.npz atomically, compressed."""
    trustworthiness = [feature_map.trustworthiness[each] for each in PROJECTIONS]
    arrays: dict[str, Any] = {
        "weights_sha256": np.array(feature_map.weights_sha256),
        f"{MAP_SPLIT}_row_id": feature_map.row_id,
        f"{MAP_SPLIT}_trustworthiness": np.array(trustworthiness),
        **{f"{MAP_SPLIT}_{each}": feature_map.xy[each] for each in PROJECTIONS},
    }
    with atomic_write(path) as file:
        np.savez_compressed(file, **arrays)


def write_robustness(path: Path, result: Robustness) -> None:
    """Writes robustness.npz atomically, compressed."""
    arrays: dict[str, Any] = {
        name: np.array(getattr(result, name)) for name in _ROBUSTNESS_TEXTS
    } | {
        "corruptions": np.array(CORRUPTIONS),
        "row_id": result.row_id.astype(np.int32),
        "label": result.label.astype(np.uint8),
        "clean": result.clean,
        "predicted": result.predicted,
    }
    with atomic_write(path) as file:
        np.savez_compressed(file, **arrays)


def read_robustness(path: Path, model: str) -> Robustness:
    """Reads a robustness.npz.

    Raises:
        ModelError: the file is missing or damaged, or an array is missing or has the wrong type.
    """
    arrays = _read_arrays(path)
    try:
        if (found := tuple(arrays["corruptions"].tolist())) != CORRUPTIONS:
            raise ValueError(f"expected the corruptions {CORRUPTIONS}. Received: {found}")
        return Robustness(
            model,
            **{name: _text(arrays, name) for name in _ROBUSTNESS_TEXTS},
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
        raise ValueError(f"{name} must be a string. Received: {value.dtype}, shape={value.shape}")
    return str(value)


def _integers(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[Any]:
    value = arrays[name]
    if value.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold integers. Received: dtype={value.dtype}")
    return value


def _by_observation(
    split: str, labels: tuple[str, ...], arrays: dict[str, NDArray[Any]]
) -> SplitPredictions:
    stored = stored_rows(split, labels, arrays)
    sequence = arrays.get(f"{split}_sequence")
    return stored if sequence is None else stored.by_sequence(sequence)


def _feature_map(arrays: Mapping[str, NDArray[Any]]) -> FeatureMap:
    trustworthiness = arrays[f"{MAP_SPLIT}_trustworthiness"].tolist()
    return FeatureMap(
        weights_sha256=str(arrays["weights_sha256"]),
        row_id=arrays[f"{MAP_SPLIT}_row_id"].astype(np.int64),
        xy={each: arrays[f"{MAP_SPLIT}_{each}"].astype(np.float32) for each in PROJECTIONS},
        trustworthiness=dict(zip(PROJECTIONS, trustworthiness, strict=True)),
    )


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Reads a .npz file as arrays by name.

    Raises:
        ModelError: the file is missing or damaged.
    """
    try:
        return read_npz(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"The file {path} cannot be read: {error}") from error
