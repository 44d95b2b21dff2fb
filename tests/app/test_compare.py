"""The lower half of the Compare page: the models over a whole split."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.evaluation.comparison.accuracy_comparison import compare_all
from fer_core.evaluation.comparison.aligned_predictions import align_predictions
from fer_core.labels.emotions import FER2013
from fer_core.zoo.store import ModelStore
from tests.app.visit import alerts, visit, words

pytestmark = pytest.mark.usefixtures("models_dir")

SPLIT = "fer2013_private_test"


def table(app: AppTest, column: str) -> pd.DataFrame:
    return next(frame.value for frame in app.dataframe if column in frame.value.columns)


def test_the_table_states_scores_of_the_chosen_split_and_protocol(app: AppTest) -> None:
    visit(app, "compare")
    for split, protocol in ((SPLIT, "plain"), ("fer2013_public_test", "flip")):
        app.selectbox(key="compare_split").select(split)
        app.selectbox(key="compare_protocol").select(protocol).run()
        board = table(app, "macro_f1").set_index("name")
        assert board["accuracy"].is_monotonic_decreasing
        # The temperature is fitted for one look at each face, so other ways have no ECE.
        assert board["ece"].between(0, 1).all() == (protocol == "plain")
        for name in ("tiny_a", "tiny_b"):
            scores = ModelStore.default().load_scored_card(name).metrics[split][protocol]  # type: ignore[index]
            assert board.loc[name, "accuracy"] == scores.accuracy.value
            assert board.loc[name, "f1_fear"] == scores.per_class["fear"].f1.value


def test_the_chosen_model_is_shown(app: AppTest) -> None:
    visit(app, "compare")
    app.selectbox(key="compare_model").select("tiny_b").run()
    assert "**Tiny tiny_b**. A very small network" in words(app)


def test_every_pair_is_tested_on_the_same_rows(app: AppTest) -> None:
    visit(app, "compare")
    found = table(app, "p_holm")
    names = {f"Tiny {name}": name for name in ("tiny_a", "tiny_b")}
    pair = [*found["first"].map(names), *found["second"].map(names)]
    predictions = align_predictions(
        {name: ModelStore.default().load_predictions(name)[SPLIT] for name in pair}
    )
    expected = compare_all(predictions).to_frame()
    columns = ["difference", "low", "high", "p_value", "p_holm"]
    np.testing.assert_allclose(found[columns], expected[columns])


def test_the_most_disputed_rows_come_first(app: AppTest) -> None:
    visit(app, "compare")
    disputed = table(app, "disagreement")
    assert disputed["disagreement"].is_monotonic_decreasing
    assert disputed["disagreement"].iloc[0] > 0
    assert {"tiny_a", "tiny_b"} <= set(disputed.columns)


def test_one_model_has_nothing_to_be_compared_with(app: AppTest, own_models_dir: Path) -> None:
    shutil.rmtree(own_models_dir / "tiny_b")
    visit(app, "compare")
    assert not app.exception
    assert "Only one model has scores for this choice" in alerts(app)
    assert len(table(app, "macro_f1")) == 1


def test_a_model_of_another_split_is_named_as_left_out(
    app: AppTest, units_models_dir: Path
) -> None:
    visit(app, "compare")
    assert "No scores for this choice: Tiny tiny_units" in words(app)
    app.selectbox(key="compare_split").select("ckplus").run()
    assert not app.exception
    assert table(app, "macro_f1")["name"].tolist() == ["tiny_units"]
    assert "f1_contempt" in table(app, "macro_f1").columns
    assert "One prediction per sequence" in words(app)


def test_a_test_image_goes_through_all_models(app: AppTest, models_with_faces: Path) -> None:
    visit(app, "compare")
    app.segmented_control(key="compare_source").set_value("A test image").run()
    app.number_input(key="compare_row").set_value(65).run()
    assert not app.exception
    assert f"True label: **{FER2013[2]}**" in words(app)
    assert "Disagreement" in {metric.label for metric in app.metric}


def test_without_the_dataset_there_is_no_test_image_to_choose(app: AppTest) -> None:
    visit(app, "compare")
    assert app.segmented_control(key="compare_source").options == [
        "A sample",
        "Your photo",
        "Your camera",
    ]
