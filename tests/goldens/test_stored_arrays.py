"""What is in the arrays of a model folder: whoever reads them with NumPy relies on the names."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.conftest import PROJECT
from tests.goldens.aliases import ARRAYS
from tests.goldens.golden_files import golden

FILES = sorted(PROJECT.glob("models/*/*.npz"))


def arrays_of(path: Path) -> dict[str, str]:
    """Names in order, each with type and shape."""
    with np.load(path, allow_pickle=False) as stored:
        return {
            name: f"{stored[name].dtype} {'x'.join(map(str, stored[name].shape)) or 'scalar'}"
            for name in stored.files
        }


def test_names_types_and_shapes_of_every_array() -> None:
    now = {f"{path.parent.name}/{path.name}": arrays_of(path) for path in FILES}
    then = golden("arrays", now)
    assert list(now) == list(then)
    for file, arrays in now.items():
        assert renamed(arrays) == renamed(then[file]), file


def renamed(arrays: dict[str, str]) -> dict[str, str]:
    """Names are `<split>/<array>` or `<array>`; the array has a canonical name."""
    found = {}
    for name, kind in arrays.items():
        place, slash, last = name.rpartition("/")
        found[f"{place}{slash}{ARRAYS.get(last, last)}"] = kind
    return found
