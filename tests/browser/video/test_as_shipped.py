"""The app as people get it: the saved models, YuNet, real faces, and the dataset behind numbers.

All other browser tests use very small models and Haar, which start at once.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from fer_core.fer2013.test_split_faces import find_dataset
from fer_core.labels.emotions import FER2013
from tests.browser.camera import clip_frames, write_camera_file
from tests.browser.conftest import PROJECT, running_app
from tests.browser.pages import record_live_video, settle, start_live_video, visit
from tests.built_once import SAVED_MODELS

ASSETS = Path(os.environ.get("FER_ASSETS_DIR") or PROJECT / "data")
PHOTO, CLIP = ASSETS / "multi_face.jpg", ASSETS / "single_face.mp4"
YUNET = Path(os.environ.get("FER_YUNET_MODEL") or PROJECT / "data" / "yunet.onnx")
SERVED = ("cnn", "cnn_small")
"""The default model, and a second one to compare it with."""

pytestmark = pytest.mark.skipif(
    not (PHOTO.exists() and CLIP.exists() and YUNET.exists()),
    reason="needs multi_face.jpg and single_face.mp4 in FER_ASSETS_DIR, and FER_YUNET_MODEL",
)


@pytest.fixture(scope="module")
def server(
    chromium_path: str,
    serve_saved: Callable[..., None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The address of an app with saved models, YuNet, and the real dataset where there is one."""
    models = tmp_path_factory.mktemp("shipped") / "models"
    for name in SERVED:
        shutil.copytree(SAVED_MODELS / name, models / name)
    serve_saved(*SERVED)
    data = os.environ.get("FER_DATA_DIR") or str(PROJECT / "data")
    with running_app(models, FER_YUNET_MODEL=str(YUNET), FER_DATA_DIR=data) as address:
        yield address


@pytest.mark.flaky(reruns=1)  # real video over a real network
def test_live_video_of_a_real_face_is_named_and_recorded(
    server: str, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page(write_camera_file(tmp_path / "clip.y4m", clip_frames(CLIP, seconds=2)))
    visit(page, server, "live?live_threshold=0.0")
    start_live_video(page)
    verdict = page.get_by_text("Face 1: apparent expression")
    expect(verdict).to_be_visible()
    assert any(label in verdict.inner_text() for label in FER2013)
    record_live_video(page)
    with page.expect_download() as csv:
        page.get_by_role("button", name="Results as CSV").click()
    rows = pd.read_csv(csv.value.path())
    assert rows["model"].unique().tolist() == ["cnn"]
    assert set(rows["prediction"]) <= set(FER2013)


def test_every_face_of_an_uploaded_photo_is_found_and_explained(server: str, page: Page) -> None:
    visit(page, server, "upload")
    page.locator("input[type=file]").set_input_files(PHOTO)
    expect(page.get_by_text("5 faces found")).to_be_visible()
    page.get_by_text("Explain", exact=True).first.click()
    expect(page.get_by_role("img", name="Grad-CAM of").first).to_be_visible()
    settle(page)
    with page.expect_download() as csv:
        page.get_by_role("button", name="Download CSV").click()
    rows = pd.read_csv(csv.value.path())
    assert rows["detector"].unique().tolist() == ["yunet"]
    assert rows["model"].unique().tolist() == ["cnn"]
    assert len(rows) == 5


def test_an_uploaded_clip_is_tracked(server: str, page: Page) -> None:
    visit(page, server, "upload?upload_kind=Video&upload_threshold=0.0")
    page.locator("input[type=file]").set_input_files(CLIP)
    page.get_by_role("button", name="Analyze this video").click()
    expect(page.get_by_text("1 face tracked")).to_be_visible()


@pytest.mark.skipif(find_dataset() is None, reason="needs fer2013.csv in FER_DATA_DIR")
def test_a_cell_of_the_confusion_matrix_shows_its_faces(server: str, page: Page) -> None:
    visit(page, server, "confusion?confusion_true=fear&confusion_predicted=sad")
    expect(page.get_by_role("img", name="fear").first).to_be_visible()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("", "Measured on FER2013"),
        ("compare", "Majority vote"),
        ("curves", "Training curves"),
        ("calibration", "Uncertain below"),
        ("robustness", "3, selected"),
        ("preprocessing", "Normalized"),
        ("data", "PrivateTest"),
        ("models", "Intended use and limits"),
    ],
)
def test_a_page_shows_what_it_is_for(server: str, page: Page, path: str, shown: str) -> None:
    visit(page, server, path)
    expect(page.get_by_text(shown).first).to_be_visible()
    settle(page)
    assert page.locator("[data-testid=stException]").count() == 0
