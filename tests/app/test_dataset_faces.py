"""Faces of the dataset on a server whose operator hides them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.visit import alerts, picture_alts, visit, words
from tests.tiny_map import write_tiny_map

HIDDEN = "Faces of the dataset are not shown on this server."
TEST_IMAGE = "A test image"


def errors_on_confusion(app: AppTest) -> None:
    visit(app, "confusion")
    app.selectbox(key="confusion_faces").select("errors").run()


def hardest(app: AppTest) -> None:
    visit(app, "data")
    app.segmented_control(key="data_view").set_value("hardest").run()


def copies(app: AppTest) -> None:
    visit(app, "data")
    app.segmented_control(key="data_view").set_value("duplicates").run()


def points_of_the_map(app: AppTest) -> None:
    rows = [write_tiny_map(name).row_id[0] for name in ("tiny_a", "tiny_b")]
    visit(app, "data")
    app.segmented_control(key="data_view").set_value("map").run()
    points = [{"customdata": [int(row), "", ""]} for row in rows]
    app.session_state["data_map"] = {"selection": {"points": points}}
    app.run()


@pytest.mark.parametrize("is_hidden", [False, True], ids=["shown", "hidden"])
@pytest.mark.parametrize("show", [errors_on_confusion, hardest, copies, points_of_the_map])
def test_rows_have_faces_unless_they_are_hidden(
    app: AppTest,
    models_with_faces: Path,
    monkeypatch: pytest.MonkeyPatch,
    show: Callable[[AppTest], None],
    is_hidden: bool,
) -> None:
    monkeypatch.setenv("FER_SHOW_DATASET_FACES", str(int(not is_hidden)))
    show(app)
    assert not app.exception
    faces = [alt for alt in picture_alts(app) if alt.startswith("Face of row")]
    assert bool(faces) is not is_hidden
    assert (HIDDEN in words(app)) is is_hidden
    assert "put that file into" not in words(app)


@pytest.mark.parametrize("page", ["compare", "robustness", "preprocessing"])
def test_a_test_image_cannot_be_chosen_where_they_are_hidden(
    app: AppTest, models_with_faces: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    app.query_params[f"{page}_source"] = TEST_IMAGE
    visit(app, page)
    assert "True label" in words(app)
    monkeypatch.setenv("FER_SHOW_DATASET_FACES", "0")
    app.run()
    assert TEST_IMAGE not in app.segmented_control(key=f"{page}_source").options
    assert "True label" not in words(app)


def test_another_setting_is_refused(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_SHOW_DATASET_FACES", "no")
    visit(app, "preprocessing")
    assert "FER_SHOW_DATASET_FACES must be 1" in alerts(app)
    assert "Received: 'no'" in alerts(app)
