"""Renders READMEs of models, docs/results.md and the table in README.md from `templates`."""

from training.publishing.model_readme import render_readme
from training.publishing.result_tables import render_results
from training.publishing.results_page import render_results_page

__all__ = ["render_readme", "render_results", "render_results_page"]
