"""Curves grow while a run trains, and a folder of TensorBoard becomes a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import running_app
from tests.browser.pages import settle, visit
from tests.event_files import event_file

HEADER = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds"


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / "night"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("seed = 1\n[schedule]\nepochs = 5\n")
    return folder


@pytest.fixture
def runs_server(
    prepared_models_dir: Path, run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The address of an app whose local runs are those of this test."""
    monkeypatch.setenv("FER_RUNS_DIR", str(run_dir.parent))
    with running_app(prepared_models_dir) as address:
        yield address


def train(run_dir: Path, epochs: int) -> None:
    rows = [f"{row},1,0.5,1,0.{row},0.01,5" for row in range(1, epochs + 1)]
    (run_dir / "history.csv").write_text("\n".join([HEADER, *rows]) + "\n")


def test_the_page_follows_a_run_until_it_is_over(
    runs_server: str, run_dir: Path, page: Page
) -> None:
    train(run_dir, 3)
    visit(page, runs_server, "curves?curves_smoothing=0.5")
    expect(page.get_by_text("Training now: runs/night, epoch 3")).to_be_visible()
    train(run_dir, 4)
    expect(page.get_by_text("Training now: runs/night, epoch 4")).to_be_visible()
    smoothing = page.get_by_role("slider", name="Smoothing")
    expect(smoothing).to_have_value("0.5")
    train(run_dir, 5)
    expect(page.get_by_text("Training now")).to_have_count(0)
    legend = page.locator("[data-testid=stPlotlyChart]").first.locator(".legendtext")
    expect(legend.filter(has_text="runs/night")).to_be_visible()


def test_a_folder_of_tensorboard_becomes_one_run(server: str, page: Page, tmp_path: Path) -> None:
    for part, loss in (("train", 1.0), ("validation", 1.25)):
        (tmp_path / "evening" / part).mkdir(parents=True)
        data = event_file({"epoch_loss": {0: loss, 1: loss / 2}}, as_tensor=True)
        (tmp_path / "evening" / part / "events.out.tfevents.1.host.v2").write_bytes(data)
    visit(page, server, "curves")
    page.get_by_text("Add a training log").click()
    page.get_by_text("A folder", exact=True).click()
    settle(page)
    page.locator("input[type=file]").set_input_files(tmp_path / "evening")
    figure = page.locator("[data-testid=stPlotlyChart]").nth(1)
    expect(figure.locator(".legendtext").filter(has_text="evening")).to_be_visible()
    expect(page.get_by_text("cannot be used")).to_have_count(0)
