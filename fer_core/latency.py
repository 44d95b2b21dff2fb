"""How long a classifier takes on this machine."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_core.classifier import Classifier

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
