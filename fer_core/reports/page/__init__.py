"""A report of saved models as one HTML file, which needs neither this project nor a network."""

from fer_core.reports.page.inputs import Subject, load_subject
from fer_core.reports.page.page import render_report

__all__ = [
    "Subject",
    "load_subject",
    "render_report",
]
