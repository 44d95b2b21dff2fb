"""Which expressions a model takes for which, down to the single rows."""

from typing import Literal

import streamlit as st

from fer_core.charts import class_scores_figure, confusion_figure
from fer_core.evaluation.confusion import Normalization, confusion_matrix, rows_of_cell
from fer_core.evaluation.scores import EvaluationProtocol
from fer_core.samples import load_samples
from pages.components.evaluations import metrics_of, predictions_of
from pages.components.figures import download_csv, show_figure, show_table
from pages.components.models import pick_model, saved_models

NORMALIZATIONS: dict[Normalization, str] = {
    "true": "share of each true label",
    "predicted": "share of each answer",
    "all": "share of all rows",
    "none": "counts",
}
PROTOCOLS: dict[EvaluationProtocol, str] = {
    "plain": "one look",
    "flip": "face and its mirror image",
    "crops": "ten windows of the face",
}
SCORES: dict[Literal["f1", "precision", "recall"], str] = {
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
}


def take_clicked_cell() -> None:
    """Takes the cell clicked in the figure; the click that deselects it keeps the choice."""
    for point in st.session_state["confusion_matrix"].selection.points:
        take(*point["customdata"][:2])


def take_table_cell() -> None:
    """Takes the cell chosen in the table, which the arrow keys reach."""
    for row, column in st.session_state["confusion_table"].selection.cells:
        if column in labels:
            take(labels[row], column)


def take(true: str, answer: str) -> None:
    """Puts a cell into the two pickers, and with them into the URL."""
    st.session_state["confusion_true"] = true
    st.session_state["confusion_answer"] = answer


st.title("Confusion")
st.markdown("Which expression is taken for which. **Click a cell** to list the faces in it.")

cards = saved_models()
with st.container(horizontal=True, vertical_alignment="bottom"):
    card = pick_model("confusion_model", cards)
    splits = predictions_of(card)
    split = st.selectbox(
        "Split",
        list(splits),
        index=list(splits).index(card.protocol.report_split),
        key="confusion_split",
        bind="query-params",
        help="No model learnt from these rows. On the public test settings were chosen, so only "
        "the private test is a fair score.",
    )
    predictions = splits[split]
    protocol = st.selectbox(
        "Each face seen",
        predictions.protocols,
        format_func=PROTOCOLS.__getitem__,
        key="confusion_protocol",
        bind="query-params",
    )
    normalization = st.selectbox(
        "Numbers",
        list(NORMALIZATIONS),
        format_func=NORMALIZATIONS.__getitem__,
        key="confusion_numbers",
        bind="query-params",
    )

labels = predictions.labels
matrix = confusion_matrix(predictions, protocol)
figure, rows = st.columns([3, 2], gap="large")
with figure:
    st.plotly_chart(
        confusion_figure(matrix, normalization),
        key="confusion_matrix",
        on_select=take_clicked_cell,
        selection_mode="points",
        config={"displayModeBar": False},
        alt=f"Confusion matrix of {card.title} on {split}. The same numbers stand in a table below",
    )
    with st.expander("Show as table", icon=":material/table_chart:"):
        st.caption("Choose a cell with the mouse, or with the arrow keys and Enter.")
        table = matrix.to_frame(normalization)
        number = st.column_config.NumberColumn(
            format="localized" if normalization == "none" else "percent"
        )
        st.dataframe(
            table,
            key="confusion_table",
            on_select=take_table_cell,
            selection_mode="single-cell",
            column_config=dict.fromkeys(labels, number),
            alt=f"Confusion matrix of {card.title} on {split}: rows are true labels",
        )
        download_csv(table.reset_index(), key="confusion_csv", file_name="confusion.csv")

with rows:
    with st.container(horizontal=True):
        true = st.selectbox(
            "Labelled",
            labels,
            index=None,
            placeholder="true label",
            key="confusion_true",
            bind="query-params",
        )
        answer = st.selectbox(
            "Answered",
            labels,
            index=None,
            placeholder="the model's answer",
            key="confusion_answer",
            bind="query-params",
        )
    if true is None or answer is None:
        st.info(
            "Click a cell of the matrix, or choose a label and an answer here.",
            title="No cell chosen",
            icon=":material/ads_click:",
        )
    else:
        found = rows_of_cell(predictions, true=true, predicted=answer, protocol=protocol)
        total = int(matrix.counts[labels.index(true)].sum())
        st.markdown(
            f"**{len(found):,} of {total:,}** faces labelled **{true}** are answered **{answer}**."
        )
        samples = load_samples()
        with st.container(horizontal=True):
            for label in dict.fromkeys((true, answer)):
                if label in samples:
                    st.image(
                        samples[label],
                        width=110,
                        caption=f"average {label}",
                        alt=f"The average {label} face of the training data",
                    )
        if len(found):
            listing = found.to_frame(protocol)
            st.dataframe(
                listing,
                hide_index=True,
                height=300,
                key="confusion_rows",
                column_config={
                    "row_id": st.column_config.NumberColumn("row", format="%d"),
                    "confidence": st.column_config.ProgressColumn(format="percent", max_value=1.0),
                }
                | {
                    name: st.column_config.NumberColumn(format="percent")
                    for name in listing.columns
                    if name.startswith("p_")
                },
                alt=f"Faces labelled {true} and answered {answer}, the most confident first",
            )
            download_csv(listing, key="confusion_rows_csv", file_name=f"{true}-as-{answer}.csv")
            st.caption(
                "The most confident first. A row is the line of fer2013.csv, counted from 0; the "
                "pictures themselves may not be passed on (see Models & data)."
            )

st.header("Each expression")
metrics = metrics_of(card, split, protocol)
with st.container(horizontal=True):
    st.metric("Accuracy", metrics.accuracy.percent(), border=True)
    st.metric("Macro-F1", metrics.macro_f1.percent(), border=True)
    if metrics.without_training_twins is not None:
        st.metric(
            "Accuracy without twins",
            metrics.without_training_twins.accuracy.percent(),
            border=True,
            help="Leaving out the rows of which an exact copy is among the training pictures.",
        )
score = st.segmented_control(
    "Score",
    list(SCORES),
    default="f1",
    required=True,
    format_func=SCORES.__getitem__,
    key="confusion_score",
    bind="query-params",
    help="Precision: of the faces given this answer, the share that has this label. Recall: of "
    "the faces with this label, the share that got this answer. F1 is their harmonic mean.",
)
show_figure(
    class_scores_figure(metrics, score),
    key="confusion_scores",
    alt=f"{score} of each expression with its 95 % interval; the numbers stand in the table below",
)
show_table(metrics.to_frame(), key="confusion_metrics", alt="Scores of each expression")
