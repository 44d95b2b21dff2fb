"""Explanations of predictions: on demand, for each face and for each model."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.labels.emotions import FER2013
from tests.app.visit import picture_alts, visit, words

pytestmark = pytest.mark.usefixtures("models_dir")


def regions(app: AppTest) -> list[float]:
    (table,) = [frame.value for frame in app.dataframe if "region" in frame.value.columns]
    return [float(share) for share in table["share"]]


def maps(app: AppTest) -> list[str]:
    return [text for text in picture_alts(app) if " of Tiny " in text or "on the photo" in text]


def test_upload_explains_a_face_when_asked(app: AppTest) -> None:
    visit(app, "upload", tables=["upload_why_1"])
    app.toggle(key="upload_sample").set_value(True).run()
    assert not maps(app)
    assert not [frame for frame in app.dataframe if "region" in frame.value.columns]

    app.toggle(key="upload_why_1_on").set_value(True).run()
    assert not app.exception
    over_face, over_photo = maps(app)
    assert over_face.startswith("Grad-CAM of Tiny tiny_")
    assert over_photo == "The same map on the photo"
    assert "what the prediction depends on, not whether it is correct" in words(app)
    grad_cam = regions(app)
    assert sum(grad_cam) == pytest.approx(1) or sum(grad_cam) == 0

    app.segmented_control(key="upload_why_1_method").set_value("occlusion").run()
    assert not app.exception
    assert "a gray patch lowers the probability" in words(app)
    assert regions(app) != grad_cam


def test_any_class_of_the_model_can_be_explained(app: AppTest) -> None:
    visit(app, "upload", tables=["upload_why_2"])
    app.toggle(key="upload_sample").set_value(True).run()
    app.toggle(key="upload_why_2_on").set_value(True).run()
    (picker,) = [box for box in app.selectbox if box.label == "Label"]
    assert tuple(picker.options) == FER2013
    shares = set()
    for label in FER2013:
        (picker,) = [box for box in app.selectbox if box.label == "Label"]
        picker.select(label).run()
        shares.add(tuple(regions(app)))
    assert len(shares) > 1
    assert not app.exception


def test_compare_explains_each_model(app: AppTest) -> None:
    visit(app, "compare")
    assert not maps(app)
    app.toggle(key="compare_why").set_value(True).run()
    assert not app.exception
    assert {text.split()[3] for text in maps(app)} == {"tiny_a", "tiny_b"}
    assert "what the prediction depends on" in words(app)
    app.segmented_control(key="compare_method").set_value("occlusion").run()
    assert {tuple(text.split()[:4]) for text in maps(app)} == {
        ("Occlusion", "of", "Tiny", name) for name in ("tiny_a", "tiny_b")
    }
    assert "a gray patch lowers the probability" in words(app)


def test_a_link_opens_with_the_face_and_the_reasons(app: AppTest) -> None:
    app.query_params["compare_sample"] = "sad"
    app.query_params["compare_why"] = "true"
    visit(app, "compare")
    assert app.pills(key="compare_sample").value == "sad"
    assert {text.split()[3] for text in maps(app)} == {"tiny_a", "tiny_b"}
