"""One button forgets a whole visit."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from fer_core.faces.sample_faces import sample_sheet
from fer_core.imaging import encode_png
from fer_core.recognition.analyzer import Analyzer, ImageAnalysis
from pages.session.slots import live_slots
from tests.app.visit import listed_jobs, visit

pytestmark = pytest.mark.usefixtures("models_dir")

needs_an_upload = pytest.mark.skipif(
    not hasattr(AppTest, "file_uploader"), reason="this Streamlit gives no file to a test"
)


def clear(app: AppTest) -> AppTest:
    return app.sidebar.button(key="clear_my_data").click().run()


@needs_an_upload
def test_clearing_removes_all_session_data_and_the_consent(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyzed = []
    analyze = Analyzer.analyze

    def counting(self: Analyzer, image: NDArray[np.uint8]) -> ImageAnalysis:
        analyzed.append(image.shape)
        return analyze(self, image)

    monkeypatch.setattr(Analyzer, "analyze", counting)
    photo = ("sheet.png", encode_png(sample_sheet()), "image/png")
    visit(app, "upload")
    app.slider(key="upload_threshold").set_value(0.9).run()
    app.file_uploader(key="upload_files").upload(*photo).run()
    assert app.subheader[0].value == "7 faces found"
    app.run()
    assert len(analyzed) == 1  # the result was kept, up to now
    assert listed_jobs(app) == ["Photos: done"]

    clear(app)
    assert app.title[0].value == "Facial expression recognition"
    assert [toast.value for toast in app.toast] == ["All data of this session was deleted."]
    assert listed_jobs(app) == []
    for key in ("consent_given", "upload_files", "upload_set", "upload_threshold"):
        assert key not in app.session_state

    visit(app, "upload", consent=False)
    assert not app.file_uploader
    app.button(key="consent_agree").click().run()
    assert app.slider(key="upload_threshold").value == pytest.approx(0.5, abs=0.2)
    assert not app.file_uploader(key="upload_files").value
    app.file_uploader(key="upload_files").upload(*photo).run()
    assert len(analyzed) == 2


def test_the_camera_is_stopped_and_its_place_is_free(app: AppTest) -> None:
    visit(app, "live")
    app.button(key="live_start").click().run()
    attempt = app.session_state["live_attempt"]
    assert live_slots().taken() == 1
    clear(app)
    assert attempt.stream.has_ended
    assert live_slots().taken() == 0
    assert "live_feed" not in app.session_state
