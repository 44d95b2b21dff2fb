"""Tables show fractions as percent with one decimal."""

from __future__ import annotations

import math

import pandas as pd

from pages.widgets import with_percents


def test_fractions_are_rounded_and_the_numbers_stay() -> None:
    frame = pd.DataFrame({"accuracy": [0.7286, -0.0001, math.nan], "rows": [3589, 2, 1]})
    shown = with_percents(frame, ("accuracy", "missing"))
    lines = shown.to_string(delimiter=" ").splitlines()
    assert [line.split(" ", 1)[1] for line in lines[1:]] == ["72.9% 3589", "0.0% 2", " 1"]
    assert shown.data is frame  # type: ignore[attr-defined]
