"""Calibration & threshold: the figures' numbers, and a threshold that other pages take over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.reliability.calibration import calibration_scores
from fer_core.evaluation.reliability.selective import selective_scores, threshold_sweep
from fer_core.evaluation.reliability.temperature import Calibration
from fer_core.labels.emotions import FER2013
from fer_core.labels.splits import split_title
from fer_core.recognition.threshold_choice import threshold_for_accuracy
from fer_core.zoo.artifacts import write_predictions
from fer_core.zoo.store import ModelStore
from tests.app.visit import alerts, visit, words

PUBLIC, PRIVATE = "fer2013_public_test", "fer2013_private_test"


def table_with(app: AppTest, column: str) -> pd.DataFrame:
    return next(frame.value for frame in app.dataframe if column in frame.value.columns)


def chosen_model(app: AppTest) -> str:
    return str(app.selectbox(key="calibration_model").value)


def always_incorrect(splits: dict[str, SplitPredictions]) -> list[SplitPredictions]:
    """Returns the same probabilities of faces that all show something else."""
    return [
        SplitPredictions(
            split.split,
            split.labels,
            split.row_id,
            (split.probabilities.argmax(axis=1) + 1) % len(split.labels),
            split.probabilities,
        )
        for split in splits.values()
    ]


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.usefixtures("models_dir")
def test_scores_before_and_after_are_those_of_the_card(app: AppTest) -> None:
    visit(app, "calibration")
    name = chosen_model(app)
    effect = ModelStore.default().load_scored_card(name).calibration[PRIVATE]
    scores = table_with(app, "brier")
    shown = list(effect.by_name.values())
    assert len(shown) == 3  # before, after, and after on faces without a copy in training
    assert scores["ece"].tolist() == [each.ece.percent() for each in shown]
    assert scores["mce"].tolist() == [each.mce for each in shown]
    app.selectbox(key="calibration_split").select(PUBLIC).run()
    effect = ModelStore.default().load_scored_card(name).calibration[PUBLIC]
    assert table_with(app, "brier")["nll"].tolist() == [
        each.nll.decimal() for each in effect.by_name.values()
    ]


def test_a_model_without_temperature_is_measured_as_it_is(
    app: AppTest, own_models_dir: Path
) -> None:
    for name in ("tiny_a", "tiny_b"):
        card = ModelStore.default().load_scored_card(name)
        uncalibrated = card.model_copy(update={"temperature": None, "calibration": {}})
        (own_models_dir / name / "card.json").write_text(uncalibrated.to_json())
    visit(app, "calibration", tables=["calibration_bins", "calibration_classes"])
    assert "This model has no temperature" in words(app)
    name = chosen_model(app)
    predictions = ModelStore.default().load_predictions(name)[PRIVATE]
    ece = calibration_scores(predictions.probabilities, predictions.label).ece.percent()
    scores = table_with(app, "probabilities")
    assert scores["probabilities"].tolist() == ["as the app shows them", "without duplicates"]
    assert scores["ece"].iloc[0] == ece
    assert table_with(app, "low")["count"].sum() == len(predictions)
    assert table_with(app, "labels")["labels"].tolist() == list(FER2013)
    assert not [each for each in app.get("plotly_chart") if "calibration_before" in each.proto.id]
    assert "before" not in words(app).lower()
    assert "after temperature" not in words(app).lower()
    assert not app.exception


@pytest.mark.usefixtures("models_dir")
def test_bins_are_shown_for_the_top_label_and_for_each_class(app: AppTest) -> None:
    visit(app, "calibration", tables=["calibration_bins", "calibration_classes"])
    rows = len(ModelStore.default().load_predictions("tiny_a")[PRIVATE])
    assert table_with(app, "low")["count"].sum() == 2 * rows
    assert table_with(app, "low")["low"][table_with(app, "low")["count"] > 0].min() > 0.1
    app.selectbox(key="calibration_view").select("fear").run()
    bins = table_with(app, "low")
    assert bins["count"].sum() == 2 * rows
    assert bins["count"].iloc[0] > rows / 4  # most faces show something else
    assert table_with(app, "ece_before")["labels"].tolist() == list(FER2013)
    assert not app.exception


@pytest.mark.usefixtures("models_dir")
def test_numbers_follow_the_threshold_on_calibrated_probabilities(app: AppTest) -> None:
    visit(app, "calibration")
    app.slider(key="calibration_threshold").set_value(0.62).run()
    name = chosen_model(app)
    card, predictions = (
        ModelStore.default().load_scored_card(name),
        ModelStore.default().load_predictions(name)[PRIVATE],
    )
    assert card.temperature is not None
    calibrated = card.fitted_calibration.apply(predictions.probabilities)
    scores = selective_scores(calibrated, predictions.label, card.labels, 0.62)
    assert scores.accuracy is not None
    assert metrics(app)["Coverage"] == f"{scores.coverage:.1%}"
    assert metrics(app)["Selective accuracy"] == scores.accuracy.percent()
    np.testing.assert_array_equal(
        table_with(app, "precision")["recall"], scores.to_frame()["recall"]
    )


def test_numbers_follow_a_card_that_changes_under_its_name(
    app: AppTest, own_models_dir: Path
) -> None:
    """The caches of all visitors know a model by its whole card, not by name or weights."""
    visit(app, "calibration")
    app.slider(key="calibration_threshold").set_value(0.62).run()
    before = metrics(app)["Coverage"]
    name = chosen_model(app)
    card = ModelStore.default().load_scored_card(name)
    cooler = card.model_copy(update={"temperature": 4.0, "label_smoothing": 0.0})
    (own_models_dir / name / "card.json").write_text(cooler.to_json())
    app.run()
    predictions = ModelStore.default().load_predictions(name)[PRIVATE]
    calibrated = Calibration(4.0).apply(predictions.probabilities)
    coverage = selective_scores(calibrated, predictions.label, card.labels, 0.62).coverage
    assert metrics(app)["Coverage"] == f"{coverage:.1%}" != before


@pytest.mark.usefixtures("models_dir")
def test_the_recommended_threshold_is_chosen_on_the_selection_split(app: AppTest) -> None:
    visit(app, "calibration")
    app.slider(key="calibration_wanted").set_value(0.9).run()
    name = chosen_model(app)
    card, every_row = (
        ModelStore.default().load_scored_card(name),
        ModelStore.default().load_predictions(name)[PUBLIC],
    )
    predictions = every_row.without_training_duplicates()
    assert len(predictions) < len(every_row)
    assert card.temperature is not None
    calibrated = card.fitted_calibration.apply(predictions.probabilities)
    recommended = threshold_sweep(calibrated, predictions.label).reaching(0.9)
    assert recommended is not None
    assert (
        f"reaches 90% on {split_title(PUBLIC)} is **{recommended:.0%}**. On {split_title(PRIVATE)}"
        in words(app)
    )
    app.button(key="calibration_take").click().run()
    assert app.slider(key="calibration_threshold").value == recommended


@pytest.mark.usefixtures("own_models_dir")
def test_a_wanted_accuracy_out_of_reach_is_said(app: AppTest) -> None:
    for name in ("tiny_a", "tiny_b"):
        wrong = always_incorrect(ModelStore.default().load_predictions(name))
        write_predictions(ModelStore.default().model_folder(name) / "predictions.npz", wrong)
    visit(app, "calibration")
    assert "Target not reachable" in alerts(app)
    assert "The maximum is 0.0%" in alerts(app)
    assert not [button for button in app.button if button.key == "calibration_take"]
    assert not app.exception


@pytest.mark.usefixtures("models_dir")
def test_zero_coverage_is_stated(app: AppTest) -> None:
    visit(app, "calibration")
    app.slider(key="calibration_threshold").set_value(1.0).run()
    assert metrics(app)["Coverage"] == "0.0%"
    assert metrics(app)["Selective accuracy"] == "no predictions"
    assert not app.exception


@pytest.mark.usefixtures("units_models_dir")
def test_a_model_with_one_split_says_that_its_threshold_is_flattered(app: AppTest) -> None:
    visit(app, "calibration")
    app.selectbox(key="calibration_model").select("Tiny tiny_units").run()
    assert not app.exception
    assert "only one split" in words(app)


@pytest.mark.usefixtures("models_dir")
def test_live_and_upload_open_with_the_threshold_in_use(app: AppTest) -> None:
    visit(app, "upload")
    app.toggle(key="upload_sample").set_value(True)
    app.slider(key="upload_threshold").set_value(0.3).run()
    visit(app, "calibration")
    assert "currently use" not in words(app)
    app.slider(key="calibration_threshold").set_value(0.97).run()
    assert "Live webcam and Upload currently use 50%" in words(app)
    app.button(key="calibration_use").click().run()
    assert "Live webcam and Upload use 97%" in words(app)

    visit(app, "live")
    assert app.slider(key="live_threshold").value == 0.97
    session = app.session_state["live_feed"].session
    assert session.settings.follow.threshold == 0.97
    visit(app, "upload")
    assert app.slider(key="upload_threshold").value == 0.97
    app.slider(key="upload_threshold").set_value(0.4).run()
    assert app.slider(key="upload_threshold").value == 0.4


@pytest.mark.usefixtures("models_dir")
def test_a_threshold_takes_its_model_along_and_another_model_is_offered_its_own(
    app: AppTest,
) -> None:
    visit(app, "upload")
    default = str(app.selectbox(key="upload_model").value)
    (chosen,) = {"tiny_a", "tiny_b"} - {default}
    visit(app, "calibration")
    app.selectbox(key="calibration_model").select(f"Tiny {chosen}").run()
    app.slider(key="calibration_wanted").set_value(0.9).run()
    app.button(key="calibration_take").click().run()
    app.button(key="calibration_use").click().run()
    threshold = threshold_for_accuracy(ModelStore.default().load_scored_card(chosen), 0.9)
    in_use = f"use {threshold:.0%} with Tiny {chosen}"
    assert f"Live webcam and Upload {in_use}" in words(app)
    app.selectbox(key="calibration_model").select(f"Tiny {default}").run()
    assert f"Live webcam and Upload currently {in_use}" in words(app)

    for page in ("live", "upload"):
        visit(app, page)
        assert app.slider(key=f"{page}_threshold").value == threshold
        assert app.selectbox(key=f"{page}_model").value == chosen
        assert f"of Tiny {chosen} were at least 90% correct on {split_title(PUBLIC)}" in words(app)

    app.selectbox(key="upload_model").select(f"Tiny {default}").run()
    own = threshold_for_accuracy(ModelStore.default().load_scored_card(default), 0.9)
    assert f"chosen for Tiny {chosen} (at least 90% correct). For Tiny {default}" in words(app)
    app.button(key="upload_own_threshold").click().run()
    assert app.slider(key="upload_threshold").value == own
    assert app.selectbox(key="upload_model").value == default
    assert f"of Tiny {default} were at least 90% correct on {split_title(PUBLIC)}" in words(app)
    app.slider(key="upload_threshold").set_value(0.05).run()
    assert "at least 90% correct" not in words(app)  # it is the visitor's own choice now
    assert not app.exception


def test_a_model_that_cannot_keep_the_promise_says_so(app: AppTest, own_models_dir: Path) -> None:
    visit(app, "upload")
    chosen = str(app.selectbox(key="upload_model").value)
    (other,) = {"tiny_a", "tiny_b"} - {chosen}
    write_predictions(
        own_models_dir / other / "predictions.npz",
        always_incorrect(ModelStore.default().load_predictions(other)),
    )
    visit(app, "calibration")
    app.slider(key="calibration_threshold").set_value(0.61).run()
    app.button(key="calibration_use").click().run()
    visit(app, "upload")
    app.selectbox(key="upload_model").select(f"Tiny {other}").run()
    assert f"chosen for Tiny {chosen}" in words(app)
    assert f"No threshold of Tiny {other} reaches that" in words(app)
    assert not app.exception


def test_prediction_sets_say_what_they_promise_and_where(app: AppTest, models_dir: Path) -> None:
    visit(app, "calibration", tables=["calibration_sets"])
    assert not app.exception
    assert "the set holds the labeled expression of" in words(app)
    (by_class,) = [
        frame.value
        for frame in app.dataframe
        if list(frame.value.columns)[-2:] == ["expected", "mean_size"]
    ]
    assert len(by_class) == 7
