"""A cell of the matrix leads to its rows."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.evaluation.predictions import load_predictions
from tests.app.visit import alerts, visit, words

pytestmark = pytest.mark.usefixtures("models_dir")


def choose(app: AppTest, true: str, answer: str) -> AppTest:
    app.selectbox(key="confusion_true").select(true)
    return app.selectbox(key="confusion_answer").select(answer).run()


def rows(app: AppTest) -> pd.DataFrame:
    (table,) = [frame.value for frame in app.dataframe if "row_id" in frame.value.columns]
    return table


def test_a_cell_lists_exactly_its_rows(app: AppTest) -> None:
    visit(app, "confusion")
    assert "No cell chosen" in alerts(app)
    choose(app, "happy", "happy")
    model = str(app.selectbox(key="confusion_model").value)
    everything = load_predictions(model)["fer2013_private_test"].to_frame()
    expected = everything.query("label == 'happy' and predicted == 'happy'")
    assert sorted(rows(app)["row_id"]) == sorted(expected["row_id"])
    assert rows(app)["confidence"].is_monotonic_decreasing
    assert f"{len(expected)} of {(everything['label'] == 'happy').sum()}" in words(app)


def test_the_chosen_cell_stays_when_the_model_changes(app: AppTest) -> None:
    choose(visit(app, "confusion"), "happy", "happy")
    first, second = app.selectbox(key="confusion_model").options
    app.selectbox(key="confusion_model").select_index(1).run()
    assert first != second
    assert set(rows(app)["label"]) == {"happy"}
    assert not app.exception


def test_the_table_of_the_matrix_follows_the_normalization(app: AppTest) -> None:
    visit(app, "confusion")
    assert app.dataframe[0].value.sum(axis=1).round(6).eq(1).all()
    app.selectbox(key="confusion_numbers").select("none").run()
    assert app.dataframe[0].value.to_numpy().sum() == 42


def test_a_link_opens_with_its_choices(app: AppTest) -> None:
    app.query_params["confusion_true"] = "fear"
    app.query_params["confusion_answer"] = "sad"
    visit(app, "confusion")
    assert "faces labelled **fear** are answered **sad**" in words(app)


def test_an_empty_cell_is_a_normal_result(app: AppTest) -> None:
    visit(app, "confusion")
    counts = app.dataframe[0].value
    true, answer = next(
        (true, answer)
        for true in counts.index
        for answer in counts.columns
        if counts.loc[true, answer] == 0
    )
    choose(app, true, answer)
    assert f"faces labelled **{true}** are answered **{answer}**" in words(app)
    assert not app.exception
