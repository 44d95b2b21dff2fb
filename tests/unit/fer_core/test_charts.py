from __future__ import annotations

from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from fer_core.charts import (
    class_scores_figure,
    confusion_figure,
    probability_bars,
    tradeoff_figure,
    training_curves_figure,
)
from fer_core.emotions import COLORS, FER2013
from fer_core.evaluation.confusion import ConfusionMatrix
from fer_core.evaluation.history import load_history
from fer_core.zoo import list_models, load_card


@pytest.fixture
def matrix() -> ConfusionMatrix:
    counts = np.random.default_rng(0).integers(0, 30, (7, 7))
    return ConfusionMatrix(counts, FER2013)


def test_every_cell_can_be_clicked_and_says_which_it_is(matrix: ConfusionMatrix) -> None:
    heatmap, cells = confusion_figure(matrix).data
    assert heatmap.hoverinfo == "skip"
    assert len(cells.customdata) == 49
    for x, y, (true, predicted, count) in zip(cells.x, cells.y, cells.customdata, strict=True):
        assert (FER2013[y], FER2013[x]) == (true, predicted)
        assert count == matrix.counts[y, x]


def test_cells_show_the_normalized_values(matrix: ConfusionMatrix) -> None:
    figure = confusion_figure(matrix, "true")
    shares = matrix.normalized("true")
    np.testing.assert_allclose(figure.data[0].z, shares)
    for annotation in figure.layout.annotations:
        assert annotation.text == f"{shares[annotation.y, annotation.x]:.0%}"
    counts = {(a.y, a.x): a.text for a in confusion_figure(matrix, "none").layout.annotations}
    assert counts[2, 3] == str(matrix.counts[2, 3])


def test_axes_stay_where_the_cells_are(matrix: ConfusionMatrix) -> None:
    layout = confusion_figure(matrix).layout
    assert layout.xaxis.range == (-0.5, 6.5)
    assert layout.yaxis.range == (6.5, -0.5)
    assert layout.xaxis.fixedrange
    assert layout.yaxis.fixedrange
    assert layout.dragmode is False


def test_empty_matrix_is_drawn() -> None:
    figure = confusion_figure(ConfusionMatrix(np.zeros((2, 2), np.int64), ("a", "b")))
    assert [annotation.text for annotation in figure.layout.annotations] == ["0%"] * 4


def test_bars_are_ordered_and_coloured_by_emotion() -> None:
    (bars,) = probability_bars(np.array([0.2, 0.5, 0.3], np.float32), FER2013[:3]).data
    assert tuple(bars.y) == ("disgust", "fear", "angry")
    assert bars.x.tolist() == pytest.approx([0.5, 0.3, 0.2])
    assert tuple(bars.marker.color) == (COLORS["disgust"], COLORS["fear"], COLORS["angry"])


def test_bars_need_a_label_each() -> None:
    with pytest.raises(ValueError, match="3 labels"):
        probability_bars(np.array([0.5, 0.5]), FER2013[:3])


def test_smoothed_curve_keeps_the_measured_one_and_marks_the_best_epoch(models_dir: Path) -> None:
    histories = {name: load_history(name) for name in ("tiny_a", "tiny_b")}
    figure = training_curves_figure(histories, "val_loss", smoothing=0.8)
    by_name = {trace.name: trace for trace in figure.data}
    for name, history in histories.items():
        smoothed = history.curve("val_loss", smoothing=0.8)
        np.testing.assert_allclose(by_name[f"{name}, as measured"].y, history.val_loss)
        np.testing.assert_allclose(by_name[name].y, smoothed)
        best = by_name[f"{name}, best epoch"]
        assert (best.x[0], best.y[0]) == (history.best_epoch, smoothed[history.best_epoch - 1])
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == list(histories)


def test_curve_without_smoothing_is_drawn_once(models_dir: Path) -> None:
    figure = training_curves_figure({"a": load_history("tiny_a")})
    assert [trace.name for trace in figure.data] == ["a", "a, best epoch"]


@pytest.mark.parametrize("score", ["precision", "recall", "f1"])
def test_class_scores_have_their_intervals(models_dir: Path, score: str) -> None:
    metrics = load_card("tiny_a").reported
    figure = class_scores_figure(metrics, score)  # type: ignore[arg-type]
    assert [bar.x[0] for bar in figure.data] == list(FER2013)
    for bar in figure.data:
        interval = getattr(metrics.per_class[bar.x[0]], score)
        assert bar.y[0] == interval.value
        assert bar.y[0] + bar.error_y.array[0] == pytest.approx(interval.high)
        assert bar.y[0] - bar.error_y.arrayminus[0] == pytest.approx(interval.low)
        assert bar.marker.color == COLORS[bar.x[0]]


def test_tradeoff_places_each_model(models_dir: Path) -> None:
    cards = list_models().cards
    cost = {card.name: 1.0 + index for index, card in enumerate(cards)}
    figure = tradeoff_figure(cards, cost, cost_title="Milliseconds for one face")
    for card, point in zip(cards, figure.data, strict=True):
        assert (point.x[0], point.y[0]) == (cost[card.name], card.reported.accuracy.value)
        assert point.text[0] == card.title
    assert figure.layout.xaxis.title.text == "Milliseconds for one face"


def test_figures_take_ground_and_text_from_the_theme(
    models_dir: Path, matrix: ConfusionMatrix
) -> None:
    card = load_card("tiny_a")
    figures: list[go.Figure] = [
        confusion_figure(matrix),
        probability_bars(np.array([0.4, 0.6]), FER2013[:2]),
        training_curves_figure({"a": load_history("tiny_a")}),
        class_scores_figure(card.reported),
        tradeoff_figure([card], {card.name: 1.0}, cost_title="MB"),
    ]
    for figure in figures:
        assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
        assert figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
        assert figure.layout.font.color is None
