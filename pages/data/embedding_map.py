"""The embedding map of FER2013's test split: a projection of a model's features."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from fer_core.evaluation.comparison import AlignedPredictions
from fer_core.evaluation.dataset import MAP_SPLIT, MappedPredictions, Projection
from fer_core.labels import split_title
from fer_core.plots import MapColor, feature_map_figure
from fer_core.zoo import ModelCard, ModelStore
from pages.pickers import pick_model
from pages.shared import aligned_predictions_of, comparable_with, show_averages, show_rows
from pages.widgets import column_titles, download_csv, section

PROJECTION_NAMES: dict[Projection, str] = {"tsne": "t-SNE", "pca": "PCA"}
COLOR_NAMES: dict[MapColor, str] = {
    "label": "label",
    "predicted": "predicted label",
    "error": "correct or incorrect",
}
_CONFIG = {
    "displaylogo": False,
    "displayModeBar": True,
    "modeBarButtons": [["select2d", "lasso2d", "pan2d"], ["zoomIn2d", "zoomOut2d", "resetScale2d"]],
}


def show_map(cards: Sequence[ModelCard]) -> None:
    """Shows the map of a model and the faces of the selected points."""
    mapped = [
        card for card in cards if not card.members and card.protocol.report_split == MAP_SPLIT
    ]
    if not mapped:
        if cards:
            st.info("No saved model was tested on FER2013.", icon=":material/scatter_plot:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        card = pick_model("data_map_model", mapped)
        projection = st.selectbox(
            "Projection",
            list(PROJECTION_NAMES),
            format_func=PROJECTION_NAMES.__getitem__,
            key="data_map_projection",
            bind="query-params",
            help="t-SNE preserves neighborhoods, not long distances. PCA shows the two directions "
            "of largest variance.",
        )
        color = st.selectbox(
            "Color",
            list(COLOR_NAMES),
            format_func=COLOR_NAMES.__getitem__,
            key="data_map_color",
            bind="query-params",
        )
    feature_map = ModelStore.default().load_feature_map(card.name)
    if feature_map is None:
        st.info(
            f"Run `python -m training.artifacts.embedding_map --model {card.name} --data data`; it "
            "needs the dataset and takes a few minutes.",
            title=f"{card.title} has no embedding map yet",
            icon=":material/scatter_plot:",
        )
        return
    others, _ = comparable_with(card, cards, MAP_SPLIT, "plain")
    aligned = aligned_predictions_of([card, *others], MAP_SPLIT, "plain")
    points = feature_map.of(aligned, card.name, projection)
    st.caption(
        f"One point per face of {split_title(MAP_SPLIT)}: a projection of the features of "
        f"{card.title} before its last layer. Trustworthiness "
        f"{feature_map.trustworthiness[projection]:.2f} (1: all neighbors on the map are neighbors "
        "in feature space)."
    )
    _show_points(points, aligned, card, color)


@section
def _show_points(
    points: MappedPredictions, aligned: AlignedPredictions, card: ModelCard, color: MapColor
) -> None:
    """Shows the map and the selected faces."""
    figure, faces = st.columns([3, 2], gap="large")
    with figure:
        event = st.plotly_chart(
            feature_map_figure(points, color),
            key="data_map",
            on_select="rerun",
            selection_mode=("points", "box", "lasso"),
            config=_CONFIG,
            alt=f"Map of {len(points.row_id):,} faces by the features of {card.title}, colored "
            f"by {COLOR_NAMES[color]}; all points in the table below",
        )
        table = points.to_frame()
        with st.expander("Show as table", icon=":material/table_chart:"):
            chosen = st.dataframe(
                table,
                hide_index=True,
                height=300,
                key="data_map_table",
                on_select="rerun",
                selection_mode="multi-row",
                alt="The points of the map with true and predicted label",
                column_config=column_titles(table),
            )
            download_csv(table, key="data_map_csv", file_name=f"map-{card.name}.csv")
    rows = [point["customdata"][0] for point in event["selection"]["points"]]
    rows += points.row_id[chosen["selection"]["rows"]].tolist()
    with faces:
        _show_chosen(aligned.take(np.isin(aligned.row_id, rows)), len(aligned), card)


def _show_chosen(chosen: AlignedPredictions, total: int, card: ModelCard) -> None:
    if not len(chosen):
        st.info(
            "Draw a box or lasso on the map, or click a point; a double click clears the "
            "selection. With the keyboard, select rows of the table.",
            title="No faces selected",
            icon=":material/lasso_select:",
        )
        return
    accuracy = 1 - chosen.is_error(card.name).mean()
    st.markdown(
        f"**{len(chosen):,} of {total:,}** faces. Accuracy of {card.title}: {accuracy:.1%}."
    )
    counts = np.bincount(chosen.label, minlength=len(chosen.labels))
    common = [chosen.labels[index] for index in np.argsort(-counts, kind="stable") if counts[index]]
    named = (f"{label} {counts[chosen.labels.index(label)]:,}" for label in common)
    st.caption(f"True labels: {', '.join(named)}. Most confident predictions first.")
    show_rows(
        chosen.ordered("confident", card.name),
        MAP_SPLIT,
        key="data_map",
        file_name=f"map-{card.name}-chosen.csv",
        placeholder=partial(show_averages, common[:3]),
    )
