"""A message for values of a link that a page's widgets do not accept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fer_core.files import shown
from pages.compat import LinkedWidget, linked_widgets, opens_a_link, replace_in_link, values_of_link
from pages.links.former_links import present_names
from pages.widgets import is_percent_slider

_STATE_KEY: Final = "opened_link"
_MOST_NAMED: Final = 3
"""At most this many of the choices shown instead are named."""
_LONGEST: Final = 40
"""A link may come from anyone, so a longer value is truncated."""


@dataclass(eq=False)
class _OpenedLink:
    """The link that opened a page.

    Attributes:
        page: its path.
        asked: the values in the link, by the key of the widget.
        first_shown: what each widget that was drawn since showed at first.
    """

    page: str
    asked: dict[str, list[str]]
    first_shown: dict[str, LinkedWidget] = field(default_factory=dict)


def note_link(page: str) -> None:
    """Stores the link if this run opens a page with it; call it before the page runs.

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
    """Accepts other names of a picker's choices in a link; call it before the picker.

    Args:
        key: of the picker.
        title_of: the picker's name of a choice, by the other name that a link may contain.
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
    """Shows which values of the link were not accepted, and what is shown instead.

    Each message stays until the visitor changes the widget. A widget that is drawn later, such as
    after consent or after another choice, is checked then.

    Args:
        place: of the message; filled after the page has run.
    """
    link: _OpenedLink | None = st.session_state.get(_STATE_KEY)
    if link is None:
        return
    sentences: list[str] = []
    for key, widget in linked_widgets(link.asked).items():
        first = link.first_shown.setdefault(key, widget)
        if first.refused and widget.shown == first.shown:
            instead = _in_words(key, widget)
            sentences.extend(
                f"The link asks for {_quoted(f'{key}={value}')}, which is not available here. "
                f"{instead} shown instead."
                for value in first.refused
            )
    if sentences:
        lines = sentences if len(sentences) == 1 else [f"- {sentence}" for sentence in sentences]
        place.warning("\n".join(lines), icon=":material/link_off:")


def _in_words(key: str, widget: LinkedWidget) -> str:
    """Returns what a widget shows on screen, followed by "is" or "are"."""
    shown = [f"{part:.0%}" for part in widget.numbers] if is_percent_slider(key) else widget.shown
    if not shown:
        return "Nothing is"
    named = ", ".join(map(_quoted, shown[:_MOST_NAMED]))
    if len(shown) > _MOST_NAMED:
        return f"{named} and {len(shown) - _MOST_NAMED} more are"
    return f"{named} {'is' if len(shown) == 1 else 'are'}"


def _quoted(text: str) -> str:
    """Returns it as Markdown code, where no character is special."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"`{shown(cut).replace('`', 'ˋ')}`"
