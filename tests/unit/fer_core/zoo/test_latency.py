from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import JobCanceled
from fer_core.paths import cache_folder
from fer_core.zoo.classifier import Classifier
from fer_core.zoo.latency import (
    LatencyResult,
    cached_latency,
    measure_and_cache,
    measure_latency,
    measurement_conditions,
)
from fer_core.zoo.store import ModelStore

MEASURED_AT = datetime(2026, 5, 4, 3, 2, tzinfo=UTC)


@pytest.fixture
def slow_classifier(models_dir: Path) -> Classifier:
    """Takes at least 5 ms a call."""

    def run(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        time.sleep(0.005)
        return np.full((len(faces), 7), 1 / 7, np.float32)

    return Classifier(ModelStore.default().load_scored_card("tiny_a"), run)


def test_latency_is_that_of_a_call(slow_classifier: Classifier) -> None:
    result = measure_latency(slow_classifier, batch_size=2, repeats=5)
    assert 5.0 <= result.p50_ms <= result.p95_ms
    assert (result.model, result.batch_size, result.repeats) == ("tiny_a", 2, 5)


def test_a_measured_model_is_known_to_the_machine(models_dir: Path) -> None:
    shutil.rmtree(cache_folder("latency"))
    first, second = (
        ModelStore.default().load_scored_card("tiny_a"),
        ModelStore.default().load_scored_card("tiny_b"),
    )
    assert cached_latency(first) is None
    measured = measure_and_cache(first)
    assert cached_latency(first) == measured
    assert cached_latency(second) is None
    (file,) = cache_folder("latency").iterdir()
    of_an_earlier_release = json.loads(file.read_text("utf-8"))
    del of_an_earlier_release["measured_at"], of_an_earlier_release["load"]
    for text in ("{", "[]", json.dumps(of_an_earlier_release)):
        file.write_text(text)
        assert cached_latency(first) is None


def test_it_is_known_for_a_while_where_nothing_can_be_written(
    models_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = ModelStore.default().load_scored_card("tiny_a")
    monkeypatch.setattr("fer_core.zoo.latency._unwritten", {})
    (tmp_path / "no_folder").touch()
    monkeypatch.setattr("fer_core.zoo.latency.cache_folder", lambda purpose: tmp_path / "no_folder")
    assert cached_latency(card) is None
    measured = measure_and_cache(card)
    assert cached_latency(card) == measured


def test_throughput_counts_the_faces_of_a_batch() -> None:
    result = LatencyResult("m", 8, 1, 4.0, 5.0, MEASURED_AT, 0.1)
    assert result.faces_per_second == 2000.0
    assert result.to_frame().iloc[0].to_dict() == {
        "model": "m",
        "batch_size": 8,
        "repeats": 1,
        "p50_ms": 4.0,
        "p95_ms": 5.0,
        "measured_at": MEASURED_AT,
        "load": 0.1,
        "faces_per_second": 2000.0,
    }


@pytest.mark.parametrize("arguments", [{"batch_size": 0}, {"repeats": 0}])
def test_impossible_measurement_is_refused(
    slow_classifier: Classifier, arguments: dict[str, int]
) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        measure_latency(slow_classifier, **arguments)  # type: ignore[arg-type]


def test_a_measurement_ends_before_the_next_call_when_it_should(
    slow_classifier: Classifier,
) -> None:
    with pytest.raises(JobCanceled):
        measure_latency(slow_classifier, repeats=10**6, should_stop=lambda: True)


def test_a_measurement_says_when_it_was_made(slow_classifier: Classifier) -> None:
    measured_at = measure_latency(slow_classifier, repeats=1).measured_at
    assert measured_at.tzinfo is not None
    assert datetime.now(UTC) - measured_at < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("loads", "sentence"),
    [
        ([], ""),
        ([None], "Measured 2026-05-04 03:02 UTC; the CPU load is unknown."),
        (
            [0.03, 0.05],
            "Measured 2026-05-04 03:02 to 2026-05-04 04:02 UTC, with up to 5% CPU load from "
            "other work.",
        ),
        (
            [0.6],
            "Measured 2026-05-04 03:02 UTC, with up to 60% CPU load from other work. "
            "An idle machine is faster.",
        ),
    ],
)
def test_measurement_conditions_are_a_sentence(loads: list[float | None], sentence: str) -> None:
    results = [
        LatencyResult("m", 1, 50, 4.0, 5.0, MEASURED_AT + timedelta(hours=hours), load)
        for hours, load in enumerate(loads)
    ]
    assert measurement_conditions(results) == sentence
