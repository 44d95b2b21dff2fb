from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.files import cached_arrays


class CountingReader:
    """Returns the size of a file and counts its calls."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.calls = 0

    def __call__(self) -> dict[str, NDArray[Any]]:
        self.calls += 1
        return {"size": np.array(self.file.stat().st_size), "names": np.array(["a", "ä"])}

    def cached(self, layout: str = "sizes 1") -> dict[str, Any]:
        arrays = cached_arrays(self.file, [self.file], self, layout=layout)
        return {name: array.tolist() for name, array in arrays.items()}


@pytest.fixture
def reader(tmp_path: Path) -> CountingReader:
    (tmp_path / "faces.csv").write_text("first")
    return CountingReader(tmp_path / "faces.csv")


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("FER_CACHE_DIR", str(folder))
    return folder / "datasets"


def test_the_second_read_comes_from_the_cache_and_is_equal(
    reader: CountingReader, own_cache: Path
) -> None:
    assert reader.cached() == reader.cached() == {"size": 5, "names": ["a", "ä"]}
    assert reader.calls == 1


def test_a_changed_file_is_read_again_and_replaces_what_was_kept(
    reader: CountingReader, own_cache: Path
) -> None:
    reader.cached()
    reader.file.write_text("second, longer")
    assert reader.cached()["size"] == 14
    stat = reader.file.stat()
    os.utime(reader.file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000_000))
    reader.cached()
    assert reader.calls == 3
    reader.cached(layout="sizes 2")
    assert reader.calls == 4
    assert len(list(own_cache.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"PK torn", b"", b"\x93NUMPY"])
def test_a_damaged_cache_is_rebuilt(
    reader: CountingReader, own_cache: Path, caplog: pytest.LogCaptureFixture, damage: bytes
) -> None:
    reader.cached()
    (file,) = own_cache.iterdir()
    file.write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        assert reader.cached()["size"] == 5
    assert "damaged" in caplog.text
    reader.cached()
    assert reader.calls == 2


def test_without_a_place_for_the_cache_the_source_is_still_read(
    reader: CountingReader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FER_CACHE_DIR", str(reader.file))  # a file, so no folder can be made in it
    with caplog.at_level(logging.WARNING):
        assert reader.cached()["size"] == 5
    assert "The dataset cache is not available" in caplog.text
