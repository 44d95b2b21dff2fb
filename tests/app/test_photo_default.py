"""A model that was selected on photos is preselected for photos; video starts with a single one."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.zoo.cards import Consensus
from fer_core.zoo.store import ModelStore
from tests.app.visit import visit
from training.ensemble import make_ensemble


@pytest.fixture
def single(own_models_dir: Path) -> str:
    """The best single model, beside an ensemble that was selected on photos."""
    store = ModelStore(own_models_dir)
    card = make_ensemble(["tiny_a", "tiny_b"], "together", store)
    choice = Consensus(photos="web", shares={"tiny_a": 1.0}, prior_exponent=0.0)
    changed = card.model_copy(update={"consensus": choice})
    (own_models_dir / "together" / "card.json").write_text(changed.to_json())
    best = store.list_models().default
    assert best is not None
    return best.name


def model(app: AppTest) -> str:
    return str(app.selectbox(key="upload_model").value)


def test_each_kind_of_upload_starts_with_its_default(app: AppTest, single: str) -> None:
    visit(app, "upload")
    assert model(app) == "together"
    app.segmented_control(key="upload_kind").set_value("Video").run()
    assert model(app) == single
    app.segmented_control(key="upload_kind").set_value("Photos").run()
    assert model(app) == "together"
    assert not app.exception


def test_a_selected_model_stays_selected(app: AppTest, single: str) -> None:
    other = next(name for name in ("tiny_a", "tiny_b") if name != single)
    visit(app, "upload")
    app.selectbox(key="upload_model").set_value(other).run()
    app.segmented_control(key="upload_kind").set_value("Video").run()
    assert model(app) == other


def test_live_video_starts_with_a_single_model(app: AppTest, single: str) -> None:
    visit(app, "live")
    assert str(app.selectbox(key="live_model").value) == single
