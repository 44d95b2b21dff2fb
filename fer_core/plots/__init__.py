"""Plotly figures of the data objects of `fer_core`."""

from fer_core.plots.calibration import reliability_figure, risk_coverage_figure, threshold_figure
from fer_core.plots.confusion import confusion_figure, difference_figure
from fer_core.plots.curves import CURVE_TITLES, curves_figure, outside_view_sentence, spread_figure
from fer_core.plots.dataset import (
    Numbers,
    class_counts_figure,
    difficulty_figure,
    duplicates_figure,
    label_agreement_figure,
)
from fer_core.plots.embedding_map import MapColor, feature_map_figure
from fer_core.plots.evaluation import sets_matrix_figure, slices_figure
from fer_core.plots.figure_style import GRID, MODEL_COLORS, class_scores_figure
from fer_core.plots.histogram import histogram, histogram_figure
from fer_core.plots.pareto import pareto_figure
from fer_core.plots.robustness import accuracy_figure, corrupted_face_figure
from fer_core.plots.timeline import (
    MAX_FACES_DRAWN,
    events_figure,
    probability_areas_figure,
    timeline_bars,
)

__all__ = [
    "CURVE_TITLES",
    "GRID",
    "MAX_FACES_DRAWN",
    "MODEL_COLORS",
    "MapColor",
    "Numbers",
    "accuracy_figure",
    "class_counts_figure",
    "class_scores_figure",
    "confusion_figure",
    "corrupted_face_figure",
    "curves_figure",
    "difference_figure",
    "difficulty_figure",
    "duplicates_figure",
    "events_figure",
    "feature_map_figure",
    "histogram",
    "histogram_figure",
    "label_agreement_figure",
    "outside_view_sentence",
    "pareto_figure",
    "probability_areas_figure",
    "reliability_figure",
    "risk_coverage_figure",
    "sets_matrix_figure",
    "slices_figure",
    "spread_figure",
    "threshold_figure",
    "timeline_bars",
]
