"""A box or a lasso drawn on the map lists the faces in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import FloatRect, Page, expect

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


def visit_map(page: Page, server: str) -> FloatRect:
    """Opens the map and returns where it lies."""
    visit(page, server, f"data?data_view={quote('Embedding map')}")
    expect(page.get_by_text("No faces selected")).to_be_visible()
    ground = page.locator("[data-testid=stPlotlyChart] .nsewdrag").first
    ground.wait_for()
    box = ground.bounding_box()
    assert box is not None
    return box


def drag(page: Page, box: FloatRect, *path: tuple[float, float]) -> None:
    """Draws with the mouse, along points in parts of the width and height of the map."""
    for index, (x, y) in enumerate(path):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        if index == 0:
            page.mouse.down()
    page.mouse.up()


def test_a_box_on_the_map_lists_its_faces_and_a_double_click_clears_it(
    server_with_maps: str, page: Page
) -> None:
    box = visit_map(page, server_with_maps)
    drag(page, box, (0.5, 0.01), (0.99, 0.99))  # three of the seven corners lie in the right half
    expect(page.get_by_text("18 of 42 faces. Accuracy of Tiny")).to_be_visible()
    expect(page.get_by_text("True labels: angry 6, disgust 6, neutral 6.")).to_be_visible()
    expect(page.get_by_role("button", name="Download CSV").last).to_be_attached()
    settle(page)

    page.mouse.dblclick(box["x"] + 0.2 * box["width"], box["y"] + 0.5 * box["height"])
    expect(page.get_by_text("No faces selected")).to_be_visible()


def test_a_lasso_on_the_map_leaves_out_what_lies_between_its_arms(
    server_with_maps: str, page: Page
) -> None:
    box = visit_map(page, server_with_maps)
    page.locator(".modebar-btn[data-val=lasso]").first.click()
    # Around the same corners, but the one in the middle: a box would have all three.
    drag(page, box, (0.5, 0.01), (0.99, 0.01), (0.55, 0.5), (0.99, 0.99), (0.5, 0.99))
    expect(page.get_by_text("12 of 42 faces. Accuracy of Tiny")).to_be_visible()
    expect(page.get_by_text("True labels: disgust 6, neutral 6.")).to_be_visible()
