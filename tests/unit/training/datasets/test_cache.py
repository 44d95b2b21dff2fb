from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.tiny_dataset import tiny_dataset
from training.datasets import FaceDataset
from training.datasets.cache import cached


class CountingReader:
    """Returns the tiny dataset and counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, source: Path) -> FaceDataset:
        self.calls += 1
        return replace(tiny_dataset(), notes=(f"read from {source.name}",))


def test_a_folder_is_read_again_when_a_file_in_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FER_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "tree"
    (folder / "happy").mkdir(parents=True)
    (folder / "happy" / "a.png").write_bytes(b"1")
    reader = CountingReader()
    first, second = cached(folder, reader), cached(folder, reader)
    assert reader.calls == 1
    assert (second.name, second.label_names) == ("tiny", first.label_names)
    assert second.notes == ("read from tree",)
    for column in ("images", "labels", "split", "row_id"):
        np.testing.assert_array_equal(getattr(second, column), getattr(first, column))
    (folder / "happy" / "b.png").write_bytes(b"2")
    cached(folder, reader)
    assert reader.calls == 2
