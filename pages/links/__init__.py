"""Links to a view: what they ask for, by present and former names."""

from pages.links.unknown_links import note_link, show_unknown_values, take_other_names

__all__ = [
    "note_link",
    "show_unknown_values",
    "take_other_names",
]
