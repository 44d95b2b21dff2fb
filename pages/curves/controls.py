"""Curves of the selected runs, the spread of their last epochs, and their best epochs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fer_core.plots import CURVE_TITLES, curves_figure, outside_view_sentence, spread_figure
from fer_core.training_logs import (
    LOCAL,
    Curve,
    CurveBand,
    TrainingRun,
    best_epochs_frame,
    curve_band,
    group_seeds,
    initial_view,
    unique_titles,
)
from pages.curves.runs import RunListing, show_broken_runs
from pages.widgets import one_table, section, show_figure, show_table, with_percents

_EPOCHS, _VALUES = "epochs", "values"
_FIRST_SHOWN: tuple[Curve, ...] = ("val_accuracy", "val_loss")
_SPREAD: dict[str, tuple[Curve, Curve]] = {
    "validation": ("val_accuracy", "val_loss"),
    "training": ("accuracy", "loss"),
}


def show_runs(listing: RunListing, logs: Sequence[TrainingRun]) -> None:
    """Shows the picker and everything below it."""
    show_broken_runs(listing)
    if listing.training:
        progress = [f"{run.title}, epoch {len(run.history)}" for run in listing.training]
        st.caption(
            f":material/autorenew: Training now: {'; '.join(progress)}. This page updates itself."
        )
    if listing.waiting:
        st.caption(f":material/hourglass_top: In its first epoch: {', '.join(listing.waiting)}")
    if not listing.runs and not logs:
        st.info(
            "Start a run with `python -m training.train`, and its curves appear here while it "
            "trains (the environment variable `FER_RUNS_DIR` sets the folder of runs). Or add a "
            "log above. Ensembles have no curves: their members were trained before.",
            title="No training runs yet",
            icon=":material/show_chart:",
        )
        return
    chosen = _pick_runs(listing) | unique_titles(logs)
    _show_curves(chosen)
    if chosen:
        _show_spread(chosen)
        _show_best_epochs(chosen)


def _pick_runs(listing: RunListing) -> dict[str, TrainingRun]:
    """Shows the picker; by default the saved models' runs and those in training, else all."""
    runs = unique_titles(listing.runs)
    first = [
        title
        for title, run in runs.items()
        if not run.name.startswith(LOCAL) or run in listing.training
    ]
    titles = st.multiselect(
        "Runs", list(runs), default=first or list(runs), key="curves_runs", bind="query-params"
    )
    # A run may have been deleted since.
    return {title: runs[title] for title in titles if title in runs}


