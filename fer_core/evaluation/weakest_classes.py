"""Which classes a model scores lowest on, as one of the limits that its card states."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fer_core.evaluation.scores import ClassificationMetrics

_OPENING: Final = "Lowest F1 on the test split:"
_NOT_MEASURED: Final = (
    "Fear, sad and disgust, rare or ambiguous in the data, get the lowest scores."
)
"""What older cards say whatever their scores are."""

_NAMED: Final = 3


def limits_with_weakest_classes(
    limits: Iterable[str], reported: ClassificationMetrics
) -> tuple[str, ...]:
    """Returns limits of a model, the first of which names its weakest classes with their scores.

    Args:
        limits: as a card has them; an earlier sentence of this kind is replaced.
        reported: the model's score on its report split, plain.
    """
    return (_sentence(reported), *limits_without_weakest_classes(limits))


def limits_without_weakest_classes(limits: Iterable[str]) -> tuple[str, ...]:
    """Returns the limits that do not follow from a model's scores."""
    return tuple(
        limit for limit in limits if not limit.startswith(_OPENING) and limit != _NOT_MEASURED
    )


def _sentence(reported: ClassificationMetrics) -> str:
    weakest = sorted(reported.per_class.items(), key=lambda item: item[1].f1.value)[:_NAMED]
    named = (f"{label} {score.f1.percent()} on {score.support:,} faces" for label, score in weakest)
    return f"{_OPENING} {'; '.join(named)}. In brackets: 95 % interval."
