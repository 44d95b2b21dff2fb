"""A model's lowest scores, as one of the limits in its card."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fer_core.evaluation import ClassificationMetrics
from fer_core.evaluation.scores.ckplus import CkPlusMetrics

_OPENING: Final = "Lowest F1 on the test split:"
_NAMED: Final = 3

_OPENING_OF_UNITS: Final = "Lowest F1 of an action unit, out of fold:"


def limits_with_weakest_classes(
    limits: Iterable[str], reported: ClassificationMetrics
) -> tuple[str, ...]:
    """Returns a model's limits; the first one lists its weakest classes with their scores.

    Args:
        limits: as in a card; an earlier sentence of this kind is replaced.
        reported: the model's scores on its report split, plain.
    """
    return (_sentence(reported), *limits_without_weakest_classes(limits))


def limits_without_weakest_classes(limits: Iterable[str]) -> tuple[str, ...]:
    """Returns the limits that do not depend on a model's scores."""
    return tuple(limit for limit in limits if not limit.startswith(_OPENING))


def limits_with_weakest_units(limits: Iterable[str], metrics: CkPlusMetrics) -> tuple[str, ...]:
    """Returns a CK+ model's limits; the first one lists its weakest action units.

    Args:
        limits: as in a card; an earlier sentence of this kind is replaced.
        metrics: of the model, one prediction per sequence.
    """
    others = (limit for limit in limits if not limit.startswith(_OPENING_OF_UNITS))
    units = metrics.by_sequence.action_units.per_unit.items()
    named = (
        f"{unit} {score.f1:.3f}, shown in {score.positive_sequences}"
        for unit, score in sorted(units, key=lambda item: item[1].f1)[:_NAMED]
    )
    return (
        f"{_OPENING_OF_UNITS} {'; '.join(named)} of {metrics.sequences} sequences. These are of "
        f"{metrics.subjects} people, so intervals are wide.",
        *others,
    )


def _sentence(reported: ClassificationMetrics) -> str:
    weakest = sorted(reported.per_class.items(), key=lambda item: item[1].f1.value)[:_NAMED]
    named = (f"{label} {score.f1.percent()} on {score.support:,} faces" for label, score in weakest)
    return f"{_OPENING} {'; '.join(named)}. In brackets: 95% interval."
