"""JSON data that is equal but for the last digits, which differ between processors."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

_TOLERANCE = 2e-3
_INTEGER = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?\d+\.\d+(e-?\d+)?")


def assert_close(now: Any, then: Any, at: str = "") -> None:
    """Checks keys, their order, types and values; numbers may differ a little."""
    if isinstance(then, float) and isinstance(now, float):
        assert now == pytest.approx(then, abs=_TOLERANCE, rel=1e-4), at
        return
    assert type(now) is type(then), at
    if isinstance(then, dict):
        assert list(now) == list(then), at
        for key, value in then.items():
            assert_close(now[key], value, f"{at}.{key}")
    elif isinstance(then, list):
        assert len(now) == len(then), at
        for number, (one, other) in enumerate(zip(now, then, strict=True)):
            assert_close(one, other, f"{at}[{number}]")
    else:
        assert now == then, at


def rows_of(text: str) -> list[dict[str, Any]]:
    """Returns the rows of a CSV file: numbers as they are written, and None for an empty cell."""
    return [
        {name: _value(cell) for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(text))
    ]


def _value(cell: str) -> str | int | float | None:
    if _INTEGER.fullmatch(cell):
        return int(cell)
    return float(cell) if _NUMBER.fullmatch(cell) else cell or None
