"""Many photos: analyzed once, within limits, and still there after a visit to another page."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from fer_core.faces.sample_faces import sample_sheet
from fer_core.imaging import encode_png
from fer_core.recognition import photo_set
from fer_core.recognition.analyzer import Analyzer, ImageAnalysis
from pages.session import jobs
from tests.app.visit import (
    LONG_WAIT_S,
    alerts,
    listed_jobs,
    picture_alts,
    press,
    visit,
    wait_for_the_job,
    words,
)

pytestmark = pytest.mark.usefixtures("models_dir")

MANY = 70
"""More than a cache of 64 held, which then held nothing."""


class Analyses:
    """Counts them, and holds one back when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.held_at: int | None = None
        self.may_go_on = threading.Event()
        analyze = Analyzer.analyze

        def counting(analyzer: Analyzer, image: NDArray[np.uint8]) -> ImageAnalysis:
            self.count += 1
            if self.count == self.held_at:
                assert self.may_go_on.wait(LONG_WAIT_S)
            return analyze(analyzer, image)

        monkeypatch.setattr(Analyzer, "analyze", counting)


@pytest.fixture
def analyses(monkeypatch: pytest.MonkeyPatch) -> Analyses:
    return Analyses(monkeypatch)


def picture(number: int) -> bytes:
    image = np.full((48, 64, 3), 127, np.uint8)
    image[0, 0] = number
    return encode_png(image)


def upload(app: AppTest, numbers: range) -> AppTest:
    for number in numbers:
        app.file_uploader(key="upload_files").upload(f"{number}.png", picture(number))
    return app.run()


def photos_in(app: AppTest) -> int:
    return int({metric.label: metric.value for metric in app.metric}["Photos"])


def test_each_of_many_photos_is_analyzed_once(app: AppTest, analyses: Analyses) -> None:
    upload(visit(app, "upload"), range(MANY))
    assert (photos_in(app), analyses.count) == (MANY, MANY)
    assert app.dataframe[0].value["file"].nunique() == MANY

    app.slider(key="upload_threshold").set_value(0.9).run()
    press(app, "Next")
    assert picture_alts(app)[0].startswith("1.png")
    app.selectbox(key="upload_photo").set_value(app.session_state["upload_photo"]).run()
    assert analyses.count == MANY

    visit(visit(app, "home"), "upload")  # what a test uploads replaces what an uploader lists
    upload(app, range(MANY, MANY + 1))
    assert (photos_in(app), analyses.count) == (MANY + 1, MANY + 1)
    model, other = app.selectbox(key="upload_model").options[:2]
    app.selectbox(key="upload_model").select(other).run()
    assert analyses.count == 2 * (MANY + 1)
    app.selectbox(key="upload_model").select(model).run()
    assert analyses.count == 2 * (MANY + 1)  # the results of the first model were kept
    assert not app.exception


def test_photos_and_results_are_kept_while_another_page_is_open(
    app: AppTest, analyses: Analyses
) -> None:
    upload(visit(app, "upload"), range(8))
    press(app, "Next")
    visit(app, "confusion")
    assert listed_jobs(app) == ["Photos: done"]
    visit(app, "upload")
    assert not app.file_uploader(key="upload_files").value
    assert (
        "Kept until you close or reload this tab: 0.png, 1.png, 2.png, 3.png, 4.png and 3 more"
        in words(app)
    )
    assert (photos_in(app), analyses.count) == (8, 8)
    assert picture_alts(app)[0].startswith("1.png")

    upload(app, range(8, 9))
    assert (photos_in(app), analyses.count) == (9, 9)
    app.file_uploader(key="upload_files").set_value([]).run()  # what it lists, not what was kept
    assert photos_in(app) == 8

    press(app, "Remove all")
    assert "No photo yet" in alerts(app)
    assert app.session_state["upload_set"].photos == ()
    assert listed_jobs(app) == []


def test_photos_beyond_the_limit_are_named(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_set, "MAX_PHOTOS", 3)
    visit(app, "upload")
    assert "Up to 500 photos and 300 MB together" in app.file_uploader(key="upload_files").help
    assert "up to 500 photos and 300 MB together" in alerts(app)
    upload(app, range(5))
    assert "2 photos were not added: 3.png, 4.png." in alerts(app)
    assert app.dataframe[0].value["file"].tolist() == ["3.png", "4.png"]
    assert photos_in(app) == 3
    assert "Kept until you close or reload this tab: 0.png, 1.png, 2.png" in words(app)
    press(app, "Dismiss")
    assert "not added" not in alerts(app)
    assert photos_in(app) == 3


def test_many_photos_show_how_far_they_are_and_can_be_stopped_and_resumed(
    app: AppTest, analyses: Analyses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "QUICK_S", 0.1)
    analyses.held_at = 4
    upload(visit(app, "upload"), range(6))
    deadline = time.monotonic() + LONG_WAIT_S
    while not (bars := app.get("progress")) or "Photo 4 of 6: 3.png" not in bars[0].proto.text:
        assert time.monotonic() < deadline
        app.run()
    assert "No photo yet" not in alerts(app)
    assert listed_jobs(app) == ["Photos: 50%"]
    app.run()
    assert "0 faces found so far, on 3 of 6 photos" in words(app)
    press(app, "Stop")
    analyses.may_go_on.set()
    wait_for_the_job(app)
    assert "Stopped after 4 of 6 photos" in alerts(app)
    assert len(app.dataframe[0].value) == 4

    visit(app, "home")
    assert listed_jobs(app) == ["Photos: stopped"]
    visit(app, "upload")
    assert analyses.count == 4  # it does not begin again by itself
    wait_for_the_job(press(app, "Resume"))
    assert (photos_in(app), analyses.count) == (6, 6)
    assert "Stopped" not in alerts(app)


def test_a_file_that_cannot_be_used_is_not_tried_again(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    result_of = photo_set._result_of

    def counting(photo: photo_set.FileInMemory, *rest: object) -> photo_set.PhotoResult:
        tried.append(photo.name)
        return result_of(photo, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(photo_set, "_result_of", counting)
    visit(app, "upload")
    app.file_uploader(key="upload_files").upload("torn.png", picture(1)[:60])
    app.file_uploader(key="upload_files").upload("sheet.png", encode_png(sample_sheet())).run()
    app.slider(key="upload_threshold").set_value(0.9).run()
    assert "Cannot use “torn.png”" in alerts(app)
    assert "7 faces found" in words(app)
    assert tried == ["torn.png", "sheet.png"]


def test_there_is_no_room_for_the_sample_beside_too_many_photos(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_set, "MAX_PHOTOS", 1)
    upload(visit(app, "upload"), range(1))
    app.toggle(key="upload_sample").set_value(True).run()
    assert "The sample was not added" in alerts(app)
