"""Evaluations on the page: saved ones, a visitor's ZIP of photos, and a file of predictions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from fer_core.benchmark import EvaluationStore
from fer_core.cli.evaluation_files import photos_csv
from fer_core.zoo.store import ModelStore
from pages.evaluate.own_photos import JOB
from tests.app.visit import alerts, picture_alts, press, visit, wait_for_the_job, words
from tests.unit.fer_core.benchmark.evaluations import made_up
from tests.unit.fer_core.benchmark.photos.labeled import face_png, wall_png, zip_of

pytestmark = pytest.mark.usefixtures("models_dir")

FACES = {
    f"mine/{label}/{number}.png": face_png(label)
    for label in ("angry", "happy", "sad")
    for number in range(2)
}


@pytest.fixture(autouse=True)
def evaluations(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> EvaluationStore:
    monkeypatch.setenv("FER_EVALUATIONS_DIR", str(tmp_path / "evaluations"))
    return EvaluationStore.default()


def source(app: AppTest, name: str) -> AppTest:
    return app.segmented_control(key="evaluate_source").set_value(name).run()


def view(app: AppTest, name: str) -> AppTest:
    return app.segmented_control(key="evaluate_view").set_value(name).run()


def table(app: AppTest, column: str) -> pd.DataFrame:
    (found,) = [each.value for each in app.dataframe if column in each.value.columns]
    return found


def test_a_saved_evaluation_in_every_view(app: AppTest, evaluations: EvaluationStore) -> None:
    site = np.array(["day", "night"])[np.arange(200) % 2]
    saved = made_up(200, accuracy={"good": 0.9, "poor": 0.5}, missed=0.1, columns={"site": site})
    evaluations.save(saved)
    visit(app, "evaluate")
    app.selectbox(key="evaluate_saved").set_value("made_up").run()
    accuracy = saved.is_correct("good").mean()
    board = table(app, "accuracy, all photos")["accuracy, all photos"]
    assert board.str.startswith(f"{accuracy:.1%}").tolist() == [True, False]
    assert table(app, "p_holm")["significant"].tolist() == [True]
    view(app, "Confusion")
    app.selectbox(key="evaluate_true").set_value("happy").run()
    found = saved.predictions("good")
    of_class = found.label == found.labels.index("happy")
    assert f"{of_class.sum()} photos" in words(app)
    assert len(table(app, "good_confidence")) == of_class.sum()
    view(app, "Calibration")
    assert "With a temperature fitted on the other half" in words(app)
    app.slider(key="evaluate_threshold").set_value(0.7).run()
    assert {metric.label: metric.value for metric in app.metric}["Selective accuracy"] == "–"
    view(app, "Slices")
    assert "No slice is significantly worse" in words(app)
    view(app, "Hardest photos")
    hardest = table(app, "good_confidence").iloc[0]
    assert hardest["good"] != hardest["label"]
    assert not app.exception


def test_notes_and_titles_are_shown_literally(app: AppTest, evaluations: EvaluationStore) -> None:
    """They may hold names of folders and columns that somebody else chose."""
    link = "![picture](https://example.org/a.png)"
    saved = made_up(60, accuracy={"good": 0.9})
    entry = replace(saved.entries["good"], title=f"Good {link}", notes=(f"Note {link}",))
    evaluations.save(replace(saved, entries={"good": entry}, notes=(f"Skipped: {link}.",)))
    visit(app, "evaluate")
    app.selectbox(key="evaluate_saved").set_value("made_up").run()
    captions = [each.value for each in app.caption]
    assert any(each.startswith("Skipped") for each in captions)
    assert any("Good" in each and "Note" in each for each in captions)
    assert not [each for each in captions if link in each]


def test_a_broken_evaluation_is_named(app: AppTest, evaluations: EvaluationStore) -> None:
    evaluations.save(made_up(20))
    (evaluations.folder / "made_up" / "evaluation.json").write_text("{}")
    visit(app, "evaluate")
    assert "Cannot read the evaluation “made_up”" in alerts(app)


def test_a_zip_of_photos_is_evaluated_and_its_pictures_shown(app: AppTest) -> None:
    visit(app, "evaluate")
    source(app, "Your photos")
    assert "No photos yet" in alerts(app)
    data = zip_of(FACES | {"mine/happy/wall.png": wall_png()})
    app.file_uploader(key="evaluate_zip").upload("mine.zip", data).run()
    wait_for_the_job(app)
    assert "7 photos" in words(app)
    board = table(app, "accuracy, all photos")
    assert board["detection rate"].str.startswith("85.7%").all()
    view(app, "Hardest photos")
    assert "Photo labeled happy" in picture_alts(app)
    assert not EvaluationStore.default().folder.exists()
    assert JOB in app.session_state["jobs"]


def test_classes_that_are_not_exact_are_shown_before_anything_is_evaluated(app: AppTest) -> None:
    visit(app, "evaluate")
    source(app, "Your photos")
    renamed = {name.replace("happy", "Happiness"): data for name, data in FACES.items()}
    app.file_uploader(key="evaluate_zip").upload("mine.zip", zip_of(renamed)).run()
    assert "Are the classes read correctly?" in alerts(app)
    assert table(app, "Read as")["Read as"].tolist() == ["happy", "angry", "sad"]
    press(app, "Yes, evaluate")
    wait_for_the_job(app)
    assert "6 photos" in words(app)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no zip" * 20, "is no ZIP file"),
        (zip_of({"../happy/a.png": b"x"}), "leads out of the archive"),
        (zip_of({"mine/bored/a.png": face_png("sad")}), "Unknown classes"),
    ],
)
def test_a_zip_that_cannot_be_used_says_why(app: AppTest, data: bytes, message: str) -> None:
    visit(app, "evaluate")
    source(app, "Your photos")
    app.file_uploader(key="evaluate_zip").upload("mine.zip", data).run()
    assert message in alerts(app)
    assert not app.exception


def test_its_list_of_photos_is_that_of_the_command_line(
    app: AppTest, evaluations: EvaluationStore
) -> None:
    saved = made_up(20, accuracy={"poor": 0.0})
    names = ("=1+1.jpg", *saved.photos.id[1:])
    saved = replace(saved, photos=replace(saved.photos, id=names, columns={}))
    evaluations.save(saved)
    visit(app, "evaluate")
    app.selectbox(key="evaluate_saved").set_value("made_up").run()
    with mock.patch.object(st, "download_button", wraps=st.download_button) as button:
        view(app, "Hardest photos")
    (csv,) = [call.args[1] for call in button.call_args_list if call.args[2] == "photos.csv"]
    assert sorted(csv.splitlines()) == sorted(photos_csv(saved).splitlines())
    assert "./=1+1.jpg" in csv


def test_photos_need_consent_and_saved_evaluations_do_not(app: AppTest) -> None:
    visit(app, "evaluate", consent=False)
    assert not any(button.key == "consent_agree" for button in app.button)
    source(app, "Your photos")
    assert any(button.key == "consent_agree" for button in app.button)
    assert not app.file_uploader


def test_predictions_stand_beside_the_saved_models(app: AppTest) -> None:
    split = "fer2013_private_test"
    own = ModelStore.default().load_predictions("tiny_a")[split]
    visit(app, "evaluate")
    source(app, "Predictions")
    assert "No predictions yet" in alerts(app)
    app.selectbox(key="evaluate_split").set_value(split).run()
    text = own.to_frame().drop(columns=["label", "predicted", "confidence"]).to_csv(index=False)
    app.file_uploader(key="evaluate_predictions").upload("mine.csv", text.encode()).run()
    board = table(app, "accuracy, all photos")
    assert len(board) == 3
    assert board["accuracy, all photos"].str.startswith(f"{own.is_correct.mean():.1%}").sum() >= 2


def test_a_file_of_predictions_that_cannot_be_read_says_the_line(app: AppTest) -> None:
    visit(app, "evaluate")
    source(app, "Predictions")
    app.selectbox(key="evaluate_split").set_value("own").run()
    text = b"id,label,p_happy,p_sad\na.png,happy,0.9,0.3\n"
    app.file_uploader(key="evaluate_predictions").upload("mine.csv", text).run()
    assert "line 2" in alerts(app)
    assert not app.exception
