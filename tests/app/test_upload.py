"""Photos in, faces and a table out."""

from __future__ import annotations

import io
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
import pandas as pd
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from fer_core.batch import analyze_folder
from fer_core.faces.sample_faces import sample_sheet
from fer_core.imaging import encode_png
from fer_core.labels.emotions import FER2013
from tests.app.visit import alerts, visit, words

pytestmark = pytest.mark.usefixtures("models_dir")

PLAIN = encode_png(np.full((120, 160, 3), 127, np.uint8))


def faces_table(app: AppTest) -> pd.DataFrame:
    return app.dataframe[0].value


def test_before_any_photo_it_says_what_to_do(app: AppTest) -> None:
    visit(app, "upload")
    assert "No photo yet" in alerts(app)
    assert not app.dataframe


def test_the_sample_gives_a_row_per_face_with_all_probabilities(app: AppTest) -> None:
    visit(app, "upload")
    app.toggle(key="upload_sample").set_value(True).run()
    table = faces_table(app)
    assert len(table) == len(FER2013)
    assert table["file"].unique().tolist() == ["average faces.png"]
    probabilities = table[[f"p_{label}" for label in FER2013]]
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)
    assert "7 faces found" in words(app)
    assert "Face 1: " in words(app)


def test_photos_of_every_kind_that_is_read_can_be_chosen(app: AppTest) -> None:
    visit(app, "upload")
    uploader = app.file_uploader(key="upload_files")
    assert {".jfif", ".jpe", ".mpo", ".tif", ".avif", ".dib"} <= set(uploader.proto.type)
    assert "TIFF or AVIF" in uploader.help or "HEIC" in uploader.help
    picture = Image.fromarray(sample_sheet())
    for name, file_format in {"a.jfif": "JPEG", "b.tif": "TIFF", "c.avif": "AVIF"}.items():
        stream = io.BytesIO()
        picture.save(stream, file_format, quality=95)
        app.file_uploader(key="upload_files").upload(name, stream.getvalue())
    app.run()
    assert faces_table(app).groupby("file")["face_id"].count().to_dict() == {
        "a.jfif": 7,
        "b.tif": 7,
        "c.avif": 7,
    }


def test_a_rejected_file_says_why_and_the_others_still_work(app: AppTest) -> None:
    visit(app, "upload")
    app.file_uploader(key="upload_files").upload("notes.jpg", b"just some text")
    app.file_uploader(key="upload_files").upload("sheet.png", encode_png(sample_sheet())).run()
    assert "Cannot use “notes.jpg”" in alerts(app)
    assert "not supported" in alerts(app)
    assert faces_table(app).groupby("file")["status"].agg(list).to_dict() == {
        "notes.jpg": ["failed"],
        "sheet.png": ["face"] * 7,
    }
    assert not app.exception


def test_a_photo_without_a_face_is_a_normal_result(app: AppTest) -> None:
    visit(app, "upload")
    app.file_uploader(key="upload_files").upload("wall.png", PLAIN).run()
    assert "No face found in this photo" in alerts(app)
    assert faces_table(app)["status"].tolist() == ["no face"]
    assert not app.exception


def test_two_files_of_one_name_are_both_kept(app: AppTest) -> None:
    visit(app, "upload")
    smaller = cv2.resize(sample_sheet(), None, fx=0.5, fy=0.5)
    uploader = app.file_uploader(key="upload_files")
    uploader.upload("face.png", encode_png(sample_sheet()))
    uploader.upload("face.png", encode_png(np.asarray(smaller, np.uint8))).run()
    table = faces_table(app)
    assert table["file"].nunique() == table["file_sha256"].nunique() == 2


def test_the_csv_is_that_of_the_batch_command_for_the_same_files(
    app: AppTest, tmp_path: Path
) -> None:
    sheet = encode_png(sample_sheet())
    files = {"notes.jpg": b"just some text", "sheet.png": sheet, "torn.png": sheet[:2000]}
    folder = tmp_path / "album"
    folder.mkdir()
    visit(app, "upload")
    for name, data in (files | {"wall.png": PLAIN}).items():
        (folder / name).write_bytes(data)
        app.file_uploader(key="upload_files").upload(name, data)
    with mock.patch.object(st, "download_button", wraps=st.download_button) as button:
        app.run()
    (csv,) = [call.args[1] for call in button.call_args_list if call.args[2] == "faces.csv"]
    analyze_folder(folder, tmp_path / "faces.csv", workers=1, detector="haar")
    assert csv == (tmp_path / "faces.csv").read_text()


def test_below_the_threshold_a_face_is_uncertain(app: AppTest) -> None:
    visit(app, "upload")
    app.toggle(key="upload_sample").set_value(True)
    app.slider(key="upload_threshold").set_value(1.0).run()
    assert set(faces_table(app)["prediction"]) == {"uncertain"}
    assert "uncertain" in words(app)
    app.slider(key="upload_threshold").set_value(0.0).run()
    assert "uncertain" not in set(faces_table(app)["prediction"])
    assert "apparent expression" in words(app)


def test_the_fallback_detector_is_named(app: AppTest) -> None:
    visit(app, "upload")
    assert "simpler Haar face detector" in words(app)


def test_many_rejected_files_are_in_a_table_and_in_the_counts(app: AppTest) -> None:
    visit(app, "upload")
    uploader = app.file_uploader(key="upload_files")
    for number in range(5):
        uploader.upload(f"notes {number}.jpg", b"just some text")
    uploader.upload("wall.png", PLAIN)
    uploader.upload("sheet.png", encode_png(sample_sheet())).run()
    assert "Cannot use 5 files" in alerts(app)
    table = next(frame.value for frame in app.dataframe if "reason" in frame.value.columns)
    assert table["file"].tolist() == [f"notes {number}.jpg" for number in range(5)]
    assert set(table["reason"]) == {"unsupported_type"}
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures == {"Photos": "7", "Faces": "7", "Without a face": "1", "Failed": "5"}
    assert not app.exception
