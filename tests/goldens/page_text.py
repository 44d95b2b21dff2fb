"""What a person reads on a page of HTML or Markdown, by sections, so that a diff can be read."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from typing import Final

_HEADINGS: Final = ("h1", "h2", "h3", "h4", "summary")
_ENDS: Final = ("p", "li", "dd", "dt", "caption", "tr", "figcaption", "pre", *_HEADINGS)
_SILENT: Final = ("script", "style", "title")
_ROWS_SHOWN: Final = 6
"""Of a long table these rows are kept as they are, and a checksum of the others."""


def html_sections(text: str) -> dict[str, list[str]]:
    """Returns lines of text by heading; the rows of a table are lines, cells apart by a bar."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return {heading: _shortened(lines) for heading, lines in reader.sections.items()}


def markdown_sections(text: str) -> dict[str, str]:
    """Returns by heading the number of lines and a checksum of them."""
    parts = re.split(r"^(#+ .*)$", text, flags=re.MULTILINE)
    named = {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}
    return {
        heading: f"{len(body.splitlines())} lines, {_digest(body)}"
        for heading, body in named.items()
        if heading or body.strip()
    }


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sections: dict[str, list[str]] = {"": []}
        self._heading = ""
        self._line = ""
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if tag in _HEADINGS:
            self._end_line()
        for name, value in attrs:
            if name == "aria-label" and value:
                self.sections[self._heading].append(f"({value})")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent -= 1
        elif tag in _HEADINGS:
            self._begin_section(self._line.strip(), deeper=tag in ("h3", "h4", "summary"))
            self._line = ""
        elif tag in ("td", "th"):
            self._line += " | "
        elif tag in _ENDS:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._line += data

    def _begin_section(self, name: str, *, deeper: bool) -> None:
        top = self._heading.partition(" > ")[0]
        heading = f"{top} > {name}" if deeper else name
        number = 2
        self._heading = heading
        while self._heading in self.sections:
            self._heading, number = f"{heading} ({number})", number + 1
        self.sections[self._heading] = []

    def _end_line(self) -> None:
        words = " ".join(self._line.split()).removesuffix(" |")
        if words:
            self.sections[self._heading].append(words)
        self._line = ""


def _shortened(lines: list[str]) -> list[str]:
    """Cuts long tables."""
    found: list[str] = []
    table: list[str] = []
    for line in [*lines, ""]:
        if " | " in line:
            table.append(line)
            continue
        found += table[:_ROWS_SHOWN]
        if len(table) > _ROWS_SHOWN:
            others = table[_ROWS_SHOWN:]
            found.append(f"… {len(others)} rows, {_digest(chr(10).join(others))}")
        table = []
        if line:
            found.append(line)
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
