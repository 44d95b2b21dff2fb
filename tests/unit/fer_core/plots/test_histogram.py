from __future__ import annotations

import numpy as np

from fer_core.plots.histogram import histogram, histogram_figure


def test_every_value_is_counted_once_and_drawn() -> None:
    values = np.linspace(-1.5, 2.5, 48 * 48, dtype=np.float32).reshape(48, 48, 1)
    found = histogram(values)
    assert found.counts.sum() == 48 * 48
    frame = found.to_frame()
    assert (frame["low"].iloc[0], frame["high"].iloc[-1]) == (-1.5, 2.5)
    assert (frame["high"] > frame["low"]).all()
    (bars,) = histogram_figure(found, title="numbers").data
    np.testing.assert_array_equal(bars.y, found.counts)
