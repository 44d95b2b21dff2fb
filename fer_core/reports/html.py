"""HTML, element by element. Whatever is not markup already is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable


class Html(str):
    """Text that is markup already, so that it goes into a page as it is."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str) -> Html:
    """Returns an element.

    Args:
        name: of the element.
        children: markup, or texts, which are escaped.
        attributes: texts, which are escaped; `class_` gives `class`, `aria_label` `aria-label`.
    """
    listed = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
        for key, value in attributes.items()
    )
    return Html(f"<{name}{listed}>{join(children)}</{name}>")


def join(parts: Iterable[str]) -> Html:
    """Returns markup and texts after each other; the texts are escaped."""
    return Html(
        "".join(
            part if isinstance(part, Html) else html.escape(part, quote=False) for part in parts
        )
    )
