"""How the models learnt, epoch by epoch, laid over each other."""

import pandas as pd
import streamlit as st

from fer_core.charts import training_curves_figure
from fer_core.evaluation.history import Curve
from pages.components.evaluations import at_best_epoch, history_of
from pages.components.figures import show_figure, show_table
from pages.components.models import pick_models, saved_models

CURVES: dict[Curve, str] = {
    "val_accuracy": "Validation accuracy",
    "accuracy": "Training accuracy",
    "val_loss": "Validation loss",
    "loss": "Training loss",
    "learning_rate": "Learning rate",
}

st.title("Training curves")
st.markdown(
    "How well each model did after every pass over the training faces. A star marks the epoch "
    "with the best validation accuracy."
)

cards = [card for card in saved_models() if not card.members]
chosen = pick_models("curves_models", cards)
with st.container(horizontal=True, vertical_alignment="bottom"):
    curve = st.selectbox(
        "Curve",
        list(CURVES),
        format_func=CURVES.__getitem__,
        key="curves_curve",
        bind="query-params",
        width=260,
    )
    smoothing = st.slider(
        "Smoothing",
        0.0,
        0.95,
        0.0,
        0.05,
        key="curves_smoothing",
        bind="query-params",
        width=260,
        help="How much each point takes from those before it. The faint line is as measured.",
    )

if not chosen:
    st.info("Choose at least one model above.", icon=":material/show_chart:")
    st.stop()

histories = {card.title: history_of(card) for card in chosen}
show_figure(
    training_curves_figure(histories, curve, smoothing=smoothing),
    key="curves_figure",
    alt=f"{CURVES[curve]} by epoch for {', '.join(histories)}; all in the table below",
)

st.subheader("At the best epoch")
best = pd.DataFrame(
    [{"model": title} | at_best_epoch(history) for title, history in histories.items()]
)
st.dataframe(
    best,
    hide_index=True,
    column_config={
        "model": st.column_config.TextColumn("Model", pinned=True),
        "best_epoch": st.column_config.NumberColumn("Best epoch"),
        "epochs": st.column_config.NumberColumn("Epochs run"),
        "accuracy": st.column_config.NumberColumn("Training accuracy", format="percent"),
        "val_accuracy": st.column_config.NumberColumn("Validation accuracy", format="percent"),
        "overfit_gap": st.column_config.NumberColumn(
            "Overfit gap",
            format="percent",
            help="Training minus validation accuracy. Training faces are distorted on purpose, "
            "which makes them harder, so a model that learns well can have a gap below 0.",
        ),
        "learning_rate": st.column_config.NumberColumn("Learning rate", format="%.2g"),
        "seconds": st.column_config.NumberColumn("Training time", format="duration"),
    },
    alt="Each model at its best epoch",
)

table = pd.concat(
    [history.to_frame().assign(model=title) for title, history in histories.items()],
    ignore_index=True,
)
table.insert(0, "model", table.pop("model"))
show_table(table, key="curves_epochs", alt="Every epoch of every model", label="All epochs")
