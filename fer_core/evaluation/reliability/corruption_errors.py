"""Comparison of models by robustness: mean corruption errors and paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.evaluation import Interval
from fer_core.evaluation.reliability.robustness import Robustness
from fer_core.evaluation.scores import interval, percentiles
from fer_core.preprocessing import CORRUPTIONS

if TYPE_CHECKING:
    import pandas as pd

BASELINES: Final = ("cnn", "ferplus_cnn")
"""Baselines of relative errors, like AlexNet in Hendrycks and Dietterich: a FER2013 and a FER+
model; the first one present is used."""


@dataclass(frozen=True, eq=False)
class CorruptionErrors:
    """Corruption errors of several models, relative to a baseline model.

    Hendrycks and Dietterich 2019: a model's errors on a corruption, summed over severities, divided
    by those of the baseline; the mean over the corruptions is the mean corruption error (mCE).
    Below 1 is more robust than the baseline.

    Attributes:
        baseline: name of the baseline model.
        models: their names.
        clean_error: `(models,)`, the error on clean faces.
        errors: `(models, 10)`, relative errors by `CORRUPTIONS`.
        mean: of each model, the mean corruption error with its 95% bootstrap interval. Faces are
            resampled jointly with the baseline, so the baseline's own interval has no width.
        mean_accuracy: of each model, over all corruptions and severities, likewise.
    """

    baseline: str
    models: tuple[str, ...]
    clean_error: NDArray[np.float64]
    errors: NDArray[np.float64]
    mean: tuple[Interval, ...]
    mean_accuracy: tuple[Interval, ...]

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per model, most robust first: clean error, mCE, and every corruption."""
        import pandas as pd

        scores = {"mean_corruption_error": self.mean, "mean_accuracy": self.mean_accuracy}
        columns: dict[str, object] = {"model": list(self.models), "clean_error": self.clean_error}
        for name, intervals in scores.items():
            columns[name] = [each.value for each in intervals]
            columns[f"{name}_low"] = [each.low for each in intervals]
            columns[f"{name}_high"] = [each.high for each in intervals]
        columns |= {name: self.errors[:, index] for index, name in enumerate(CORRUPTIONS)}
        return pd.DataFrame(columns).sort_values("mean_corruption_error", ignore_index=True)


def corruption_errors(results: Sequence[Robustness]) -> CorruptionErrors | None:
    """Compares models by their corruption errors.

    The first of `BASELINES` among the results is the baseline.

    Args:
        results: of models measured on the same faces.

    Returns:
        None if no baseline is among the results or it makes no error on a corruption.

    Raises:
        ModelError: they were measured on different faces.
    """
    _check_same_faces(results)
    base = _baseline(results)
    if base is None:
        return None
    errors = np.stack([result.errors for result in results]) / base.errors
    return CorruptionErrors(
        base.model,
        tuple(result.model for result in results),
        np.array([1 - result.correct_clean / result.rows for result in results]),
        errors,
        tuple(
            interval(float(value), _resampled_mce(result, base))
            for value, result in zip(errors.mean(axis=1), results, strict=True)
        ),
        tuple(result.mean_accuracy() for result in results),
    )


@dataclass(frozen=True)
class RobustnessDifference:
    """The first model minus the second, on the same faces.

    The intervals are of the paired bootstrap at 95%: both models' predictions for a face and all
    its corrupted versions are resampled together. An interval that excludes 0 is a significant
    difference; among many pairs, a few exclude 0 by chance.

    Attributes:
        first: name of the first model.
        second: name of the second.
        accuracy: difference of the accuracies over all corruptions and severities; above 0, the
            first is more robust.
        accuracy_low: lower bound of its interval.
        accuracy_high: upper bound.
        mean_corruption_error: difference of the mCEs; below 0, the first is more robust. NaN
            without a baseline.
        mean_corruption_error_low: lower bound of its interval.
        mean_corruption_error_high: upper bound.
    """

    first: str
    second: str
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    mean_corruption_error: float
    mean_corruption_error_low: float
    mean_corruption_error_high: float


def robustness_differences(results: Sequence[Robustness]) -> list[RobustnessDifference]:
    """Compares each pair of models, the more robust one first.

    Args:
        results: of models measured on the same faces.

    Raises:
        ModelError: they were measured on different faces.
    """
    _check_same_faces(results)
    base = _baseline(results)
    ordered = sorted(results, key=lambda result: -result.mean_accuracy().value)
    return [_difference(first, second, base) for first, second in combinations(ordered, 2)]


def _difference(
    first: Robustness, second: Robustness, base: Robustness | None
) -> RobustnessDifference:
    accuracies = [each.resampled_accuracy.mean(axis=(1, 2)) for each in (first, second)]
    errors = (np.nan, np.nan, np.nan)
    if base is not None:
        value = float((first.errors / base.errors - second.errors / base.errors).mean())
        resampled = _resampled_mce(first, base) - _resampled_mce(second, base)
        errors = (value, *percentiles(resampled))
    return RobustnessDifference(
        first.model,
        second.model,
        float(first.correct.mean() / first.rows - second.correct.mean() / second.rows),
        *percentiles(accuracies[0] - accuracies[1]),
        *errors,
    )


def _baseline(results: Sequence[Robustness]) -> Robustness | None:
    by_name = {result.model: result for result in results}
    base = next((by_name[name] for name in BASELINES if name in by_name), None)
    return base if base is not None and base.errors.all() else None


def _resampled_mce(result: Robustness, base: Robustness) -> NDArray[np.float64]:
    """Shape `(resamples,)`; NaN where the baseline makes no error on a corruption."""
    errors, of_base = (1 - each.resampled_accuracy.mean(axis=2) for each in (result, base))
    # Weights sum to 1 except for rounding, so an error of 0 may come out as about 1e-16.
    of_base = np.where(of_base > 1e-12, of_base, np.nan)
    return np.asarray((errors / of_base).mean(axis=1), np.float64)


def _check_same_faces(results: Sequence[Robustness]) -> None:
    for result in results[1:]:
        first = results[0]
        if result.split != first.split or not np.array_equal(result.row_id, first.row_id):
            raise ModelError(
                f"The robustness of {first.model} and of {result.model} was measured on different "
                "faces. Measure both again with `python -m training.artifacts.robustness`."
            )
