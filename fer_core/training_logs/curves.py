"""Curves by epoch: smoothed, with an envelope, of one run or several seeds of one config.

A single noisy line says little about two recipes. A smoothed line with its envelope says more, and
the same recipe trained with several seeds most. If one run's loss starts in the hundreds,
`initial_view` finds a range in which the other curves can be distinguished.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.training_logs.history import Curve, History

if TYPE_CHECKING:
    import pandas as pd

_GUESSING: Final = math.log(8)
"""The loss of equal probabilities for eight expressions; for seven it is slightly lower."""
_WILD: Final = 2.0


@dataclass(frozen=True, eq=False)
class CurveBand:
    """One curve of one run, or of several together; every array has the shape `(epochs,)`.

    Attributes:
        epoch: int64, increasing: the epochs of any of the runs.
        runs: int64, how many runs have a value at this epoch.
        mean: their mean as measured; NaN where no run has a value.
        smooth: the mean, smoothed; NaN where no run has a value.
        low: the lowest value of any run within the window around the epoch.
        high: the highest value of any run within the window around the epoch.
    """

    epoch: NDArray[np.int64]
    runs: NDArray[np.int64]
    mean: NDArray[np.float64]
    smooth: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def has_width(self) -> bool:
        """Whether low and high differ anywhere."""
        return bool((self.high > self.low).any())

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per epoch."""
        import pandas as pd

        return pd.DataFrame(
            {
                "epoch": self.epoch,
                "runs": self.runs,
                "mean": self.mean,
                "smooth": self.smooth,
                "low": self.low,
                "high": self.high,
            }
        )


@dataclass(frozen=True, eq=False)
class InitialView:
    """The initial view of a figure of several curves, if it does not show everything.

    Attributes:
        low: the lowest value in view.
        high: the highest value in view.
        beyond: maximum of each curve that exceeds the view, by name.
    """

    low: float
    high: float
    beyond: Mapping[str, float]


def initial_view(bands: Mapping[str, CurveBand], curve: Curve) -> InitialView | None:
    """Finds the initial view of a figure, so that a few outlier epochs do not flatten all curves.

    A loss is an outlier if it is more than twice the loss of guessing and more than twice the level
    of every curve: the median of its second half, or its last value if that is higher. The last
    value of each curve is always in view.

    Args:
        bands: the curves of one figure by their names.
        curve: which curve they are. Only losses have outliers.

    Returns:
        None if everything is in view.
    """
    if curve not in ("loss", "val_loss"):
        return None
    settled = [_GUESSING]
    ends: list[float] = []
    for band in bands.values():
        mean, smooth = _finite(band.mean), _finite(band.smooth)
        if len(mean):
            settled += [float(np.median(mean[len(mean) // 2 :])), float(mean[-1])]
            ends += [*mean[-1:].tolist(), *smooth[-1:].tolist()]
    if not ends:
        return None
    values = np.concatenate(
        [_finite(edge) for each in bands.values() for edge in (each.low, each.high)]
    )
    high = max(*values[values <= _WILD * max(settled)].tolist(), *ends)
    highest = {name: max(_finite(band.high).tolist(), default=high) for name, band in bands.items()}
    beyond = {name: value for name, value in highest.items() if value > high}
    return InitialView(float(values.min()), high, beyond) if beyond else None


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[np.isfinite(values)]


def curve_band(
    histories: Sequence[History], curve: Curve, *, smoothing: float = 0.0, window: int = 1
) -> CurveBand:
    """Combines one curve of several runs, epoch by epoch.

    Epochs that only some runs have reached are the mean of those.

    Args:
        histories: at least one run.
        curve: which curve.
        smoothing: see `smoothed`.
        window: number of epochs, centered, for the envelope of lowest and highest values; 1 is a
            single epoch.
    """
    import pandas as pd

    columns = [
        pd.Series(getattr(history, curve), index=history.epoch, dtype=np.float64)
        for history in histories
    ]
    table = pd.concat(columns, axis=1).sort_index()
    mean = table.mean(axis=1).to_numpy()
    low, high = envelope(table.min(axis=1).to_numpy(), table.max(axis=1).to_numpy(), window)
    return CurveBand(
        epoch=np.asarray(table.index, np.int64),
        runs=np.asarray(table.count(axis=1), np.int64),
        mean=mean,
        smooth=smoothed(mean, smoothing),
        low=low,
        high=high,
    )


def smoothed(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Returns the exponential moving average with bias correction.

    As in TensorBoard: `s = weight * s + (1 - weight) * value`, starting at 0 and divided by
    `1 - weight ** n` after n values. Missing values are skipped.

    Args:
        values: `(n,)`, NaN where there is none.
        weight: of the past, from 0 (no smoothing) to below 1.

    Returns:
        `(n,)`, NaN where `values` is.

    Raises:
        ValueError: `weight` is not in [0, 1).
    """
    import pandas as pd

    if not 0.0 <= weight < 1.0:
        raise ValueError(f"smoothing must be in [0, 1). Received: smoothing={weight}")
    averages = pd.Series(values).ewm(alpha=1.0 - weight, adjust=True, ignore_na=True).mean()
    return np.where(np.isnan(values), np.nan, averages.to_numpy(np.float64))


def envelope(
    low: NDArray[np.float64], high: NDArray[np.float64], window: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the running minimum of `low` and maximum of `high`.

    Args:
        low: `(n,)`, NaN where there is no value.
        high: `(n,)`, the same array for a single line.
        window: number of values, centered; fewer near the ends.

    Raises:
        ValueError: `window` is below 1.
    """
    import pandas as pd

    if window < 1:
        raise ValueError(f"window must be at least 1. Received: window={window}")
    lowest = pd.Series(low).rolling(window, center=True, min_periods=1).min()
    highest = pd.Series(high).rolling(window, center=True, min_periods=1).max()
    return lowest.to_numpy(np.float64), highest.to_numpy(np.float64)
