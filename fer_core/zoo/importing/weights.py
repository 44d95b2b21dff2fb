"""Checks the weights file without reading weights or following links."""

from __future__ import annotations

import io
import math
from typing import Final

import h5py

from fer_core.errors import ModelRejected, ModelRejectionReason
from fer_core.zoo.importing.config import MAX_PARAMETERS

_MAX_OBJECTS: Final = 50_000
_MAX_DEPTH: Final = 32
_SMALL_BYTES: Final = 2**20
_MAX_EXPANSION: Final = 20
_FILTERS: Final = frozenset({h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE})
_OPTIMIZER: Final = "/optimizer/"
_KINDS: Final = "fiub"  # floats, integers, booleans: no objects, references or text


def check_weights(data: bytes) -> None:
    """Rejects an HDF5 file that contains more than groups of plain arrays.

    Raises:
        ModelRejected: it has external or virtual datasets, links, unknown filters or types, or
            declares far more than it stores.
    """
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            _check_group(file)
    except ModelRejected:
        raise
    except Exception as error:  # HDF5 fails in many ways on damaged bytes
        raise _refusal(f"The file is damaged: {error}") from error


def _check_group(root: h5py.Group) -> None:
    seen: set[int] = set()
    total = 0
    waiting = [(root, "", 0)]
    while waiting:
        group, path, depth = waiting.pop()
        for name in group:
            where = f"{path}/{name}"
            _check_link(group.get(name, getlink=True), where)
            # It is a hard link, so what is opened is in this file.
            child = group[name]
            address = h5py.h5o.get_info(child.id).addr
            if address in seen or len(seen) >= _MAX_OBJECTS or depth >= _MAX_DEPTH:
                raise _refusal(f"{where[:120]!r} is linked twice or nested too deeply")
            seen.add(address)
            if isinstance(child, h5py.Group):
                waiting.append((child, where, depth + 1))
            elif isinstance(child, h5py.Dataset):
                size = _check_dataset(child, where)
                # The optimizer's state, three times the model's size with Adam, is never loaded.
                total += 0 if where.startswith(_OPTIMIZER) else size
            else:
                raise _refusal(f"{where[:120]!r} is not an array")
            if total > MAX_PARAMETERS:
                raise _refusal(
                    f"Its arrays have more than {MAX_PARAMETERS} values", reason="too_large"
                )


def _check_link(link: object, where: str) -> None:
    if not isinstance(link, h5py.HardLink):
        raise _refusal(f"{where[:120]!r} is a link to somewhere else")


def _check_dataset(dataset: h5py.Dataset, where: str) -> int:
    """Returns the number of values."""
    properties = dataset.id.get_create_plist()
    filters = {properties.get_filter(index)[0] for index in range(properties.get_nfilters())}
    size = math.prod(dataset.shape or ())
    declared, stored = size * dataset.dtype.itemsize, dataset.id.get_storage_size()
    if dataset.external:
        problem = "stores its values in another file on this machine"
    elif dataset.is_virtual:
        problem = "maps values from other files"
    elif dataset.dtype.kind not in _KINDS or dataset.dtype.fields or dataset.shape is None:
        problem = f"has values of type {dataset.dtype}, which are not numbers"
    elif not filters <= _FILTERS:
        problem = "is compressed with a filter that Keras does not use"
    elif declared > _SMALL_BYTES and declared > _MAX_EXPANSION * stored:
        problem = f"declares {declared} bytes but stores {stored}"
    else:
        return size
    raise _refusal(f"The array {where[:120]!r} {problem}")


def _refusal(problem: str, reason: ModelRejectionReason = "weights") -> ModelRejected:
    return ModelRejected(f"The model's weights are not opened. {problem}.", reason=reason)
