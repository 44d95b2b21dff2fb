"""Nobody's face is used before they have agreed."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.session import consent
from tests.app.visit import PAGES, visit

pytestmark = pytest.mark.usefixtures("models_dir")


@pytest.mark.parametrize("page", ["live", "upload"])
def test_camera_and_upload_ask_before_they_show_anything(app: AppTest, page: str) -> None:
    visit(app, page, consent=False)
    assert [header.value for header in app.subheader] == ["Before you start"]
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


def test_consent_is_not_asked_for_before_the_tab_has_replied(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.switch_page(PAGES["upload"]).run()
    assert not [button for button in app.button if button.key == "consent_agree"]
    assert not app.file_uploader
    monkeypatch.setattr(consent, "PATIENCE_S", 0.0)  # the tab does not reply
    app.run()
    assert app.button(key="consent_agree")
    assert not app.file_uploader


@pytest.mark.parametrize("page", ["compare", "preprocessing"])
def test_own_photos_ask_where_samples_do_not(app: AppTest, page: str) -> None:
    visit(app, page, consent=False)
    assert not [button for button in app.button if button.key == "consent_agree"]
    app.segmented_control(key=f"{page}_source").set_value("Your photo").run()
    assert not app.file_uploader
    app.button(key="consent_agree").click().run()
    assert len(app.file_uploader) == 1


@pytest.mark.parametrize("page", PAGES)
def test_no_page_takes_a_picture_from_who_has_not_agreed(app: AppTest, page: str) -> None:
    """Whatever a link asks for: without a way in, there is nothing to analyze."""
    links = {"live_mode": ["Snapshot"], "upload_kind": ["Video"]}
    for source in ("Your photo", "Your camera"):
        links |= {
            f"{prefix}_source": [source] for prefix in ("compare", "preprocessing", "robustness")
        }
        for key, value in links.items():
            app.query_params[key] = value
        visit(app, page, consent=False)
        assert not app.exception
        assert not app.get("camera_input")
        assert not app.get("component_instance")
        assert not app.main.get("bidi_component")
        assert {each.key for each in app.get("file_uploader")} <= {"curves_files", "curves_folder"}
