"""A checksum of arrays: of a checkpoint's, and of the data that a run was started with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray


def fingerprint(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Returns the SHA-256 of arrays with their names, types and shapes, in hexadecimal digits."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()
