"""A box drawn on the map lists the faces in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import running_app
from tests.browser.pages import settle, visit
from tests.conftest import TINY_MODELS
from tests.tiny_map import write_tiny_map


@pytest.fixture(scope="module")
def server_with_maps(
    prepared_models_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of an app whose models have maps."""
    folder = tmp_path_factory.mktemp("mapped") / "models"
    shutil.copytree(prepared_models_dir, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_MODELS_DIR", str(folder))
        for name in TINY_MODELS:
            write_tiny_map(name)
    with running_app(folder) as address:
        yield address


def test_a_box_on_the_map_lists_its_faces_and_a_double_click_clears_it(
    server_with_maps: str, page: Page
) -> None:
    visit(page, server_with_maps, f"data?data_view={quote('Map of the faces')}")
    expect(page.get_by_text("No faces chosen")).to_be_visible()
    ground = page.locator("[data-testid=stPlotlyChart] .nsewdrag").first
    ground.wait_for()
    box = ground.bounding_box()
    assert box is not None
    left, top, width, height = box["x"], box["y"], box["width"], box["height"]

    # Three of the seven corners lie in the right half.
    page.mouse.move(left + 0.5 * width, top + 2)
    page.mouse.down()
    page.mouse.move(left + 0.99 * width, top + height - 2, steps=5)
    page.mouse.up()
    expect(page.get_by_text("18 of 42 faces; Tiny")).to_be_visible()
    expect(page.get_by_text("Labelled angry 6, disgust 6, neutral 6.")).to_be_visible()
    expect(page.get_by_role("button", name="Download CSV").last).to_be_attached()
    settle(page)

    page.mouse.dblclick(left + 0.2 * width, top + 0.5 * height)
    expect(page.get_by_text("No faces chosen")).to_be_visible()
