from __future__ import annotations

import numpy as np
import pytest

from fer_core.live.frame_rates import WINDOW_S, LiveMeter, LiveRates


def test_nothing_came_yet() -> None:
    assert LiveMeter().rates(10.0) == LiveRates(0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize("fps", [5, 15, 30])
def test_the_rate_is_that_of_the_last_seconds(fps: int) -> None:
    meter = LiveMeter()
    for index in range(10):
        meter.add(arrived_s=index, done_s=index + 0.1, latency_ms=90, dropped=0)  # slow at first
    for index in range(10 * fps):
        meter.add(arrived_s=20, done_s=20 + index / fps, latency_ms=20, dropped=0)
    rates = meter.rates(30)
    assert rates.fps == pytest.approx(fps, rel=0.01)
    assert rates.latency_ms == 20


def test_ages_are_from_arrival_to_drawn_result() -> None:
    meter = LiveMeter()
    ages = np.linspace(0.02, 0.4, 100)
    for index, age in enumerate(ages):
        meter.add(arrived_s=1 + index / 50 - age, done_s=1 + index / 50, latency_ms=5, dropped=0)
    rates = meter.rates(3)
    assert rates.age_ms_p50 == pytest.approx(np.percentile(ages, 50) * 1000)
    assert rates.age_ms_p95 == pytest.approx(np.percentile(ages, 95) * 1000)


def test_dropped_frames_are_a_share_of_those_that_came() -> None:
    meter = LiveMeter()
    for index in range(10):
        meter.add(arrived_s=index / 10, done_s=index / 10, latency_ms=5, dropped=3)
    rates = meter.rates(1)
    assert rates.dropped == pytest.approx(0.75)
    assert rates.dropped_total == 30


def test_old_frames_count_only_in_the_total() -> None:
    meter = LiveMeter()
    meter.add(arrived_s=0, done_s=1, latency_ms=5, dropped=7)
    assert meter.rates(1 + WINDOW_S + 0.1) == LiveRates(0, 0, 0, 0, 0, 7)
