"""Names of files in lines of Markdown."""

from __future__ import annotations

import pytest

from pages.widgets.plain_text import as_markdown, list_names, short_name


@pytest.mark.parametrize(
    ("name", "markdown"),
    [
        ("holiday.mp4", "holiday.mp4"),
        ("[a](b) *c*.png", r"\[a\]\(b\) \*c\*.png"),
        (":red[x] $y$.png", r"\:red\[x\] \$y\$.png"),
        ("two\nlines.png", "two lines.png"),
    ],
)
def test_a_name_is_shown_as_it_is(name: str, markdown: str) -> None:
    assert as_markdown(name) == markdown


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    shortened = short_name("a" * 50 + " of a clip.mp4")
    assert len(shortened) == 41
    assert shortened.startswith("aaa")
    assert shortened.endswith(" of a clip.mp4")


def test_the_first_names_are_listed_and_the_others_counted() -> None:
    assert list_names(["a", "b"]) == "a, b"
    assert list_names([str(number) for number in range(7)]) == "0, 1, 2, 3, 4 and 2 more"
