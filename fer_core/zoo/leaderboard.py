"""Scores and costs of several models side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from fer_core.evaluation import (
    CalibrationError,
    ClassificationMetrics,
    EvaluationProtocol,
    SplitPredictions,
)
from fer_core.evaluation.comparison import ParetoFront, pareto_front
from fer_core.evaluation.reliability import Calibration, calibration_scores
from fer_core.zoo.cards import ModelCard

if TYPE_CHECKING:
    import pandas as pd

    from fer_core.zoo.latency import LatencyResult

Cost = Literal["size", "macs", "parameters", "latency"]
COST_TITLES: Final[dict[Cost, str]] = {
    "size": "file size (MB)",
    "macs": "MACs per face (millions)",
    "parameters": "parameters (millions)",
    "latency": "latency p50 (ms)",
}
"""With the unit of `Candidate.cost`."""


@dataclass(frozen=True)
class Candidate:
    """One model on one split.

    Attributes:
        card: of the model.
        scores: on the split.
        ece: expected calibration error, see `calibration_error_as_served`; None where the
            model's temperature was not fitted for these probabilities.
        latency: on this machine; None until it is measured.
    """

    card: ModelCard
    scores: ClassificationMetrics
    ece: CalibrationError | None
    latency: LatencyResult | None

    def cost(self, cost: Cost) -> float | None:
        """Returns a cost in the unit of `COST_TITLES`; None for a latency not measured yet."""
        if cost == "latency":
            return None if self.latency is None else self.latency.p50_ms
        of_card = {
            "size": self.card.weights.size_bytes,
            "macs": self.card.macs,
            "parameters": self.card.parameters,
        }
        return of_card[cost] / 1e6


@dataclass(frozen=True)
class Leaderboard:
    """Several models on one split under one evaluation protocol.

    Attributes:
        candidates: the most accurate first.
    """

    candidates: tuple[Candidate, ...]

    @classmethod
    def of(cls, candidates: Iterable[Candidate]) -> Leaderboard:
        """Sorts candidates by accuracy, highest first."""
        return cls(tuple(sorted(candidates, key=lambda each: -each.scores.accuracy.value)))

    def pareto(self, cost: Cost) -> ParetoFront | None:
        """Returns accuracy vs. one cost; None while any model's cost is unknown."""
        costs: Mapping[str, float | None] = {
            candidate.card.name: candidate.cost(cost) for candidate in self.candidates
        }
        known = {name: value for name, value in costs.items() if value is not None}
        if len(known) < len(costs):
            return None
        return pareto_front(
            {candidate.card.name: candidate.scores.accuracy for candidate in self.candidates}, known
        )

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per model; `f1_<label>` is empty for labels the model does not have.

        Columns: name, model, accuracy, accuracy_low, accuracy_high, accuracy_without_duplicates,
        macro_f1, ece, ece_noise_floor, ece_p_value, parameters, macs, size_mb, p50_ms, p95_ms,
        measured_at, load, f1_<label>...
        Missing measurements are empty.
        """
        import pandas as pd

        rows = [
            {
                "name": candidate.card.name,
                "model": candidate.card.title,
                "accuracy": candidate.scores.accuracy.value,
                "accuracy_low": candidate.scores.accuracy.low,
                "accuracy_high": candidate.scores.accuracy.high,
                "accuracy_without_duplicates": _without_duplicates(candidate.scores),
                "macro_f1": candidate.scores.macro_f1.value,
                "ece": candidate.ece.value if candidate.ece else float("nan"),
                "ece_noise_floor": candidate.ece.noise_floor if candidate.ece else float("nan"),
                "ece_p_value": candidate.ece.p_value if candidate.ece else float("nan"),
                "parameters": candidate.card.parameters,
                "macs": candidate.card.macs,
                "size_mb": candidate.cost("size"),
                "p50_ms": candidate.latency.p50_ms if candidate.latency else float("nan"),
                "p95_ms": candidate.latency.p95_ms if candidate.latency else float("nan"),
                "measured_at": candidate.latency and candidate.latency.measured_at,
                "load": candidate.latency and candidate.latency.load,
            }
            | {f"f1_{label}": score.f1.value for label, score in candidate.scores.per_class.items()}
            for candidate in self.candidates
        ]
        return pd.DataFrame(rows)


def _without_duplicates(scores: ClassificationMetrics) -> float:
    without = scores.without_training_duplicates
    return float("nan") if without is None else without.accuracy.value


def calibration_error_as_served(
    predictions: SplitPredictions,
    protocol: EvaluationProtocol,
    calibration: Calibration,
) -> CalibrationError | None:
    """Returns the expected calibration error of the probabilities that the app shows.

    The app runs one pass per face, and the temperature is fitted for that. A mean over flips or
    crops is less confident and more often correct, so with this temperature its error would
    describe probabilities that are never shown.

    Args:
        predictions: at least one row.
        protocol: which probabilities to take.
        calibration: from the model's card; the app applies it to every face.

    Returns:
        None unless `protocol` is plain.
    """
    if protocol != "plain":
        return None
    probabilities = calibration.apply(predictions.probabilities)
    return calibration_scores(probabilities, predictions.label).ece
