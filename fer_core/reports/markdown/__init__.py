"""READMEs of models and docs/results.md."""

from fer_core.reports.markdown.ckplus_comparison import rare_units_sentence
from fer_core.reports.markdown.model_readme import render_readme
from fer_core.reports.markdown.result_tables import ranked_by_dataset, render_results
from fer_core.reports.markdown.results_page import render_results_page

__all__ = [
    "ranked_by_dataset",
    "rare_units_sentence",
    "render_readme",
    "render_results",
    "render_results_page",
]
