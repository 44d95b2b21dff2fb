from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.cache import cache_folder
from fer_core.classifier import Classifier
from fer_core.latency import LatencyResult, known_latency, latency_here, measure_latency
from fer_core.zoo import load_card


@pytest.fixture
def slow_classifier(models_dir: Path) -> Classifier:
    """Takes at least 5 ms a call."""

    def run(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        time.sleep(0.005)
        return np.full((len(faces), 7), 1 / 7, np.float32)

    return Classifier(load_card("tiny_a"), run)


def test_latency_is_that_of_a_call(slow_classifier: Classifier) -> None:
    result = measure_latency(slow_classifier, batch_size=2, repeats=5)
    assert 5.0 <= result.p50_ms <= result.p95_ms
    assert (result.model, result.batch_size, result.repeats) == ("tiny_a", 2, 5)


def test_a_measured_model_is_known_to_the_machine(models_dir: Path) -> None:
    shutil.rmtree(cache_folder("latency"))
    first, second = load_card("tiny_a"), load_card("tiny_b")
    assert known_latency(first) is None
    measured = latency_here(first)
    assert known_latency(first) == measured
    assert known_latency(second) is None
    for damaged in cache_folder("latency").iterdir():
        damaged.write_text("{")
    assert known_latency(first) is None


def test_it_is_known_for_a_while_where_nothing_can_be_written(
    models_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = load_card("tiny_a")
    monkeypatch.setattr("fer_core.latency._unwritten", {})
    (tmp_path / "no_folder").touch()
    monkeypatch.setattr("fer_core.latency.cache_folder", lambda purpose: tmp_path / "no_folder")
    assert known_latency(card) is None
    measured = latency_here(card)
    assert known_latency(card) == measured


def test_throughput_counts_the_faces_of_a_batch() -> None:
    result = LatencyResult("m", batch_size=8, repeats=1, p50_ms=4.0, p95_ms=5.0)
    assert result.faces_per_second == 2000.0
    assert result.to_frame().iloc[0].to_dict() == {
        "model": "m",
        "batch_size": 8,
        "repeats": 1,
        "p50_ms": 4.0,
        "p95_ms": 5.0,
        "faces_per_second": 2000.0,
    }


@pytest.mark.parametrize("arguments", [{"batch_size": 0}, {"repeats": 0}])
def test_impossible_measurement_is_refused(
    slow_classifier: Classifier, arguments: dict[str, int]
) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        measure_latency(slow_classifier, **arguments)
