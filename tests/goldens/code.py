"""Everything of the project that the goldens call; when modules move, only this file is mended."""

from __future__ import annotations

import typer

from fer_core.cards import read_card
from fer_core.cli import app as fer_core_command
from fer_core.evaluation.robustness_file import write_robustness
from fer_core.images import encode_png
from fer_core.live_recording import ResultRecorder
from fer_core.model_readme import render_readme
from fer_core.onnx_export import onnx_path
from fer_core.report import render_report
from fer_core.results_page import render_results_page
from fer_core.samples import load_samples
from fer_core.zoo import list_models
from training.results import compare_saved_models

__all__ = [
    "ResultRecorder",
    "compare_saved_models",
    "encode_png",
    "fer_core_command",
    "list_models",
    "load_samples",
    "onnx_path",
    "read_card",
    "render_readme",
    "render_report",
    "render_results_page",
    "training_command",
    "write_robustness",
]


def training_command() -> typer.Typer:
    """Returns `python -m training.train`; only here is TensorFlow imported."""
    from training.train import app

    return app
