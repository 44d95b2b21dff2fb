"""The content of an HTML page, parsed like a browser does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import plotly.graph_objects as go


class HtmlPage(HTMLParser):
    """An HTML page.

    Attributes:
        elements: name and attributes of every element, in order.
        texts: the text directly inside each of them.
        tables: by caption, rows of texts; the first row has the headings.
    """

    _VOID = frozenset({"meta", "link", "img", "br", "hr", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._open: list[int] = []
        self._rows: list[list[str]] = []
        self._caption = ""
        self.feed(text)
        self.close()
        assert not self._open, "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.texts.append("")
        if tag not in self._VOID:
            self._open.append(len(self.elements) - 1)
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])

    def handle_endtag(self, tag: str) -> None:
        closed = self._open.pop()
        assert self.elements[closed][0] == tag
        text = self.texts[closed]
        if tag in ("td", "th"):
            self._rows[-1].append(text)
        elif tag == "caption":
            self._caption = text
        elif tag == "table":
            self.tables[self._caption] = self._rows

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open[-1]] += data

    def all(self, name: str) -> Iterator[tuple[dict[str, str], str]]:
        """Returns attributes and text of every element of this name."""
        for (tag, attributes), text in zip(self.elements, self.texts, strict=True):
            if tag == name:
                yield attributes, text

    def figure(self, key: str) -> go.Figure:
        """Returns the figure that the page draws at this place."""
        (data,) = [text for attrs, text in self.all("script") if attrs.get("id") == f"{key}-data"]
        drawing: dict[str, Any] = json.loads(data)
        return go.Figure(drawing)
