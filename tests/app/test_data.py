"""The Data page: facts without models and dataset, the hardest images, the map."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.evaluation.comparison.aligned_predictions import AlignedPredictions, align_predictions
from fer_core.evaluation.comparison.example_difficulty import error_counts, hardest_first
from fer_core.evaluation.dataset.duplicates import duplicate_table
from fer_core.evaluation.dataset.embedding_map import MAP_SPLIT
from fer_core.zoo.artifacts import MAP_FILE, write_feature_map
from fer_core.zoo.store import ModelStore, list_models
from tests.app.visit import alerts, visit, words
from tests.tiny_map import tiny_map, write_tiny_map

VIEWS = ("classes", "duplicates", "labels", "hardest", "map")


def show(app: AppTest, view: str) -> AppTest:
    visit(app, "data", tables=["data_duplicate_scores", "data_label_counts"])
    return app.segmented_control(key="data_view").set_value(view).run()


def table_with(app: AppTest, *columns: str) -> pd.DataFrame:
    (found,) = [each.value for each in app.dataframe if set(columns) <= set(each.value.columns)]
    return found


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: str(metric.value) for metric in app.metric}


def captions(app: AppTest) -> list[str]:
    return [caption for image in app.image for caption in image.captions]


def both_models() -> AlignedPredictions:
    return align_predictions(
        {
            name: ModelStore.default().load_predictions(name)[MAP_SPLIT]
            for name in ("tiny_a", "tiny_b")
        }
    )


def choose_points(app: AppTest, rows: list[int]) -> AppTest:
    points = [{"customdata": [row, "", ""]} for row in rows]
    app.session_state["data_map"] = {"selection": {"points": points}}
    return app.run()


@pytest.mark.usefixtures("no_models_dir")
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_works_without_models(app: AppTest, view: str) -> None:
    show(app, view)
    assert not app.exception
    assert "No saved models yet" in alerts(app)


@pytest.mark.usefixtures("no_models_dir")
def test_classes_of_every_dataset_need_neither_models_nor_data(app: AppTest) -> None:
    visit(app, "data", tables=["data_counts"])
    assert table_with(app, "images", "share")["images"].sum() == 35_887
    assert "average disgust" in captions(app)
    assert "173 of its rows" in words(app)
    app.selectbox(key="data_dataset").select("FER+").run()
    assert table_with(app, "images", "share").groupby("split")["images"].sum().to_dict() == {
        "Training": 25_045,
        "PublicTest": 3_191,
        "PrivateTest": 3_137,
    }
    app.selectbox(key="data_dataset").select("CK+").run()
    assert "**981 images.**" in words(app)


@pytest.mark.usefixtures("models_dir")
def test_duplicates_are_counted_and_models_scored_on_them(app: AppTest) -> None:
    show(app, "duplicates")
    assert metrics(app)["Duplicate images"] == "1,853"
    assert metrics(app)["Duplicates in the test split"] == "288 of 3,589"
    expected = duplicate_table(
        {
            name: ModelStore.default().load_predictions(name)[MAP_SPLIT]
            for name in ("tiny_a", "tiny_b")
        }
    )
    found = table_with(app, "model", "accuracy").set_index(["model", "images"])["accuracy"]
    for name, scores in expected.scores.items():
        assert found[f"Tiny {name}", "duplicates"] == scores.duplicates.value
        assert found[f"Tiny {name}", "others"] == scores.others.value


@pytest.mark.usefixtures("models_dir")
def test_the_duplicates_are_listed_with_every_prediction(app: AppTest) -> None:
    show(app, "duplicates")
    listed = table_with(app, "row_id", "disagreement")
    predictions = both_models().to_frame().set_index("row_id")
    best = ModelStore.default().load_predictions(list_models().cards[0].name)[MAP_SPLIT]
    assert best.has_training_duplicate is not None
    assert listed["row_id"].tolist() == best.row_id[best.has_training_duplicate].tolist()
    for name in ("tiny_a", "tiny_b"):
        expected = predictions.loc[listed["row_id"], name]
        assert listed[name].tolist() == expected.tolist()


@pytest.mark.usefixtures("models_dir")
def test_labels_of_fer2013_stand_against_those_of_ferplus(app: AppTest) -> None:
    show(app, "labels")
    everything = table_with(app, "contempt", "left_out").set_index("label")
    assert everything.to_numpy().sum() == 35_887
    assert metrics(app)["Same label"] == "67.6%"
    app.selectbox(key="data_label_split").select("PrivateTest").run()
    reported = table_with(app, "contempt", "left_out").set_index("label")
    assert reported.to_numpy().sum() == 3_589
    assert metrics(app)["Excluded by FER+"] == "452"


@pytest.mark.usefixtures("models_dir")
def test_the_hardest_images_come_first(app: AppTest) -> None:
    show(app, "hardest")
    predictions = hardest_first(both_models())
    all_err = predictions.take(error_counts(predictions) == 2)
    assert len(all_err)
    assert table_with(app, "row_id")["row_id"].tolist() == all_err.row_id.tolist()
    app.selectbox(key="data_hard_errors").select(1).run()
    some_err = predictions.take(error_counts(predictions) > 0)
    assert table_with(app, "row_id")["row_id"].tolist() == some_err.row_id.tolist()
    app.selectbox(key="data_hard_label").select("fear").run()
    assert set(table_with(app, "row_id")["label"]) == {"fear"}


@pytest.mark.usefixtures("models_dir")
def test_one_model_alone_has_hard_images_too_and_none_is_a_message(app: AppTest) -> None:
    show(app, "hardest")
    app.button_group(key=f"data_hard_models_{MAP_SPLIT}").set_value(["tiny_b"]).run()
    assert not app.exception
    table = table_with(app, "row_id")
    assert (table["tiny_b"] != table["label"]).all()
    app.button_group(key=f"data_hard_models_{MAP_SPLIT}").set_value([]).run()
    assert "Select at least one model" in alerts(app)


def test_a_model_of_another_dataset_has_its_own_split(app: AppTest, units_models_dir: Path) -> None:
    show(app, "hardest")
    app.selectbox(key="data_hard_label").select("neutral").run()
    assert "**neutral**" in words(app)
    app.selectbox(key="data_hard_split").select("ckplus").run()
    assert not app.exception
    assert app.button_group(key="data_hard_models_ckplus").value == ["tiny_units"]
    assert "**0 of 70** faces." in words(app)
    assert "are correct on all of these faces" in alerts(app)


@pytest.mark.usefixtures("models_dir")
def test_without_a_map_the_page_says_how_to_make_one(app: AppTest) -> None:
    show(app, "map")
    assert "has no embedding map yet" in alerts(app)
    assert "training.artifacts.embedding_map --model tiny_" in alerts(app)


def test_points_chosen_on_the_map_are_listed(app: AppTest, own_models_dir: Path) -> None:
    for name in ("tiny_a", "tiny_b"):
        write_tiny_map(name)
    show(app, "map")
    assert "No faces selected" in alerts(app)
    places = table_with(app, "x", "y")
    rows = places["row_id"].tolist()[3:8]
    choose_points(app, rows)
    assert not app.exception
    listed = table_with(app, "row_id", "disagreement")
    assert sorted(listed["row_id"]) == rows
    model = str(app.selectbox(key="data_map_model").value)
    accuracy = (listed[model] == listed["label"]).mean()
    assert f"**5 of 42** faces. Accuracy of Tiny {model}: {accuracy:.1%}." in words(app)
    assert len(captions(app)) == 3


def test_with_the_dataset_the_chosen_faces_are_shown(app: AppTest, models_with_faces: Path) -> None:
    for name in ("tiny_a", "tiny_b"):
        write_tiny_map(name)
    show(app, "map")
    rows = table_with(app, "x", "y")["row_id"].tolist()[:4]
    choose_points(app, rows)
    assert len(captions(app)) == 4
    assert all(any(f"row {row}" in caption for caption in captions(app)) for row in rows)


def test_the_map_follows_model_and_projection(app: AppTest, own_models_dir: Path) -> None:
    maps = {name: write_tiny_map(name) for name in ("tiny_a", "tiny_b")}
    show(app, "map")
    for name, feature_map in maps.items():
        app.selectbox(key="data_map_model").select(name)
        for projection, xy in feature_map.xy.items():
            app.selectbox(key="data_map_projection").select(projection).run()
            assert table_with(app, "x", "y")["x"].tolist() == pytest.approx(xy[:, 0].tolist())
    app.selectbox(key="data_map_color").select("error").run()
    assert not app.exception


def test_a_map_of_other_weights_is_named_and_breaks_nothing(
    app: AppTest, own_models_dir: Path
) -> None:
    for name, other in (("tiny_a", "tiny_b"), ("tiny_b", "tiny_a")):
        write_feature_map(own_models_dir / name / MAP_FILE, tiny_map(other))
    show(app, "map")
    assert not app.exception
    assert "was computed with other weights" in alerts(app)
