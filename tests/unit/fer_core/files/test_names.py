"""Any file name reaches a table unchanged and a terminal escaped."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.files.csv_text import write_csv
from fer_core.files.names import readable_name, shown, spreadsheet_safe

ANY_TEXT = st.text(st.characters(exclude_categories=[]))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ödön 北京 😀.jpg", "Ödön 北京 😀.jpg"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("two\nlines\r", r"two\nlines\r"),
        ("bell\x07 del\x7f csi\x9b", r"bell\x07 del\x7f csi\x9b"),
        ("invoice\u202egpj.exe", r"invoice\u202egpj.exe"),
        ("raw\udcff\udcfe", r"raw\xff\xfe"),
        ("Windows \ud800", r"Windows \xed\xa0\x80"),
        ("3.00\u202fPM", "3.00\u202fPM"),
    ],
)
def test_a_name_on_a_terminal(name: str, expected: str) -> None:
    assert shown(name) == expected


@given(ANY_TEXT)
def test_whatever_is_shown_can_be_printed(text: str) -> None:
    line = shown(text)
    line.encode("utf-8")
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in line)
    assert "\n" not in line


def test_sentences_keep_their_lines_on_request() -> None:
    assert shown("a\n b\x1b", keep_lines=True) == "a\n b\\x1b"


@given(st.lists(ANY_TEXT.map(readable_name), min_size=1))
def test_csv_reads_back_to_what_was_written(names: list[str]) -> None:
    text = io.StringIO(newline="")
    write_csv(text, ["name", "face"], ({"name": name, "face": None} for name in names))
    rows = csv.DictReader(io.StringIO(text.getvalue(), newline=""))
    assert [row["name"] for row in rows] == names


@pytest.mark.parametrize("name", ["=1+1.jpg", "+a.jpg", "-a.jpg", "@a.jpg", "\t=1.jpg", "＝1.jpg"])
def test_no_file_is_a_formula(name: str) -> None:
    text = io.StringIO(newline="")
    write_csv(text, ["file"], [{"file": name}])
    (row,) = csv.DictReader(io.StringIO(text.getvalue(), newline=""))
    assert row["file"] == f"./{name}"
    assert spreadsheet_safe("a=b.jpg") == "a=b.jpg"
