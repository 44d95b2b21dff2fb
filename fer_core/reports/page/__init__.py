"""A report of saved models as one HTML file, which needs neither this project nor a network."""

from fer_core.reports.page.inputs import ReportInput, load_report_input
from fer_core.reports.page.page import render_report

__all__ = [
    "ReportInput",
    "load_report_input",
    "render_report",
]
