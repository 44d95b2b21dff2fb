"""The button that makes a report: of the model chosen, or of the models shown."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from fer_core.reports.html_report import render_report
from tests.app.visit import alerts, visit

pytestmark = pytest.mark.usefixtures("models_dir")


def reports(app: AppTest, page: str) -> list[tuple[str, str]]:
    """Names and contents of the files that a page's report buttons give."""
    with mock.patch.object(st, "download_button", wraps=st.download_button) as button:
        visit(app, page)
    return [
        (call.args[2], call.args[1]())
        for call in button.call_args_list
        if call.args[0] == "Download report"
    ]


def test_the_chosen_model_can_be_taken_along(app: AppTest) -> None:
    app.query_params["models_model"] = "Tiny tiny_b"
    (report,) = reports(app, "models")
    assert not app.exception
    assert report == ("report-tiny_b.html", render_report(["tiny_b"]))


def test_the_models_shown_can_be_taken_along(app: AppTest, units_models_dir: Path) -> None:
    ((name, text),) = reports(app, "compare")
    assert not app.exception
    assert name == "report-comparison.html"
    assert "Tiny tiny_a" in text
    assert "Tiny tiny_b" in text
    assert "Tiny tiny_units" not in text  # it has predictions for another split, so it is not shown


def test_a_report_is_made_when_asked_for_and_only_once(app: AppTest) -> None:
    with mock.patch("pages.shared.reports.render_report", return_value="a report") as render:
        with mock.patch.object(st, "download_button", wraps=st.download_button) as button:
            visit(app, "models")
        assert render.call_count == 0
        (make,) = [
            call.args[1] for call in button.call_args_list if call.args[0] == "Download report"
        ]
        assert make() == make() == "a report"
        assert render.call_count == 1


def test_broken_predictions_are_named_before_anybody_asks(
    app: AppTest, own_models_dir: Path
) -> None:
    for name in ("tiny_a", "tiny_b"):
        (own_models_dir / name / "predictions.npz").write_bytes(b"no archive")
    assert reports(app, "models") == []
    assert not app.exception
    assert "No report" in alerts(app)
    assert "cannot be read" in alerts(app)
