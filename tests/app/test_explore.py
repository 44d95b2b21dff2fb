"""Home, compare, preprocessing: what each lets a person see."""

from __future__ import annotations

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.faces.sample_faces import load_samples
from fer_core.imaging import encode_png
from fer_core.labels.emotions import FER2013
from tests.app.visit import alerts, visit, words

pytestmark = pytest.mark.usefixtures("models_dir")


def test_home_ranks_the_models_with_interval_size_and_latency(app: AppTest) -> None:
    app.run()
    rows = rows_of(app.get("html")[0].proto.body)
    accuracies = [float(row[1].split("%")[0]) for row in rows]
    assert len(rows) == 2
    assert accuracies == sorted(accuracies, reverse=True)
    assert all(re.search(r"\[\d+\.\d, \d+\.\d\]", row[1]) for row in rows)
    assert [row[4] for row in rows] == ["–", "–"]


def rows_of(html: str) -> list[list[str]]:
    """The texts of a table's cells, without its heads."""
    rows = re.findall("(?s)<tr>(.*?)</tr>", html)[1:]
    cells = [re.findall("(?s)<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    return [[re.sub("<[^>]*>", "", cell).strip() for cell in row] for row in cells]


def test_compare_puts_every_model_beside_the_others(app: AppTest) -> None:
    visit(app, "compare", tables=["compare_predictions"])
    table = next(f.value for f in app.dataframe if f"p_{FER2013[0]}" in f.value.columns)
    assert len(table) == 2
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Majority vote"] in FER2013
    assert 0 <= float(metrics["Disagreement"]) <= 1
    assert metrics["Votes"] in ("1 of 2", "2 of 2")


def test_compare_takes_an_own_photo(app: AppTest) -> None:
    visit(app, "compare")
    app.segmented_control(key="compare_source").set_value("Your photo").run()
    uploader = app.file_uploader(key="compare_photo")
    uploader.upload("face.png", encode_png(load_samples()["surprise"])).run()
    assert "Disagreement" in {metric.label for metric in app.metric}


def test_compare_says_when_a_photo_is_rejected_or_shows_no_face(app: AppTest) -> None:
    visit(app, "compare")
    app.segmented_control(key="compare_source").set_value("Your photo").run()
    app.file_uploader(key="compare_photo").upload("notes.png", b"text").run()
    assert "Cannot use “notes.png”" in alerts(app)
    plain = encode_png(np.full((90, 90, 3), 200, np.uint8))
    app.file_uploader(key="compare_photo").set_value([]).run()
    app.file_uploader(key="compare_photo").upload("wall.png", plain).run()
    assert "No face found" in alerts(app)
    assert not app.exception


def test_preprocessing_warns_where_the_settings_are_not_the_models_own(app: AppTest) -> None:
    visit(app, "preprocessing", tables=["preprocessing_effect"])
    assert "Not as trained" not in alerts(app)
    effect = next(f.value for f in app.dataframe if "change" in f.value.columns)
    assert (effect["change"] == 0).all()

    app.selectbox(key="preprocessing_scaling").select("unit").run()
    assert "Not as trained" in alerts(app)
    assert "normalization" in alerts(app)
    effect = next(f.value for f in app.dataframe if "change" in f.value.columns)
    assert (effect["change"] != 0).any()

    assert "Tiny tiny_b: normalization" in alerts(app)

    next(button for button in app.button if button.label == "As trained").click().run()
    assert "Not as trained" not in alerts(app)


def test_preprocessing_shows_every_switch_on_every_model(app: AppTest) -> None:
    visit(app, "preprocessing", tables=["preprocessing_bins"])
    table = next(f.value for f in app.dataframe if "as_trained" in f.value and "step" in f.value)
    assert len(table) == 2 * (3 + 4 + 3)
    assert table["as_trained"].sum() == 2 * 3
    assert table.loc[table["as_trained"], "change"].eq(0).all()
    assert table.loc[~table["as_trained"], "change"].ne(0).any()
    counts = next(f.value for f in app.dataframe if "count" in f.value)
    assert counts["count"].sum() == 48 * 48


def test_preprocessing_names_what_was_found_and_cut(app: AppTest) -> None:
    visit(app, "preprocessing")
    assert "The detector's box" in words(app)
    assert "by the center of the box" in words(app)  # Haar gives no points
    assert not app.exception


def test_models_page_shows_the_card(app: AppTest) -> None:
    visit(app, "models")
    assert "Intended use" in words(app)
    assert "Tests of this project." in words(app)
