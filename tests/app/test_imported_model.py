"""A model from elsewhere runs where models run, and no page assumes that it has scores."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.zoo import ModelStore
from fer_core.zoo.onnx_importing import StatedSettings, add_model, check_onnx, read_settings
from tests.app.visit import PAGES, alerts, visit, words
from tests.onnx_models import onnx_model

TITLE = "My own model"


@pytest.fixture
def imported(own_models_dir: Path, tmp_path: Path) -> Path:
    path = tmp_path / "mine.onnx"
    onnx.save(onnx_model(("n", 3, 64, 64)), path)
    stated = StatedSettings(
        name="mine", title=TITLE, labels=["ferplus"], color="rgb", scaling="imagenet"
    )
    settings = read_settings(check_onnx(path), stated, path.name)
    add_model(path, path, settings, store=ModelStore(own_models_dir))
    return own_models_dir


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_with_it(app: AppTest, page: str) -> None:
    visit(app, page)
    assert not app.exception
    assert not app.error


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize(("page", "key"), [("live", "live_model"), ("upload", "upload_model")])
def test_it_can_be_picked_and_comes_last(app: AppTest, page: str, key: str) -> None:
    visit(app, page)
    picker = app.selectbox(key=key)
    assert picker.options[-1] == TITLE
    assert picker.value != "mine"
    picker.set_value("mine").run()
    assert not app.exception


@pytest.mark.usefixtures("imported")
def test_compare_shows_its_prediction_and_names_it_below_the_leaderboard(app: AppTest) -> None:
    visit(app, "compare")
    assert f"**{TITLE}**: " in words(app)
    assert f"Imported, so not scored here: {TITLE}." in words(app)
    app.toggle(key="compare_why").set_value(True).run()
    assert not app.exception


@pytest.mark.usefixtures("imported")
def test_home_shows_dashes_and_models_its_card(app: AppTest) -> None:
    visit(app, "home")
    (table,) = [each.proto.body for each in app.get("html") if TITLE in each.proto.body]
    assert "–" in table
    visit(app, "models")
    app.selectbox(key="models_model").set_value("mine").run()
    assert not app.exception
    assert "Not scored here" in alerts(app)


def test_alone_it_is_enough_to_try_and_pages_of_scores_say_what_is_missing(
    app: AppTest, imported: Path
) -> None:
    for name in ("tiny_a", "tiny_b"):
        for file in (imported / name).iterdir():
            file.unlink()
        (imported / name).rmdir()
    visit(app, "upload")
    assert app.selectbox(key="upload_model").options == [TITLE]
    for page in ("home", "compare", "confusion", "calibration", "evaluate", "models"):
        visit(app, page)
        assert not app.exception
