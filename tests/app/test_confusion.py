"""A cell of the matrix leads to its rows; two models are compared; labels are merged."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.evaluation.comparison.accuracy_comparison import compare_accuracy
from fer_core.evaluation.comparison.aligned_predictions import align_predictions
from fer_core.labels.emotions import FER2013, HIGH_LEVEL
from fer_core.zoo.artifacts import write_predictions
from fer_core.zoo.store import ModelStore
from tests.app.visit import alerts, picture_alts, visit, words
from tests.conftest import PROJECT
from training.ensemble import make_ensemble

pytestmark = pytest.mark.usefixtures("models_dir")

SPLIT = "fer2013_private_test"


def choose(app: AppTest, true: str, predicted: str) -> AppTest:
    app.selectbox(key="confusion_true").select(true)
    return app.selectbox(key="confusion_predicted").select(predicted).run()


def rows(app: AppTest) -> pd.DataFrame:
    (table,) = [frame.value for frame in app.dataframe if "row_id" in frame.value.columns]
    return table


def expected(app: AppTest) -> pd.DataFrame:
    model = str(app.selectbox(key="confusion_model").value)
    return ModelStore.default().load_predictions(model)[SPLIT].to_frame()


def show(app: AppTest, mode: str) -> AppTest:
    return app.segmented_control(key="confusion_mode").set_value(mode).run()


def captions(app: AppTest) -> list[str]:
    return [caption for image in app.image for caption in image.captions]


def test_a_cell_lists_exactly_its_rows_with_every_models_prediction(app: AppTest) -> None:
    visit(app, "confusion")
    assert "No cell selected" in alerts(app)
    choose(app, "happy", "happy")
    everything = expected(app)
    found = everything.query("label == 'happy' and predicted == 'happy'")
    assert sorted(rows(app)["row_id"]) == sorted(found["row_id"])
    model = str(app.selectbox(key="confusion_model").value)
    assert set(rows(app)[model]) == {"happy"}
    assert rows(app)[f"{model}_confidence"].is_monotonic_decreasing
    for other in ("tiny_a", "tiny_b"):
        predicted_labels = ModelStore.default().load_predictions(other)[SPLIT].to_frame()
        by_row = dict(zip(predicted_labels["row_id"], predicted_labels["predicted"], strict=True))
        assert rows(app)[other].tolist() == rows(app)["row_id"].map(by_row).tolist()
    assert f"{len(found)} of {(everything['label'] == 'happy').sum()}" in words(app)


@pytest.mark.parametrize(
    ("true", "predicted", "query"),
    [("fear", "any", "label == 'fear'"), ("any", "sad", "predicted == 'sad'")],
)
def test_a_whole_row_or_column_can_be_chosen(
    app: AppTest, true: str, predicted: str, query: str
) -> None:
    choose(visit(app, "confusion"), true, predicted)
    assert sorted(rows(app)["row_id"]) == sorted(expected(app).query(query)["row_id"])


def test_faces_on_which_only_this_model_errs(app: AppTest) -> None:
    visit(app, "confusion")
    app.selectbox(key="confusion_faces").select("alone").run()
    model = str(app.selectbox(key="confusion_model").value)
    other = {"tiny_a": "tiny_b", "tiny_b": "tiny_a"}[model]
    table = rows(app)
    assert len(table)
    assert (table[model] != table["label"]).all()
    assert (table[other] == table["label"]).all()
    app.selectbox(key="confusion_faces").select("errors").run()
    assert len(rows(app)) == (expected(app)["label"] != expected(app)["predicted"]).sum()
    assert len(rows(app)) > len(table)


def test_rows_follow_the_chosen_order(app: AppTest) -> None:
    choose(visit(app, "confusion"), "fear", "any")
    model = str(app.selectbox(key="confusion_model").value)
    app.selectbox(key="confusion_order").select("unsure").run()
    assert rows(app)[f"{model}_confidence"].is_monotonic_increasing
    app.selectbox(key="confusion_order").select("disputed").run()
    assert rows(app)["disagreement"].is_monotonic_decreasing


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
    app.query_params["confusion_mode"] = "Difference of two"
    app.query_params["confusion_true"] = "fear"
    app.query_params["confusion_predicted"] = "sad"
    visit(app, "confusion")
    assert "faces labeled **fear** that only one predicts as **sad**" in words(app)


def test_an_empty_cell_is_a_normal_result(app: AppTest) -> None:
    visit(app, "confusion")
    counts = app.dataframe[0].value
    true, predicted = next(
        (true, predicted)
        for true in counts.index
        for predicted in counts.columns
        if counts.loc[true, predicted] == 0
    )
    choose(app, true, predicted)
    assert f"**0 of 6** faces labeled **{true}** predicted as **{predicted}**" in words(app)
    assert not app.exception


def test_merged_labels_change_matrix_scores_and_pickers(app: AppTest) -> None:
    choose(visit(app, "confusion"), "fear", "fear")
    before = app.metric[0].value
    app.multiselect(key="confusion_merge").set_value(["surprise", "fear"]).run()
    assert not app.exception
    matrix = app.dataframe[0].value
    assert "fear + surprise" in matrix.index
    assert matrix.shape == (6, 6)
    assert app.selectbox(key="confusion_true").value == "fear + surprise"
    assert set(rows(app)["label"]) == {"fear + surprise"}
    assert app.metric[0].value != before
    app.multiselect(key="confusion_merge").set_value(["fear"]).run()
    assert app.dataframe[0].value.shape == (7, 7)
    assert app.selectbox(key="confusion_true").value == "fear"
    assert app.metric[0].value == before


def test_a_published_coarser_view_is_offered_where_there_is_one(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FER_MODELS_DIR", str(PROJECT / "models"))
    visit(app, "confusion")
    app.selectbox(key="confusion_model").set_value("ferplus_cnn").run()
    assert app.dataframe[0].value.shape == (8, 8)
    app.selectbox(key="confusion_classes").select("seven").run()
    assert tuple(app.dataframe[0].value.index) == FER2013
    seven = ModelStore.default().load_scored_card("ferplus_cnn").seven_classes
    assert seven is not None
    assert seven.accuracy.percent() in {metric.value for metric in app.metric}
    app.multiselect(key="confusion_merge").set_value(["fear", "surprise"]).run()
    assert app.dataframe[0].value.shape == (6, 6)
    app.selectbox(key="confusion_model").set_value("ckplus_cnn").run()
    app.selectbox(key="confusion_classes").select("three").run()
    assert tuple(app.dataframe[0].value.index) == HIGH_LEVEL
    app.selectbox(key="confusion_model").set_value("cnn").run()
    assert "confusion_classes" not in {each.key for each in app.selectbox}
    assert not app.exception


def test_the_difference_of_two_models_is_tested(app: AppTest) -> None:
    show(visit(app, "confusion", tables=["confusion_cells"]), "difference")
    first = str(app.selectbox(key="confusion_model").value)
    second = str(app.selectbox(key="confusion_other").value)
    assert first != second
    aligned = align_predictions(
        {name: ModelStore.default().load_predictions(name)[SPLIT] for name in (first, second)}
    )
    comparison = compare_accuracy(aligned, first, second)
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Difference in accuracy"] == f"{comparison.difference * 100:+.1f} points"
    assert metrics["p-value"] == f"{comparison.p_value:.2g}"
    cells = next(frame.value for frame in app.dataframe if "p_holm" in frame.value.columns)
    assert len(cells) == 49
    choose(app, "any", "happy")
    table = rows(app)
    assert ((table[first] == "happy") != (table[second] == "happy")).all()
    app.selectbox(key="confusion_faces").select("other_alone").run()
    assert (rows(app)[first] == rows(app)["label"]).all()
    assert (rows(app)[second] != rows(app)["label"]).all()


def test_the_agreement_of_two_models_counts_pairs_of_predictions(app: AppTest) -> None:
    show(visit(app, "confusion"), "agreement")
    first = str(app.selectbox(key="confusion_model").value)
    second = str(app.selectbox(key="confusion_other").value)
    aligned = align_predictions(
        {name: ModelStore.default().load_predictions(name)[SPLIT] for name in (first, second)}
    )
    same = (aligned.predicted[:, 0] == aligned.predicted[:, 1]).mean()
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Agreement"] == f"{same:.1%}"
    assert -1 <= float(metrics["Cohen's kappa"]) <= 1
    app.selectbox(key="confusion_first").select("happy")
    app.selectbox(key="confusion_second").select("any").run()
    assert set(rows(app)[first]) == {"happy"}


def test_one_model_alone_is_not_compared(app: AppTest, own_models_dir: Path) -> None:
    shutil.rmtree(own_models_dir / "tiny_b")
    visit(app, "confusion")
    assert app.selectbox(key="confusion_faces").options == ["all", "errors"]
    for mode in ("difference", "agreement"):
        show(app, mode)
        assert not app.exception
        assert "No other model can be compared with" in alerts(app)
        assert "only saved model" in alerts(app)


def test_a_model_with_other_labels_is_left_out_and_the_page_says_why(
    app: AppTest, units_models_dir: Path
) -> None:
    visit(app, "confusion")
    app.selectbox(key="confusion_model").select("tiny_units").run()
    show(app, "difference")
    assert "It has no predictions for CK+ (cross-validation)" in alerts(app)
    show(app, "one")
    choose(app, "contempt", "any")
    assert set(rows(app)["label"]) == {"contempt"}
    assert not app.exception


def test_without_the_dataset_average_faces_are_shown(app: AppTest) -> None:
    choose(visit(app, "confusion"), "fear", "sad")
    assert captions(app) == ["average fear", "average sad"]
    assert "put that file into the folder `data/`" in words(app)


def give_averages(models_dir: Path) -> None:
    """Gives the tiny models an average face of the faces labeled fear and predicted as sad."""
    averages = np.zeros((7, 7, 48, 48), np.uint8)
    averages[FER2013.index("fear"), FER2013.index("sad"), :24] = 200
    for name in ("tiny_a", "tiny_b"):
        splits = ModelStore.default().load_predictions(name)
        splits[SPLIT] = replace(splits[SPLIT], cell_averages=averages)
        write_predictions(models_dir / name / "predictions.npz", splits.values())


def test_a_cell_shows_its_own_average_face_beside_those_of_its_labels(
    app: AppTest, own_models_dir: Path
) -> None:
    give_averages(own_models_dir)
    choose(visit(app, "confusion"), "fear", "sad")
    assert captions(app) == ["average fear predicted as sad", "average fear", "average sad"]
    assert "The average of the faces labeled fear and predicted as sad" in picture_alts(app)
    assert "the average of these faces" in words(app)


def test_a_cell_of_few_faces_says_why_it_has_no_average(app: AppTest, own_models_dir: Path) -> None:
    give_averages(own_models_dir)
    choose(visit(app, "confusion"), "happy", "happy")
    assert captions(app) == ["average happy"]
    assert "fewer than 20 faces has no average face" in words(app)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("confusion_split", "fer2013_public_test"),
        ("confusion_protocol", "flip"),
        ("confusion_predicted", "any"),
    ],
)
def test_an_average_is_only_of_the_very_cell_that_it_was_made_of(
    app: AppTest, own_models_dir: Path, key: str, value: str
) -> None:
    give_averages(own_models_dir)
    choose(visit(app, "confusion"), "fear", "sad")
    app.selectbox(key=key).select(value).run()
    assert not app.exception
    assert set(captions(app)) <= {"average fear", "average sad"}
    assert "has no average face" not in words(app)


def test_merged_labels_and_two_models_have_no_averages_of_cells(
    app: AppTest, own_models_dir: Path
) -> None:
    give_averages(own_models_dir)
    choose(visit(app, "confusion"), "fear", "sad")
    show(app, "difference")
    assert set(captions(app)) <= {"average fear", "average sad"}
    show(app, "one")
    app.multiselect(key="confusion_merge").set_value(["angry", "disgust"]).run()
    assert captions(app) == ["average fear", "average sad"]


def test_with_the_dataset_the_faces_themselves_are_shown(
    app: AppTest, models_with_faces: Path
) -> None:
    choose(visit(app, "confusion"), "any", "any")
    app.selectbox(key="confusion_faces").select("errors").run()
    shown = captions(app)
    assert len(shown) == min(len(rows(app)), 12)
    for caption, row in zip(shown, rows(app).itertuples(), strict=False):
        assert f"**{row.label}**, row {row.row_id}" in caption
        assert "tiny_a" in caption
        assert "tiny_b" in caption
    assert not app.exception


def test_grad_cam_explains_a_prediction_on_demand(app: AppTest, models_with_faces: Path) -> None:
    choose(visit(app, "confusion"), "any", "any")
    app.selectbox(key="confusion_faces").select("errors").run()
    plain = picture_alts(app)
    app.selectbox(key="confusion_why").select("Tiny tiny_b").run()
    for face, explained, row in zip(plain, picture_alts(app), rows(app).itertuples(), strict=False):
        assert explained.startswith(f"{face}. Grad-CAM of Tiny tiny_b for {row.tiny_b}")
    assert not app.exception


def test_grad_cam_explains_an_ensemble_too(app: AppTest, models_with_faces: Path) -> None:
    make_ensemble(["tiny_a", "tiny_b"], "both", ModelStore(models_with_faces))
    choose(visit(app, "confusion"), "any", "any")
    app.selectbox(key="confusion_faces").select("errors").run()
    app.selectbox(key="confusion_why").select("Ensemble of 2").run()
    explained = [alt for alt in picture_alts(app) if "Grad-CAM of Ensemble of 2 for " in alt]
    assert len(explained) == len(captions(app))
    assert not app.exception


def test_merged_classes_cannot_be_explained(app: AppTest, models_with_faces: Path) -> None:
    choose(visit(app, "confusion"), "any", "any")
    app.selectbox(key="confusion_faces").select("errors").run()
    assert "confusion_why" in {each.key for each in app.selectbox}
    app.multiselect(key="confusion_merge").set_value(["fear", "sad"]).run()
    assert "confusion_why" not in {each.key for each in app.selectbox}


def test_a_dataset_that_is_not_the_published_one_is_said_to_be_so(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "fer2013.csv").write_text("emotion,pixels,Usage\n")
    monkeypatch.setenv("FER_DATA_DIR", str(tmp_path))
    choose(visit(app, "confusion"), "fear", "sad")
    assert "Cannot read the dataset" in alerts(app)
    assert "average fear" in captions(app)
    assert not app.exception


def test_labels_of_the_tiny_models_are_those_of_their_dataset(models_with_faces: Path) -> None:
    """What the tests above rely on."""
    predictions = ModelStore.default().load_predictions("tiny_a")[SPLIT]
    assert predictions.labels == FER2013
    assert np.array_equal(predictions.row_id, np.arange(63, 105))
