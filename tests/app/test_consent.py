"""Nobody's face is used before they have agreed."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.visit import visit

pytestmark = pytest.mark.usefixtures("models_dir")


@pytest.mark.parametrize("page", ["live", "upload"])
def test_camera_and_upload_ask_before_they_show_anything(app: AppTest, page: str) -> None:
    visit(app, page, consent=False)
    assert [header.value for header in app.subheader] == ["Before you show a face"]
    assert not app.file_uploader
    assert not app.get("camera_input")
    assert not app.get("component_instance")
    assert not app.selectbox


def test_agreeing_once_opens_both_pages(app: AppTest) -> None:
    visit(app, "upload", consent=False)
    app.button(key="consent_agree").click().run()
    assert len(app.file_uploader) == 1
    visit(app, "live", consent=False)
    assert not [button for button in app.button if button.key == "consent_agree"]
    assert app.segmented_control(key="live_mode").value == "Live video"


@pytest.mark.parametrize("page", ["compare", "preprocessing"])
def test_own_photos_ask_where_samples_do_not(app: AppTest, page: str) -> None:
    visit(app, page, consent=False)
    assert not [button for button in app.button if button.key == "consent_agree"]
    app.segmented_control(key=f"{page}_source").set_value("Your photo").run()
    assert not app.file_uploader
    app.button(key="consent_agree").click().run()
    assert len(app.file_uploader) == 1