@section
def _show_curves(chosen: dict[str, TrainingRun]) -> None:
    """Shows the picker of curves, and a figure of each."""
    curves = st.pills(
        "Curves",
        list(CURVE_TITLES),
        default=_FIRST_SHOWN,
        format_func=CURVE_TITLES.__getitem__,
        selection_mode="multi",
        key="curves_curve",
        bind="query-params",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        smoothing = st.slider(
            "Smoothing",
            0.0,
            0.95,
            0.0,
            0.05,
            key="curves_smoothing",
            bind="query-params",
            width=220,
            help="Exponential smoothing. The faint line shows the raw values.",
        )
        window = st.slider(
            "Envelope (epochs)",
            1,
            15,
            1,
            2,
            key="curves_envelope",
            bind="query-params",
            width=220,
            help="Band between the lowest and highest value in a window of this many epochs.",
        )
        logarithmic = st.pills(
            "Logarithmic axes",
            [_EPOCHS, _VALUES],
            selection_mode="multi",
            key="curves_log",
            bind="query-params",
        )
        grouped = st.toggle(
            "Group seeds",
            value=True,
            key="curves_grouped",
            bind="query-params",
            help="Shows runs that differ only in the seed as one line: their mean, with a band "
            "from the lowest to the highest value.",
        )
    if not chosen or not curves:
        st.info("Select at least one run and one curve above.", icon=":material/show_chart:")
        return

    groups = group_seeds(chosen.values()) if grouped else [(run,) for run in chosen.values()]
    title_of = {run.name: title for title, run in chosen.items()}
    named = {
        title_of[group[0].name] + (f", mean of {len(group)} seeds" if len(group) > 1 else ""): group
        for group in groups
    }
    best = {
        name: [run.best_epoch for run in group if run.best_epoch is not None]
        for name, group in named.items()
    }
    shown: dict[tuple[str, Curve], CurveBand] = {}
    columns = st.columns(min(len(curves), 2), gap="large")
    for index, curve in enumerate(curves):
        bands = {
            name: curve_band(
                [run.history for run in group], curve, smoothing=smoothing, window=window
            )
            for name, group in named.items()
        }
        view = None if _VALUES in logarithmic else initial_view(bands, curve)
        with columns[index % len(columns)]:
            show_figure(
                curves_figure(
                    bands,
                    best,
                    curve,
                    log_epochs=_EPOCHS in logarithmic,
                    log_values=_VALUES in logarithmic,
                    view=view,
                ),
                key=f"curves_figure_{curve}",
                alt=f"{CURVE_TITLES[curve]} by epoch for {', '.join(named)}; see the table below",
            )
            if view is not None:
                st.caption(outside_view_sentence(view))
        shown |= {(name, curve): band for name, band in bands.items()}
    st.caption(
        "A star marks the epoch with the best validation accuracy, whose weights are kept (models "
        "of CK+ keep the last epoch, so that held-out people do not influence it). The overfit gap "
        "is training minus validation accuracy; because training faces are augmented, it can be "
        "negative. A logarithmic axis omits values at or below 0."
    )
    show_table(
        lambda: one_table({key: band.to_frame() for key, band in shown.items()}, "run", "curve"),
        key="curves_shown",
        alt="Every point of the curves",
        label="Points of the curves",
        titles=CURVE_TITLES,
    )


@section
def _show_spread(chosen: dict[str, TrainingRun]) -> None:
    """Shows the distribution of accuracy and loss over the last epochs."""
    st.header("Last epochs")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        epochs = st.slider(
            "Number of epochs",
            3,
            50,
            10,
            key="curves_last",
            bind="query-params",
            width=220,
            help="Of a short run at most its second half.",
        )
        part = st.segmented_control(
            "Measured on",
            list(_SPREAD),
            default="validation",
            required=True,
            key="curves_part",
            bind="query-params",
        )
    last = {title: run.history.last(epochs) for title, run in chosen.items()}
    for column, curve in zip(st.columns(2, gap="large"), _SPREAD[part], strict=True):
        with column:
            show_figure(
                spread_figure(last, curve),
                key=f"curves_spread_{curve}",
                alt=f"Violin plots of {CURVE_TITLES[curve].lower()} in at most the last {epochs} "
                "epochs of each run; all epochs in the table below",
            )
    show_table(
        lambda: one_table({title: each.to_frame() for title, each in last.items()}, "run"),
        key="curves_last_epochs",
        alt="The last epochs of each run",
        titles=CURVE_TITLES,
    )


def _show_best_epochs(chosen: dict[str, TrainingRun]) -> None:
    """Shows the best epoch of each run, and a table of all epochs."""
    st.header("Best epoch")
    number = st.column_config.NumberColumn
    st.dataframe(
        with_percents(best_epochs_frame(chosen), ("accuracy", "val_accuracy", "overfit_gap")),
        hide_index=True,
        column_config={
            "run": st.column_config.TextColumn("Run", pinned=True),
            "best_epoch": number("Best epoch"),
            "epochs": number("Epochs trained"),
            "accuracy": number("Training accuracy"),
            "val_accuracy": number("Validation accuracy"),
            "overfit_gap": number("Overfit gap"),
            "learning_rate": number("Learning rate", format="%.2g"),
            "seconds": number("Training time", format="duration"),
        },
        alt="The best epoch of each run",
    )
    show_table(
        lambda: one_table({title: run.history.to_frame() for title, run in chosen.items()}, "run"),
        key="curves_epochs",
        alt="Every epoch of every run",
        label="All epochs",
        titles=CURVE_TITLES,
    )
