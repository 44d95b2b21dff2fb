"""A report on saved models as one self-contained HTML file."""

from fer_core.reports.page.inputs import ReportInput, load_report_input
from fer_core.reports.page.page import render_report

__all__ = [
    "ReportInput",
    "load_report_input",
    "render_report",
]
