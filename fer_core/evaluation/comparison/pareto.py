"""Accuracy vs. cost, and the models that no other dominates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_core.evaluation import Interval

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ParetoPoint:
    """One model.

    Attributes:
        model: its name.
        cost: lower is better, such as milliseconds or megabytes.
        accuracy: with its 95% interval.
        on_front: whether no other model dominates it: is at least as accurate and cheap, and
            better in one.
    """

    model: str
    cost: float
    accuracy: Interval
    on_front: bool


@dataclass(frozen=True)
class ParetoFront:
    """All models, cheapest first.

    Attributes:
        points: one per model, by cost, then by accuracy.
    """

    points: tuple[ParetoPoint, ...]

    @property
    def front(self) -> tuple[ParetoPoint, ...]:
        """The models on the Pareto front, by increasing cost and accuracy."""
        return tuple(point for point in self.points if point.on_front)

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per model: model, cost, accuracy, low, high, on_front."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "model": point.model,
                    "cost": point.cost,
                    "accuracy": point.accuracy.value,
                    "low": point.accuracy.low,
                    "high": point.accuracy.high,
                    "on_front": point.on_front,
                }
                for point in self.points
            ]
        )


def pareto_front(accuracy: Mapping[str, Interval], cost: Mapping[str, float]) -> ParetoFront:
    """Finds the models on the Pareto front.

    Args:
        accuracy: by model.
        cost: of the same models.

    Raises:
        ValueError: the two have different models.
    """
    if set(accuracy) != set(cost):
        raise ValueError(
            f"Expected a cost for each of {', '.join(accuracy)}. Received: {', '.join(cost)}"
        )

    def dominated(model: str) -> bool:
        own = (accuracy[model].value, -cost[model])
        return any(
            (theirs := (accuracy[other].value, -cost[other])) != own
            and theirs[0] >= own[0]
            and theirs[1] >= own[1]
            for other in accuracy
        )

    ordered = sorted(accuracy, key=lambda model: (cost[model], accuracy[model].value))
    return ParetoFront(
        tuple(
            ParetoPoint(model, cost[model], accuracy[model], not dominated(model))
            for model in ordered
        )
    )
