"""A report on saved models as one self-contained HTML file."""

from fer_core.reports.html_report.inputs import ReportInput, load_report_input
from fer_core.reports.html_report.report import render_report

__all__ = [
    "ReportInput",
    "load_report_input",
    "render_report",
]
