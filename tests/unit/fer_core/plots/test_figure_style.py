from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.labels.emotions import COLORS, FER2013
from fer_core.plots.figure_style import class_scores_figure, model_line
from fer_core.zoo.store import ModelStore


@pytest.mark.parametrize("score", ["precision", "recall", "f1"])
def test_class_scores_have_their_intervals(models_dir: Path, score: str) -> None:
    metrics = ModelStore.default().load_scored_card("tiny_a").reported
    figure = class_scores_figure(metrics, score)  # type: ignore[arg-type]
    (bars,) = figure.data
    assert bars.x == FER2013
    for index, label in enumerate(FER2013):
        interval = getattr(metrics.per_class[label], score)
        assert bars.y[index] == interval.value
        assert bars.y[index] + bars.error_y.array[index] == pytest.approx(interval.high)
        assert bars.y[index] - bars.error_y.arrayminus[index] == pytest.approx(interval.low)
        assert bars.marker.color[index] == COLORS[label]


def test_background_and_text_come_from_the_theme(models_dir: Path) -> None:
    card = ModelStore.default().load_scored_card("tiny_a")
    layout = class_scores_figure(card.reported).layout
    assert layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.font.color is None


def test_more_models_than_colors_have_distinct_lines() -> None:
    lines = [model_line(index) for index in range(11)]
    assert len({(line["color"], line["dash"]) for line in lines}) == 11
    assert {line["dash"] for line in lines[:8]} == {"solid"}
    assert [line["color"] for line in lines[8:]] == [line["color"] for line in lines[:3]]
