from __future__ import annotations

import keras
import numpy as np
import pytest

from training.ckplus.fit import EpochClock
from training.loop.schedule import build_optimizer
from training.settings import OptimizerSettings, ScheduleSettings


def test_the_learning_rate_of_an_epoch_is_that_at_its_start() -> None:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    schedule = ScheduleSettings(kind="cosine", epochs=3, warmup_epochs=1)
    optimizer = build_optimizer(OptimizerSettings(learning_rate=0.4), schedule, steps_per_epoch=2)
    model.compile(optimizer, "mse", jit_compile=False)
    clock = EpochClock()
    model.fit(
        np.ones((4, 1)), np.ones((4, 1)), epochs=3, batch_size=2, callbacks=[clock], verbose=0
    )
    assert clock.learning_rates == pytest.approx([0.0, 0.4, 0.2], abs=1e-6)
