"""Small pieces of every page: figures, sections, paging, links."""

from pages.widgets.column_titles import column_titles, with_titles
from pages.widgets.figures import download_csv, one_table, show_figure, show_table
from pages.widgets.paging import pick_page
from pages.widgets.percent_slider import percent_slider
from pages.widgets.plain_text import as_markdown, list_names, short_name
from pages.widgets.sections import end_page, errors_shown, section
from pages.widgets.unknown_links import note_link, show_unknown_values, take_other_names

__all__ = [
    "as_markdown",
    "column_titles",
    "download_csv",
    "end_page",
    "errors_shown",
    "list_names",
    "note_link",
    "one_table",
    "percent_slider",
    "pick_page",
    "section",
    "short_name",
    "show_figure",
    "show_table",
    "show_unknown_values",
    "take_other_names",
    "with_titles",
]
