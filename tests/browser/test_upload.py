"""A photo goes in, its faces and their table come out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import FilePayload, Page, expect

from fer_core.faces.sample_faces import sample_sheet
from fer_core.imaging import decode_image, encode_png
from fer_core.labels.emotions import FER2013
from tests.browser.pages import settle, visit


def test_faces_of_an_uploaded_photo_are_shown_and_can_be_downloaded(
    server: str, page: Page
) -> None:
    visit(page, server, "upload")
    photo = FilePayload(name="sheet.png", mimeType="image/png", buffer=encode_png(sample_sheet()))
    torn = FilePayload(name="torn.png", mimeType="image/png", buffer=b"no picture")
    page.locator("input[type=file]").set_input_files([photo, torn])
    expect(page.get_by_text("7 faces found")).to_be_visible()
    expect(page.get_by_text("Cannot use “torn.png”")).to_be_visible()
    expect(page.get_by_text("Face 1:").first).to_be_visible()
    settle(page)

    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    rows = pd.read_csv(download.value.path())
    assert rows.query("status == 'failed'")["file"].tolist() == ["torn.png"]
    table = rows.query("status == 'face'")
    assert table["file"].tolist() == ["sheet.png"] * 7
    assert table["face_id"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert set(table["top_label"]) <= set(FER2013)
    sums = table[[f"p_{label}" for label in FER2013]].sum(axis=1)
    assert sums.tolist() == pytest.approx([1.0] * 7, abs=1e-4)
    assert (table["x2"] > table["x1"]).all()

    with page.expect_download() as download:
        page.get_by_role("button", name="Download PNG").click()
    drawn = decode_image(Path(download.value.path()).read_bytes())
    assert drawn.shape == sample_sheet().shape
    assert (drawn != sample_sheet()).any()
