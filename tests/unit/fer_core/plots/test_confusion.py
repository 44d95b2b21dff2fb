from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from fer_core.evaluation.comparison.aligned_predictions import AlignedPredictions
from fer_core.evaluation.comparison.confusion_cells import ANY, rows_of_difference
from fer_core.evaluation.comparison.confusion_comparison import (
    ConfusionDifference,
    confusion_difference,
)
from fer_core.evaluation.scores.confusion import ConfusionMatrix
from fer_core.labels.emotions import FER2013, FERPLUS
from fer_core.plots.confusion import confusion_figure, difference_figure


@pytest.fixture(params=[FER2013, FERPLUS, ("no", "yes")])
def matrix(request: pytest.FixtureRequest) -> ConfusionMatrix:
    size = len(request.param)
    return ConfusionMatrix(np.random.default_rng(0).integers(0, 30, (size, size)), request.param)


@pytest.fixture
def aligned() -> AlignedPredictions:
    """The second model predicts fear for most sad rows."""
    rng = np.random.default_rng(1)
    label = rng.integers(0, 7, 400)
    first = np.where(rng.random(400) < 0.7, label, rng.integers(0, 7, 400))
    second = np.where(label == FER2013.index("sad"), FER2013.index("fear"), first)
    probabilities = np.eye(7, dtype=np.float32)[np.stack([first, second], axis=1)]
    return AlignedPredictions(FER2013, ("a", "b"), np.arange(400), label, probabilities)


@pytest.fixture
def difference(aligned: AlignedPredictions) -> ConfusionDifference:
    return confusion_difference(aligned, "a", "b")


def texts_of(figure: go.Figure) -> dict[tuple[int, int], str]:
    """By row and column, totals included."""
    totals = {(note.y, note.x): note.text for note in figure.layout.annotations}
    written = [zip(each.y, each.x, each.text, strict=True) for each in figure.data[2:]]
    return totals | {(row, column): text for each in written for row, column, text in each}


def test_every_cell_can_be_clicked_and_says_which_it_is(matrix: ConfusionMatrix) -> None:
    heatmap, squares, *_ = confusion_figure(matrix).data
    size, labels = len(matrix.labels), matrix.labels
    assert heatmap.hoverinfo == "skip"
    assert len(squares.customdata) == (size + 1) ** 2
    for index in range(size**2):
        x, y = squares.x[index], squares.y[index]
        assert squares.customdata[index] == [labels[y], labels[x], matrix.counts[y, x]]
        assert index == y * size + x


def test_totals_of_rows_and_columns(matrix: ConfusionMatrix) -> None:
    figure = confusion_figure(matrix)
    found = {(row, column): faces for row, column, faces in figure.data[1].customdata}
    for index, label in enumerate(matrix.labels):
        assert found[label, ANY] == matrix.counts[index].sum()
        assert found[ANY, label] == matrix.counts[:, index].sum()
    assert found[ANY, ANY] == matrix.counts.sum()
    size = len(matrix.labels)
    assert texts_of(figure)[0, size] == f"{matrix.counts[0].sum():,}"


def test_cells_show_the_normalized_values(matrix: ConfusionMatrix) -> None:
    shares = matrix.normalized("true")
    figure = confusion_figure(matrix, "true")
    np.testing.assert_allclose(figure.data[0].z, shares / shares.max())
    texts, counts = texts_of(figure), texts_of(confusion_figure(matrix, "none"))
    for cell in np.ndindex(*shares.shape):
        assert texts[cell] == f"{shares[cell]:.0%}"
        assert counts[cell] == str(matrix.counts[cell])


def test_axis_ranges_fit_the_cells(matrix: ConfusionMatrix) -> None:
    layout = confusion_figure(matrix).layout
    size = len(matrix.labels)
    assert layout.xaxis.range == (-0.5, size + 0.5)
    assert layout.yaxis.range == (size + 0.5, -0.5)
    assert layout.xaxis.ticktext == (*matrix.labels, ANY)
    assert layout.xaxis.fixedrange
    assert layout.yaxis.fixedrange
    assert layout.dragmode is False


def test_text_of_a_cell_contrasts_with_its_shade(matrix: ConfusionMatrix) -> None:
    figure = confusion_figure(matrix)
    shade = figure.data[0].z
    for written in figure.data[2:]:
        assert written.unselected.textfont.color == written.textfont.color
        for row, column in zip(written.y, written.x, strict=True):
            assert (written.textfont.color == "#ffffff") == (shade[row, column] >= 0.55)
    assert all(note.font.color is None for note in figure.layout.annotations)


def test_empty_matrix_is_drawn() -> None:
    figure = confusion_figure(ConfusionMatrix(np.zeros((2, 2), np.int64), ("a", "b")))
    assert sorted(texts_of(figure).values()) == ["0"] * 5 + ["0%"] * 4


def test_significant_cells_of_a_difference_have_a_star(difference: ConfusionDifference) -> None:
    texts = texts_of(difference_figure(difference))
    points = difference.difference("true") * 100
    sad, fear = FER2013.index("sad"), FER2013.index("fear")
    assert difference.is_significant[sad, fear]
    assert texts[sad, fear] == f"<b>{points[sad, fear]:+.1f}★</b>"
    for cell in np.ndindex(7, 7):
        assert ("★" in texts[cell]) == difference.is_significant[cell]
    assert texts[0, 0] == "0"


def test_difference_is_shaded_both_ways(difference: ConfusionDifference) -> None:
    heatmap, *_ = difference_figure(difference, "none").data
    assert (heatmap.zmin, heatmap.zmax) == (-1, 1)
    assert np.abs(heatmap.z).max() == 1
    np.testing.assert_array_equal(np.sign(heatmap.z), np.sign(difference.difference("none")))


def test_squares_of_the_difference_count_the_faces_that_a_click_lists(
    aligned: AlignedPredictions, difference: ConfusionDifference
) -> None:
    for true, predicted, faces in difference_figure(difference).data[1].customdata:
        assert faces == rows_of_difference(aligned, "a", "b", true=true, predicted=predicted).sum()


def test_hover_text_names_both_models(difference: ConfusionDifference) -> None:
    squares = difference_figure(difference, models=("One", "Two")).data[1]
    assert f"One {difference.first[0, 0]}, Two {difference.second[0, 0]}" in squares.hovertext[0]


def test_background_and_text_come_from_the_theme(
    matrix: ConfusionMatrix, difference: ConfusionDifference
) -> None:
    for figure in (confusion_figure(matrix), difference_figure(difference)):
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
        assert figure.layout.font.color is None
