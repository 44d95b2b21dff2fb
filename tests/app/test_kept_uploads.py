"""What a visitor uploads to any page is still there after a visit to another one."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.faces.sample_faces import sample_sheet
from fer_core.imaging import encode_png
from tests.app.test_curves import CSV_LOG, best_epochs
from tests.app.visit import alerts, listed_jobs, visit, wait_for_the_job, words
from tests.unit.fer_core.benchmark.photos.labeled import face_png, zip_of

pytestmark = pytest.mark.usefixtures("models_dir")

KEPT = "Kept until you close or reload this tab"
PREDICTIONS = b"id,label,p_happy,p_sad\na.png,happy,0.9,0.1\nb.png,sad,0.3,0.7\n"


def leave_and_return(app: AppTest, page: str, source: tuple[str, str] | None = None) -> None:
    visit(app, "home")
    visit(app, page)
    if source is not None:
        app.segmented_control(key=source[0]).set_value(source[1]).run()


@pytest.mark.parametrize("page", ["compare", "robustness", "preprocessing"])
def test_a_photo(app: AppTest, page: str) -> None:
    source = (f"{page}_source", "Your photo")
    visit(app, page)
    app.segmented_control(key=source[0]).set_value(source[1]).run()
    app.file_uploader(key=f"{page}_photo").upload("mine.png", encode_png(sample_sheet())).run()
    assert app.selectbox(key=f"{page}_face").options == [str(number) for number in range(1, 8)]
    leave_and_return(app, page, source)
    assert f"{KEPT}: mine.png" in words(app)
    assert len(app.selectbox(key=f"{page}_face").options) == 7
    app.button(key=f"{page}_photo_remove").click().run()
    assert KEPT not in words(app)
    assert not [each for each in app.selectbox if each.key == f"{page}_face"]


def test_labeled_photos_and_their_evaluation(app: AppTest) -> None:
    source = ("evaluate_source", "Your photos")
    visit(app, "evaluate")
    app.segmented_control(key=source[0]).set_value(source[1]).run()
    photos = {f"mine/{label}/a.png": face_png(label) for label in ("angry", "happy", "sad")}
    app.file_uploader(key="evaluate_zip").upload("mine.zip", zip_of(photos)).run()
    wait_for_the_job(app)
    evaluation = app.session_state["jobs"]["evaluate_job"].job.state().result
    leave_and_return(app, "evaluate", source)
    assert f"{KEPT}: mine.zip" in words(app)
    assert "3 photos" in words(app)
    assert app.session_state["jobs"]["evaluate_job"].job.state().result is evaluation
    app.button(key="evaluate_zip_remove").click().run()
    assert "No photos yet" in alerts(app)
    assert listed_jobs(app) == []


def test_predictions(app: AppTest) -> None:
    source = ("evaluate_source", "Predictions")
    visit(app, "evaluate")
    app.segmented_control(key=source[0]).set_value(source[1]).run()
    app.selectbox(key="evaluate_split").set_value("own").run()
    app.file_uploader(key="evaluate_predictions").upload("mine.csv", PREDICTIONS).run()
    leave_and_return(app, "evaluate", source)
    app.selectbox(key="evaluate_split").set_value("own").run()
    assert f"{KEPT}: mine.csv" in words(app)
    assert "2 photos" in words(app)


def test_training_logs(app: AppTest) -> None:
    visit(app, "curves")
    app.file_uploader(key="curves_files").upload("keras.csv", CSV_LOG).run()
    assert "keras.csv" in best_epochs(app)["run"].tolist()
    leave_and_return(app, "curves")
    assert f"{KEPT}: keras.csv" in words(app)
    assert "keras.csv" in best_epochs(app)["run"].tolist()
    app.button(key="curves_logs_remove").click().run()
    assert "keras.csv" not in best_epochs(app)["run"].tolist()
