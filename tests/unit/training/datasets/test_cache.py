from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.tiny_dataset import tiny_dataset
from training.datasets import FaceDataset
from training.datasets.cache import cached


class CountingReader:
    """Gives the tiny dataset and counts how often it was asked to."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, source: Path) -> FaceDataset:
        self.calls += 1
        dataset = tiny_dataset()
        targets = np.eye(7, dtype=np.float32)[dataset.labels]
        return replace(dataset, targets=targets, notes=(f"read from {source.name}",))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "faces.csv"
    file.write_text("first")
    return file


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("FER_CACHE_DIR", str(folder))
    return folder / "datasets"


def test_the_second_read_comes_from_the_cache_and_is_equal(source: Path, own_cache: Path) -> None:
    reader = CountingReader()
    first, second = cached(source, reader), cached(source, reader)
    assert reader.calls == 1
    assert (second.name, second.label_names, second.notes) == (
        "tiny",
        first.label_names,
        ("read from faces.csv",),
    )
    for column in ("images", "labels", "split", "row_id", "targets"):
        np.testing.assert_array_equal(getattr(second, column), getattr(first, column))


def test_a_changed_file_is_read_anew_and_replaces_what_was_kept(
    source: Path, own_cache: Path
) -> None:
    reader = CountingReader()
    cached(source, reader)
    source.write_text("second, longer")
    cached(source, reader)
    stat = source.stat()
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000_000))
    cached(source, reader)
    assert reader.calls == 3
    assert len(list(own_cache.iterdir())) == 1


def test_a_folder_is_read_anew_when_a_file_in_it_changes(tmp_path: Path, own_cache: Path) -> None:
    folder = tmp_path / "tree"
    (folder / "happy").mkdir(parents=True)
    (folder / "happy" / "a.png").write_bytes(b"1")
    reader = CountingReader()
    cached(folder, reader)
    cached(folder, reader)
    assert reader.calls == 1
    (folder / "happy" / "b.png").write_bytes(b"2")
    cached(folder, reader)
    assert reader.calls == 2


def test_a_damaged_cache_is_made_anew(
    source: Path, own_cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reader = CountingReader()
    cached(source, reader)
    (file,) = own_cache.iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    with caplog.at_level(logging.WARNING):
        assert len(cached(source, reader)) == 49
    assert "damaged" in caplog.text
    cached(source, reader)
    assert reader.calls == 2


def test_without_a_place_for_the_cache_the_dataset_is_still_read(
    source: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FER_CACHE_DIR", str(source))  # a file, so no folder can be made in it
    with caplog.at_level(logging.WARNING):
        assert len(cached(source, CountingReader())) == 49
    assert "There is no dataset cache" in caplog.text
