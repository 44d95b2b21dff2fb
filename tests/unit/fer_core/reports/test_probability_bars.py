from __future__ import annotations

import re

import numpy as np
import pytest

from fer_core.labels.emotions import COLORS, FER2013, GRAY
from fer_core.reports.probability_bars import probability_bars


def test_bars_are_ordered_and_colored_by_emotion() -> None:
    bars = probability_bars(np.array([0.2, 0.5, 0.3], np.float32), FER2013[:3], caption="Face 1")
    assert re.findall("<th[^>]*>(.*?)</th>", bars) == ["disgust", "fear", "angry"]
    assert re.findall("<span>(.*?)</span>", bars) == ["50%", "30%", "20%"]
    assert re.findall("background:(#[0-9a-f]+)", bars) == [
        COLORS[label] for label in ("disgust", "fear", "angry")
    ]
    assert "* 0.5000)" in bars


def test_names_are_escaped() -> None:
    bars = probability_bars(np.array([1.0]), ["<b>"], caption="<i>")
    assert "<b>" not in bars
    assert "<i>" not in bars
    assert GRAY in bars


def test_bars_need_a_label_each() -> None:
    with pytest.raises(ValueError, match="3 labels"):
        probability_bars(np.array([0.5, 0.5]), FER2013[:3], caption="")
