"""Latency of classifiers on this machine, measured and cached."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from fer_core.errors import JobCanceled
from fer_core.files import atomic_write_text
from fer_core.machine import IDLE_BELOW, available_processors, processor_load
from fer_core.paths import cache_folder
from fer_core.zoo.cards import RunnableCard
from fer_core.zoo.classifier import Classifier, load_classifier

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LatencyResult:
    """The latency of a call, over many calls.

    Attributes:
        model: name of the model.
        batch_size: faces per call.
        repeats: measured calls.
        p50_ms: median latency.
        p95_ms: 95th percentile of the latency.
        measured_at: with time zone.
        load: share of the machine's CPU used by other work just before or after, whichever is
            larger, 0 to 1; None if unknown.
    """

    model: str
    batch_size: int
    repeats: int
    p50_ms: float
    p95_ms: float
    measured_at: datetime
    load: float | None

    @property
    def faces_per_second(self) -> float:
        """Throughput at the median latency."""
        return self.batch_size / self.p50_ms * 1000.0

    @property
    def is_disturbed(self) -> bool:
        """Whether other work used so much CPU that the latency is too high."""
        return self.load is not None and self.load >= IDLE_BELOW

    def to_frame(self) -> pd.DataFrame:
        """Returns one row with all attributes and `faces_per_second`."""
        import pandas as pd

        return pd.DataFrame([asdict(self) | {"faces_per_second": self.faces_per_second}])


def measure_latency(
    classifier: Classifier,
    *,
    batch_size: int = 1,
    repeats: int = 50,
    should_stop: Callable[[], bool] = lambda: False,
) -> LatencyResult:
    """Measures the latency of `classifier.predict` on noise, and the CPU load.

    Args:
        classifier: a loaded model.
        batch_size: faces per call, at least 1.
        repeats: calls to measure, at least 1.
        should_stop: called before every measured call.

    Raises:
        ValueError: `batch_size` or `repeats` is below 1.
        JobCanceled: `should_stop` returned True.
    """
    if batch_size < 1 or repeats < 1:
        raise ValueError(
            "batch_size and repeats must be at least 1. "
            f"Received: batch_size={batch_size}, repeats={repeats}"
        )
    shape = (batch_size, *classifier.card.input_shape)
    faces = np.random.default_rng(0).standard_normal(shape, np.float32)
    load_before = processor_load()
    for _ in range(3):
        classifier.predict(faces)
    times_ms = np.empty(repeats)
    for index in range(repeats):
        if should_stop():
            raise JobCanceled("The measurement was stopped before it was complete.")
        started = time.perf_counter()
        classifier.predict(faces)
        times_ms[index] = (time.perf_counter() - started) * 1000.0
    p50_ms, p95_ms = np.percentile(times_ms, (50, 95))
    loads = [load for load in (load_before, processor_load()) if load is not None]
    return LatencyResult(
        model=classifier.card.name,
        batch_size=batch_size,
        repeats=repeats,
        p50_ms=float(p50_ms),
        p95_ms=float(p95_ms),
        measured_at=datetime.now(UTC).replace(microsecond=0),
        load=max(loads, default=None),
    )


def measurement_conditions(results: Iterable[LatencyResult]) -> str:
    """Returns a sentence on when latencies were measured, and on the CPU load; "" for none."""
    results = list(results)
    if not results:
        return ""
    first, last = (
        f"{pick(result.measured_at for result in results).astimezone(UTC):%Y-%m-%d %H:%M}"
        for pick in (min, max)
    )
    sentence = f"Measured {first} UTC" if first == last else f"Measured {first} to {last} UTC"
    loads = [result.load for result in results if result.load is not None]
    if not loads:
        return f"{sentence}; the CPU load is unknown."
    sentence += f", with up to {max(loads):.0%} CPU load from other work."
    if max(loads) >= IDLE_BELOW:
        sentence += " An idle machine is faster."
    return sentence


_unwritten: Final[dict[str, LatencyResult]] = {}


def measure_and_cache(card: RunnableCard) -> LatencyResult:
    """Loads a model, measures its latency for one face, and caches the result.

    If the cache folder cannot be written, the result is kept in memory.

    Raises:
        ModelError: the model cannot be loaded.
    """
    result = measure_latency(load_classifier(card.name))
    fields = asdict(result) | {"measured_at": result.measured_at.isoformat()}
    try:
        atomic_write_text(_cache_file(card), json.dumps(fields))
    except OSError:
        _unwritten[card.fingerprint] = result
    return result


def cached_latency(card: RunnableCard) -> LatencyResult | None:
    """Returns the last measured latency of a model on this machine, or None.

    Files of earlier releases, without date and load, are ignored.
    """
    try:
        stored = json.loads(_cache_file(card).read_text("utf-8"))
        result = LatencyResult(**stored)
        return replace(result, measured_at=datetime.fromisoformat(stored["measured_at"]))
    except (OSError, ValueError, TypeError):  # missing, incomplete, or of an earlier release
        return _unwritten.get(card.fingerprint)


def _cache_file(card: RunnableCard) -> Path:
    return cache_folder("latency") / f"{card.fingerprint[:16]}-{_machine()}.json"


@cache
def _machine() -> str:
    # A cache folder may be shared by several machines.
    parts = (platform.node(), platform.machine(), available_processors(), version("onnxruntime"))
    return "-".join(map(str, parts))
