"""The robustness page: what is shipped, what is out of date, and one face getting worse."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from fer_core.evaluation.reliability import robustness
from fer_core.labels.emotions import FER2013
from fer_core.preprocessing.corruptions import Corruption, corrupt
from fer_core.zoo.artifacts import ROBUSTNESS_FILE, write_robustness
from fer_core.zoo.store import ModelStore
from tests.app.visit import alerts, visit, words
from tests.robustness_results import robustness_of

LONG_WAIT_S = 120


class Gate:
    """Holds a measurement in the eighth of its fifty steps until it is opened."""

    def __init__(self) -> None:
        self.is_reached = threading.Event()
        self.is_open = threading.Event()
        self.steps: set[tuple[str, int]] = set()

    def corrupt(
        self, face: NDArray[np.uint8], corruption: Corruption, severity: int, *, seed: int
    ) -> NDArray[np.uint8]:
        self.steps.add((corruption, severity))
        if len(self.steps) == 8:
            self.is_reached.set()
            assert self.is_open.wait(LONG_WAIT_S)
        return corrupt(face, corruption, severity, seed=seed)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(robustness, "corrupt", gate.corrupt)
    return gate


def ship(models_dir: Path, name: str, *, weights: str | None = None) -> None:
    """Puts an invented result beside a model."""
    correct = np.random.default_rng(len(name)).integers(200, 400, (10, 5))
    checksum = ModelStore.default().load_card(name).weights.sha256 if weights is None else weights
    result = robustness_of(correct, clean=450, rows=700, model=name, weights=checksum)
    write_robustness(models_dir / name / ROBUSTNESS_FILE, result)


def accuracies(app: AppTest) -> pd.DataFrame | None:
    tables = [frame.value for frame in app.dataframe if "low" in frame.value.columns]
    return tables[0] if tables else None


def measure(app: AppTest, name: str) -> None:
    visit(app, "robustness", tables=["robustness_accuracies"])
    app.selectbox(key="robustness_model").select(name).run()
    app.button(key="robustness_measure").click().run()


def wait_for_the_measurement(app: AppTest) -> None:
    """Runs the page again, as the browser does twice a second, until the work is over."""
    deadline = time.monotonic() + LONG_WAIT_S
    while app.get("progress") or any(button.label == "Stop" for button in app.button):
        assert time.monotonic() < deadline
        time.sleep(0.1)
        app.run()


def progress_text(app: AppTest) -> str:
    (bar,) = app.get("progress")
    return str(bar.proto.text)


def test_what_was_never_measured_is_named(app: AppTest, own_models_dir: Path) -> None:
    visit(app, "robustness", tables=["robustness_accuracies"])
    assert not app.exception
    assert "Not measured yet: Tiny tiny_" in alerts(app)
    assert accuracies(app) is None


def test_shipped_results_are_shown_by_corruption(app: AppTest, own_models_dir: Path) -> None:
    ship(own_models_dir, "tiny_a")
    ship(own_models_dir, "tiny_b")
    visit(app, "robustness", tables=["robustness_accuracies"])
    assert "Not measured yet" not in alerts(app)
    everything = accuracies(app)
    assert everything is not None
    assert len(everything) == 2 * 10 * 6
    app.selectbox(key="robustness_kind").select("noise").run()
    noise = accuracies(app)
    assert noise is not None
    assert set(noise["corruption"]) == {"noise"}
    assert len(noise) == 2 * 6
    assert "700 faces of FER2013 test (PrivateTest)" in words(app)
    assert "neither “cnn” nor “ferplus_cnn” is measured here" in alerts(app)


def test_corruption_errors_are_relative_to_the_cnn(app: AppTest, own_models_dir: Path) -> None:
    (own_models_dir / "tiny_a").rename(own_models_dir / "cnn")
    card = own_models_dir / "cnn" / "card.json"
    card.write_text(card.read_text().replace('"name": "tiny_a"', '"name": "cnn"'))
    ship(own_models_dir, "cnn")
    ship(own_models_dir, "tiny_b")
    visit(app, "robustness")
    tables = [f.value for f in app.dataframe if "mean_corruption_error" in f.value.columns]
    table = tables[0].set_index("model")
    assert table.loc["Tiny tiny_a", "mean_corruption_error"] == 1
    assert len(table) == 2
    low, high = (
        table[f"mean_corruption_error_{bound}"]["Tiny tiny_b"] for bound in ("low", "high")
    )
    assert float(low) < float(high)
    (pairs,) = [f.value for f in app.dataframe if "accuracy_low" in f.value.columns]
    assert {pairs["first"][0], pairs["second"][0]} == {"Tiny tiny_a", "Tiny tiny_b"}
    assert "random rotation" in words(app)


def test_results_of_other_weights_are_named_and_not_shown(
    app: AppTest, own_models_dir: Path
) -> None:
    ship(own_models_dir, "tiny_a", weights="0" * 64)
    ship(own_models_dir, "tiny_b")
    visit(app, "robustness", tables=["robustness_accuracies"])
    assert "Outdated results: Tiny tiny_a" in alerts(app)
    shown = accuracies(app)
    assert shown is not None
    assert set(shown["model"]) == {"Tiny tiny_b"}


def test_a_damaged_file_is_named_and_hides_no_other_model(
    app: AppTest, own_models_dir: Path
) -> None:
    (own_models_dir / "tiny_a" / ROBUSTNESS_FILE).write_text("nothing")
    ship(own_models_dir, "tiny_b")
    visit(app, "robustness", tables=["robustness_accuracies"])
    assert not app.exception
    assert "robustness.npz" in alerts(app)
    assert accuracies(app) is not None


def test_every_model_predicts_one_face_at_the_chosen_severity(
    app: AppTest, models_dir: Path
) -> None:
    visit(app, "robustness", tables=["robustness_face"])
    app.selectbox(key="robustness_corruption").select("covered_mouth")
    app.slider(key="robustness_severity").set_value(0).run()
    table = next(f.value for f in app.dataframe if "before" in f.value.columns)
    assert len(table) == 2
    assert not table["changed"].any()
    assert (table["confidence_before"] == table["confidence_after"]).all()
    assert set(table["before"]) <= set(FER2013)
    app.slider(key="robustness_severity").set_value(5).run()
    table = next(f.value for f in app.dataframe if "before" in f.value.columns)
    assert (table["confidence_before"] != table["confidence_after"]).any()
    by_severity = next(f.value for f in app.dataframe if "first_predicted" in f.value.columns)
    assert len(by_severity) == 2 * 6
    assert set(by_severity["model"]) == {"Tiny tiny_a", "Tiny tiny_b"}


def test_robustness_can_be_measured_with_the_dataset(app: AppTest, models_with_faces: Path) -> None:
    measure(app, "tiny_a")
    wait_for_the_measurement(app)
    assert not app.exception
    shown = accuracies(app)
    assert shown is not None
    assert set(shown["model"]) == {"Tiny tiny_a"}
    assert (shown["rows"] == 42).all()
    assert [box.value for box in app.success] == ["Measured in this session: Tiny tiny_a."]
    assert not (models_with_faces / "tiny_a" / ROBUSTNESS_FILE).exists()


def test_a_measurement_continues_while_other_widgets_are_used(
    app: AppTest, models_with_faces: Path, gate: Gate
) -> None:
    measure(app, "tiny_a")
    assert gate.is_reached.wait(LONG_WAIT_S)
    assert progress_text(app.run()) == "Measuring Tiny tiny_a: 14%"
    assert app.button(key="robustness_measure").disabled

    app.selectbox(key="robustness_model").select("tiny_b").run()
    app.slider(key="robustness_severity").set_value(5).run()
    assert progress_text(app) == "Measuring Tiny tiny_a: 14%"
    visit(app, "home")
    assert not app.get("progress")
    gate.is_open.set()
    visit(app, "robustness")
    wait_for_the_measurement(app)
    shown = accuracies(app)
    assert shown is not None
    assert set(shown["model"]) == {"Tiny tiny_a"}
    assert not app.button(key="robustness_measure").disabled


def test_a_stopped_measurement_can_be_tried_again(
    app: AppTest, models_with_faces: Path, gate: Gate
) -> None:
    measure(app, "tiny_b")
    assert gate.is_reached.wait(LONG_WAIT_S)
    app.run()
    app.button(key="robustness_measuring_stop").click().run()
    assert progress_text(app) == "Stopping…"
    gate.is_open.set()
    wait_for_the_measurement(app)
    assert "The measurement was stopped before it was complete." in alerts(app)
    assert accuracies(app) is None

    app.button(key="robustness_measuring_again").click().run()
    wait_for_the_measurement(app)
    assert "Stopped" not in alerts(app)
    shown = accuracies(app)
    assert shown is not None
    assert set(shown["model"]) == {"Tiny tiny_b"}


def test_a_measurement_that_broke_down_can_be_tried_again(
    app: AppTest, models_with_faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(robustness, "corrupt", break_down)
        measure(app, "tiny_a")
        wait_for_the_measurement(app)
    assert "The job failed because of an internal error" in alerts(app)
    app.button(key="robustness_measuring_again").click().run()
    wait_for_the_measurement(app)
    assert accuracies(app) is not None


def test_clearing_a_session_stops_its_measurement(
    app: AppTest, models_with_faces: Path, gate: Gate
) -> None:
    measure(app, "tiny_a")
    assert gate.is_reached.wait(LONG_WAIT_S)
    app.run()
    app.sidebar.button(key="clear_my_data").click().run()
    gate.is_open.set()
    for thread in threading.enumerate():
        if thread.name == "job":
            thread.join(LONG_WAIT_S)
    assert len(gate.steps) == 8
    visit(app, "robustness", tables=["robustness_accuracies"])
    assert accuracies(app) is None
    assert not app.button(key="robustness_measure").disabled


def test_without_the_dataset_it_says_how_to_measure(app: AppTest, models_dir: Path) -> None:
    visit(app, "robustness")
    assert "put `fer2013.csv` into the folder `data/`" in words(app)
    assert not [button for button in app.button if button.key == "robustness_measure"]
