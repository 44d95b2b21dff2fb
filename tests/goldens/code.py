"""Everything of the project that the goldens call; when modules move, only this file is mended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from fer_core.cli.main import app as fer_core_command
from fer_core.faces import load_samples
from fer_core.imaging import encode_png
from fer_core.labels import split_title
from fer_core.live import ResultRecorder
from fer_core.reports.html_report import render_report
from fer_core.zoo import ModelCard, ModelListing, ModelStore, write_robustness
from fer_core.zoo.cards import read_card
from fer_core.zoo.onnx_export import onnx_path
from pages.links.former_links import FORMER_KEYS, FORMER_VALUES
from training import results
from training.publishing import render_readme

__all__ = [
    "FORMER_KEYS",
    "FORMER_VALUES",
    "ResultRecorder",
    "encode_png",
    "fer_core_command",
    "list_models",
    "load_samples",
    "onnx_path",
    "read_card",
    "render_readme",
    "render_report",
    "results_page",
    "split_title",
    "training_command",
    "write_robustness",
]


def list_models(folder: Path) -> ModelListing:
    """Lists the saved models of a folder."""
    return ModelStore(folder).list_models()


def results_page(cards: Sequence[ModelCard], folder: Path) -> str:
    """Returns the text of docs/results.md for the saved models of a folder."""
    return results.results_page(cards, ModelStore(folder))


def training_command() -> typer.Typer:
    """Returns `python -m training.train`; only here is TensorFlow imported."""
    from training.train import app

    return app
