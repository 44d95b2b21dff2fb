from __future__ import annotations

import numpy as np
import pytest

from fer_core.evaluation.dataset.embedding_map import MappedPredictions
from fer_core.labels.emotions import COLORS, FER2013
from fer_core.plots.embedding_map import MapColor, feature_map_figure


@pytest.fixture
def points() -> MappedPredictions:
    rng = np.random.default_rng(0)
    return MappedPredictions(
        labels=FER2013,
        row_id=np.arange(60) + 700,
        xy=rng.normal(size=(60, 2)).astype(np.float32),
        label=rng.integers(0, 7, 60),
        predicted=rng.integers(0, 7, 60),
    )


@pytest.mark.parametrize("color", ["label", "predicted", "error"])
def test_every_face_is_a_point_that_knows_its_row(
    points: MappedPredictions, color: MapColor
) -> None:
    figure = feature_map_figure(points, color)
    drawn = {
        row: (x, y, label, predicted)
        for trace in figure.data
        for x, y, (row, label, predicted) in zip(trace.x, trace.y, trace.customdata, strict=True)
    }
    expected = points.to_frame().set_index("row_id")[["x", "y", "label", "predicted"]]
    assert drawn == {row: tuple(values) for row, *values in expected.itertuples()}
    assert all(trace.type == "scattergl" for trace in figure.data)


def test_colors_show_the_label_the_prediction_or_the_error(points: MappedPredictions) -> None:
    by_label = feature_map_figure(points, "label").data
    assert [trace.marker.color for trace in by_label] == [COLORS[label] for label in FER2013]
    for trace, label in zip(by_label, FER2013, strict=True):
        assert {each[1] for each in trace.customdata} <= {label}
    for trace, predicted in zip(feature_map_figure(points, "predicted").data, FER2013, strict=True):
        assert {each[2] for each in trace.customdata} <= {predicted}
    correct, incorrect = feature_map_figure(points, "error").data
    assert all(label == predicted for _, label, predicted in correct.customdata)
    assert all(label != predicted for _, label, predicted in incorrect.customdata)
    n_correct = (points.label == points.predicted).sum()
    assert correct.name == f"correct ({n_correct})"
