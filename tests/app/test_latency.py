"""Latency: a visitor's measurement is private, and live video has priority."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.errors import JobCanceled
from fer_core.zoo.latency import LatencyResult, cached_latency, measure_and_cache, measure_latency
from fer_core.zoo.store import ModelStore, list_models
from pages.session.jobs import slots_of
from pages.session.slots import live_slots
from pages.shared import latency as times
from tests.app.visit import alerts, visit, words

pytestmark = pytest.mark.usefixtures("models_dir")


def run_until(app: AppTest, holds: Callable[[], bool]) -> None:
    """Reruns the page repeatedly, as the browser does."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, [*alerts(app), *keys(app)]
        time.sleep(0.3)
        app.run()


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def board(app: AppTest) -> dict[Hashable, list[float]]:
    (frame,) = [each.value for each in app.dataframe if "macro_f1" in each.value.columns]
    columns: dict[Hashable, list[float]] = frame.to_dict("list")
    return columns


@contextmanager
def live_video() -> Iterator[None]:
    visitor = object()
    assert live_slots().acquire(visitor, 1000)
    try:
        yield
    finally:
        live_slots().release(visitor)


def test_what_a_visitor_measures_is_theirs_alone(app: AppTest) -> None:
    visit(app, "compare", tables=["compare_front"])
    app.segmented_control(key="compare_cost").set_value("latency").run()
    assert "not measured yet" in alerts(app)
    app.button(key="compare_measure").click().run()
    run_until(app, lambda: "compare_measure" in keys(app))
    found = board(app)
    assert all(p95 >= p50 > 0 for p50, p95 in zip(found["p50_ms"], found["p95_ms"], strict=True))
    assert "not measured yet" not in alerts(app)
    assert words(app).count("Latency on this machine: p50") == 2
    assert "Your latency, for this session only: measured 20" in words(app)
    assert [cached_latency(card) for card in list_models().cards] == [None, None]

    another = AppTest.from_file(app._script_path, default_timeout=120)
    another.run()
    assert "home_measure" in keys(another)
    assert "Your latency" not in words(another)


def test_home_offers_to_measure_and_to_measure_again(app: AppTest) -> None:
    app.run()
    assert "95th percentile (p95) below" not in words(app)
    assert app.button(key="home_measure").label == "Measure latency"
    app.button(key="home_measure").click().run()
    run_until(app, lambda: "p95 " in app.get("html")[0].proto.body)
    assert app.button(key="home_measure").label == "Measure again"
    assert "95th percentile (p95) below" in words(app)
    assert "Your latency" in words(app)


def test_the_machines_own_times_have_their_date_and_load(app: AppTest) -> None:
    for card in list_models().cards:
        measure_and_cache(card)
    app.run()
    assert "Latency: measured 20" in words(app)
    assert "CPU load" in words(app)


def test_a_measurement_waits_for_another_and_for_live_video(app: AppTest) -> None:
    app.run()
    another = slots_of("times", 1).request("another visitor")
    with live_video():
        app.button(key="home_measure").click().run()
        assert "Waiting: 1 other before you." in alerts(app)
        another.release()
        run_until(app, lambda: bool(app.get("progress")))
        waiting = "a live video is running, which would distort the measurement"
        run_until(app, lambda: waiting in app.get("progress")[0].proto.text)
    run_until(app, lambda: "Your latency" in words(app))


def test_a_measurement_that_is_stopped_before_the_first_model_says_so(app: AppTest) -> None:
    app.run()
    with live_video():
        app.button(key="home_measure").click().run()
        run_until(app, lambda: "times_stop" in keys(app))
        app.button(key="times_stop").click().run()
        run_until(app, lambda: "home_measure" in keys(app))
    assert "stopped before the first model was measured" in words(app)
    assert "Your latency" not in words(app)


def test_live_video_interrupts_a_measurement_which_begins_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Live video begins after the third question for it, and has ended at the sixth."""
    asked: list[int] = []
    measured: list[LatencyResult] = []

    def videos() -> int:
        asked.append(1)
        return int(3 <= len(asked) < 6)

    def noted(*args: object, **kwargs: object) -> LatencyResult:
        measured.append(measure_latency(*args, **kwargs))  # type: ignore[arg-type]
        return measured[-1]

    monkeypatch.setattr(times, "measure_latency", noted)
    reports: list[int] = []
    card = ModelStore.default().load_scored_card("tiny_a")
    found = times._measure([card], lambda at: reports.append(at.live), lambda: False, videos)
    assert found == {card.fingerprint: measured[0]}
    assert reports == [0, 1, 1, 0]
    assert measured[0].repeats == 50


def test_what_was_measured_before_a_stop_is_kept() -> None:
    cards = list_models().cards
    titles: list[str] = []

    def should_stop() -> bool:
        return cards[1].title in titles

    found = times._measure(cards, lambda at: titles.append(at.title), should_stop, lambda: 0)
    assert list(found) == [cards[0].fingerprint]
    with pytest.raises(JobCanceled):
        times._measure(cards, lambda at: None, lambda: True, lambda: 0)
