"""How long a classifier takes on this machine, and what was last measured of it here."""

from __future__ import annotations

import json
import platform
import time
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from fer_core.cache import cache_folder
from fer_core.cards import ModelCard
from fer_core.classifier import Classifier, load_classifier
from fer_core.processors import available_processors

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LatencyResult:
    """The time of one call, over many calls.

    Attributes:
        model: name of the model.
        batch_size: faces in a call.
        repeats: calls measured.
        p50_ms: half of the calls took at most this long.
        p95_ms: 95 of 100 calls took at most this long.
    """

    model: str
    batch_size: int
    repeats: int
    p50_ms: float
    p95_ms: float

    @property
    def faces_per_second(self) -> float:
        """Faces classified in a second, at the median time."""
        return self.batch_size / self.p50_ms * 1000.0

    def to_frame(self) -> pd.DataFrame:
        """Returns one row with all attributes and `faces_per_second`."""
        import pandas as pd

        return pd.DataFrame([asdict(self) | {"faces_per_second": self.faces_per_second}])


def measure_latency(
    classifier: Classifier, *, batch_size: int = 1, repeats: int = 50
) -> LatencyResult:
    """Measures how long `classifier.predict` takes, on noise.

    Args:
        classifier: a loaded model.
        batch_size: faces in a call, at least 1.
        repeats: calls to measure, at least 1.

    Raises:
        ValueError: `batch_size` or `repeats` is below 1.
    """
    if batch_size < 1 or repeats < 1:
        raise ValueError(
            "batch_size and repeats must be at least 1. "
            f"Received: batch_size={batch_size}, repeats={repeats}"
        )
    shape = (batch_size, *classifier.card.input_shape)
    faces = np.random.default_rng(0).standard_normal(shape, np.float32)
    for _ in range(3):
        classifier.predict(faces)
    times_ms = np.empty(repeats)
    for index in range(repeats):
        started = time.perf_counter()
        classifier.predict(faces)
        times_ms[index] = (time.perf_counter() - started) * 1000.0
    p50_ms, p95_ms = np.percentile(times_ms, (50, 95))
    return LatencyResult(classifier.card.name, batch_size, repeats, float(p50_ms), float(p95_ms))


_unwritten: Final[dict[str, LatencyResult]] = {}


def latency_here(card: ModelCard) -> LatencyResult:
    """Loads a model, measures one face at a time, keeps what it found, and lets the model go.

    Where the cache folder cannot be written, it is kept for as long as this process runs.

    Raises:
        ModelError: the model cannot be loaded.
    """
    result = measure_latency(load_classifier(card.name))
    try:
        _kept_in(card).write_text(json.dumps(asdict(result)), encoding="utf-8")
    except OSError:
        _unwritten[card.fingerprint] = result
    return result


def known_latency(card: ModelCard) -> LatencyResult | None:
    """Returns what was last measured of a model on this machine, None if nothing was."""
    try:
        return LatencyResult(**json.loads(_kept_in(card).read_text("utf-8")))
    except (OSError, ValueError, TypeError):  # none, or not whole
        return _unwritten.get(card.fingerprint)


def _kept_in(card: ModelCard) -> Path:
    return cache_folder("latency") / f"{card.fingerprint[:16]}-{_machine()}.json"


@cache
def _machine() -> str:
    # A cache folder may be shared by several machines.
    parts = (platform.node(), platform.machine(), available_processors(), version("onnxruntime"))
    return "-".join(map(str, parts))
