"""Reports on saved models or on an evaluation, each one self-contained HTML file."""

from fer_core.reports.html_report.evaluation import (
    leaderboard_frame,
    pairs_frame,
    render_evaluation,
)
from fer_core.reports.html_report.inputs import ReportInput, load_report_input
from fer_core.reports.html_report.report import render_report

__all__ = [
    "ReportInput",
    "leaderboard_frame",
    "load_report_input",
    "pairs_frame",
    "render_evaluation",
    "render_report",
]
