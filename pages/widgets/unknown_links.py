"""A message for what a link asks of a page's widgets, and they do not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fer_core.files import shown
from pages.compat import LinkedWidget, linked_widgets, opens_a_link, replace_in_link, values_of_link
from pages.widgets.former_links import present_names
from pages.widgets.percent_slider import is_percent_slider

_STATE_KEY: Final = "opened_link"
_MOST_NAMED: Final = 3
"""Of many choices that are shown instead, only the first are named."""
_LONGEST: Final = 40
"""A link may come from anybody, so of a longer value only the beginning is shown."""


@dataclass(eq=False)
class _OpenedLink:
    """The link with which a page was opened.

    Attributes:
        page: its path.
        asked: what the link asks for, by the key of the widget.
        answers: of each widget that was drawn since, what it showed at first.
    """

    page: str
    asked: dict[str, list[str]]
    answers: dict[str, LinkedWidget] = field(default_factory=dict)


def note_link(page: str) -> None:
    """Remembers the link, if this run opens a page with it; to be called before the page runs.

    Args:
        page: path of the page.
    """
    link: _OpenedLink | None = st.session_state.get(_STATE_KEY)
    if link is None or link.page != page or opens_a_link():
        asked = values_of_link()
        present = present_names(asked)
        for key, values in present.items():
            if asked.get(key) != values:
                replace_in_link(key, values)
        st.session_state[_STATE_KEY] = _OpenedLink(page, present)


def take_other_names(key: str, title_of: Mapping[str, str]) -> None:
    """Lets a link name a choice otherwise than its picker does; to be called before the picker.

    Args:
        key: of the picker.
        title_of: what the picker calls a choice, by the other name that a link may have for it.
    """
    link: _OpenedLink | None = st.session_state.get(_STATE_KEY)
    if link is None or key not in link.asked:
        return
    asked, titles = link.asked[key], set(title_of.values())
    taken = [value if value in titles else title_of.get(value, value) for value in asked]
    if taken != asked:
        link.asked[key] = taken
        replace_in_link(key, taken)


def show_unknown_values(place: DeltaGenerator) -> None:
    """Says which values of the link were not taken, and what is shown instead.

    Each is said until somebody changes its widget. A widget that is drawn later, as after
    consent or after another choice, is heard then.

    Args:
        place: where to say so; filled after the page has run.
    """
    link: _OpenedLink | None = st.session_state.get(_STATE_KEY)
    if link is None:
        return
    sentences: list[str] = []
    for key, widget in linked_widgets(link.asked).items():
        first = link.answers.setdefault(key, widget)
        if first.refused and widget.shown == first.shown:
            instead = _in_words(key, widget)
            sentences.extend(
                f"The link asks for {_quoted(f'{key}={value}')}, which is not a choice here. "
                f"{instead} shown instead."
                for value in first.refused
            )
    if sentences:
        lines = sentences if len(sentences) == 1 else [f"- {sentence}" for sentence in sentences]
        place.warning("\n".join(lines), icon=":material/link_off:")


def _in_words(key: str, widget: LinkedWidget) -> str:
    """Returns what a widget shows, as it stands on the screen, and "is" or "are"."""
    shown = [f"{part:.0%}" for part in widget.numbers] if is_percent_slider(key) else widget.shown
    if not shown:
        return "Nothing is"
    named = ", ".join(map(_quoted, shown[:_MOST_NAMED]))
    if len(shown) > _MOST_NAMED:
        return f"{named} and {len(shown) - _MOST_NAMED} more are"
    return f"{named} {'is' if len(shown) == 1 else 'are'}"


def _quoted(text: str) -> str:
    """Returns it as code, in which Markdown gives nothing a meaning."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"`{shown(cut).replace('`', 'ˋ')}`"
