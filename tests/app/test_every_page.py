"""Every page opens, handles missing or broken models, and shows titles, not internal names."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.app.visit import PAGES, alerts, visit, words

TITLES = {
    "home": "Facial expression recognition",
    "live": "Live webcam",
    "upload": "Upload",
    "compare": "Compare models",
    "confusion": "Confusion",
    "curves": "Training curves",
    "calibration": "Calibration & threshold",
    "robustness": "Robustness",
    "preprocessing": "Preprocessing",
    "evaluate": "Evaluate",
    "data": "Data",
    "models": "Models & data",
}


@pytest.mark.usefixtures("models_dir")
def test_no_page_is_left_out_of_the_tests(app: AppTest) -> None:
    with mock.patch.object(st, "navigation", wraps=st.navigation) as navigation:
        visit(app, "home")
    (sections,) = navigation.call_args.args
    assert {page.url_path or "home" for pages in sections.values() for page in pages} == set(PAGES)


@pytest.mark.usefixtures("models_dir")
@pytest.mark.parametrize("page", PAGES)
def test_it_opens_without_the_dataset(app: AppTest, page: str) -> None:
    visit(app, page)
    assert [title.value for title in app.title] == [TITLES[page]]
    assert not app.exception
    assert not app.error
    if page != "calibration":  # which quotes a sentence of the library
        assert "fer2013_" not in words(app)


@pytest.mark.usefixtures("no_models_dir")
@pytest.mark.parametrize("page", PAGES)
def test_it_says_what_to_do_when_there_are_no_models(app: AppTest, page: str) -> None:
    visit(app, page)
    assert [title.value for title in app.title] == [TITLES[page]]
    assert not app.exception
    assert "No saved models yet" in alerts(app)
    assert "training.export" in alerts(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_broken_card_is_named_and_hides_no_other_model(
    app: AppTest, own_models_dir: Path, page: str
) -> None:
    (own_models_dir / "tiny_a" / "card.json").write_text('{"name": "tiny_a"}')
    visit(app, page)
    assert not app.exception
    assert "Cannot read the model folder “tiny_a”" in alerts(app)
    assert "this field is missing" in alerts(app)
    assert "No saved models yet" not in alerts(app)


@pytest.mark.parametrize(
    ("page", "file"),
    [
        ("calibration", "predictions.npz"),
        ("confusion", "predictions.npz"),
        ("curves", "history.csv"),
    ],
)
def test_a_missing_file_of_a_model_is_named_instead_of_a_traceback(
    app: AppTest, own_models_dir: Path, page: str, file: str
) -> None:
    for name in ("tiny_a", "tiny_b"):
        (own_models_dir / name / file).unlink()
    visit(app, page)
    assert not app.exception
    assert file in alerts(app)


@pytest.mark.parametrize("page", ["calibration", "compare", "confusion", "data"])
def test_a_model_without_predictions_is_named_and_hides_no_other(
    app: AppTest, own_models_dir: Path, page: str
) -> None:
    (own_models_dir / "tiny_b" / "predictions.npz").unlink()
    visit(app, page)
    assert not app.exception
    assert "Tiny tiny_b has no predictions to show" in alerts(app)
    assert not app.error
    assert "No saved models yet" not in alerts(app)
