"""Small pieces of every page: figures, sections, paging."""

from pages.widgets.column_titles import column_titles, with_titles
from pages.widgets.figures import download_csv, one_table, show_figure, show_table
from pages.widgets.paging import pick_page
from pages.widgets.percent_columns import percent_bar, with_percents
from pages.widgets.percent_slider import is_percent_slider, percent_slider
from pages.widgets.plain_text import as_markdown, list_names, short_name
from pages.widgets.sections import end_page, error_boundary, section

__all__ = [
    "as_markdown",
    "column_titles",
    "download_csv",
    "end_page",
    "error_boundary",
    "is_percent_slider",
    "list_names",
    "one_table",
    "percent_bar",
    "percent_slider",
    "pick_page",
    "section",
    "short_name",
    "show_figure",
    "show_table",
    "with_percents",
    "with_titles",
]
