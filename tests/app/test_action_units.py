"""What the pages show of a model that reads action units."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.labels.action_units import CKPLUS_ACTION_UNITS, describe
from fer_core.zoo.store import ModelStore
from tests.app.visit import visit, words

pytestmark = pytest.mark.usefixtures("units_models_dir")


def unit_tables(app: AppTest) -> list[list[str]]:
    tables = [frame.value for frame in app.dataframe]
    return [table["action_unit"].tolist() for table in tables if "action_unit" in table.columns]


def test_upload_names_every_unit_of_every_face(app: AppTest) -> None:
    visit(app, "upload")
    app.toggle(key="upload_sample").set_value(True)
    app.selectbox(key="upload_model").set_value("tiny_units").run()
    assert not app.exception
    tables = unit_tables(app)
    assert len(tables) == 6  # a page of faces
    assert {*tables[0]} == {describe(unit) for unit in CKPLUS_ACTION_UNITS}
    assert "Action units: " in words(app)
    table = next(frame.value for frame in app.dataframe if "file_sha256" in frame.value.columns)
    assert table[[f"p_{unit}" for unit in CKPLUS_ACTION_UNITS]].notna().all(axis=None)


def test_compare_shows_units_only_where_a_model_reads_them(app: AppTest) -> None:
    visit(app, "compare")
    assert not app.exception
    assert len(unit_tables(app)) == 1
    costs = next(frame.value for frame in app.dataframe if "size_mb" in frame.value.columns)
    assert "Tiny tiny_units" not in costs["model"].tolist()


def test_models_page_shows_the_scores_of_action_units(app: AppTest) -> None:
    visit(app, "models", tables=["models_action_units"])
    app.selectbox(key="models_model").set_value("tiny_units").run()
    metrics = ModelStore.default().load_scored_card("tiny_units").ckplus
    assert metrics is not None
    assert app.metric[0].value == f"{metrics.by_sequence.emotion.accuracy.value:.1%}"
    assert "One prediction per sequence" in words(app)
    assert not app.exception
    assert any("AU12 lip corner puller" in table for table in unit_tables(app))
    frames = [frame.value for frame in app.dataframe]
    assert any("coarse emotions" in set(frame["output"]) for frame in frames if "output" in frame)


def test_home_names_the_models_that_it_does_not_rank(app: AppTest) -> None:
    visit(app, "home")
    assert "Tiny tiny_units" not in app.get("html")[0].proto.body
    assert "Not ranked: Tiny tiny_units." in words(app)
