"""Robustness to blur, low light, noise and occlusion: on the test faces, and on one face."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import streamlit as st

from fer_core.evaluation.reliability import (
    BASELINES,
    Robustness,
    corruption_errors,
    robustness_differences,
)
from fer_core.labels import split_title
from fer_core.plots import accuracy_figure, corrupted_face_figure
from fer_core.preprocessing import AUGMENTATION_NOTE, CORRUPTIONS, Corruption
from fer_core.recognition import LEVELS, before_and_after
from fer_core.zoo import ModelCard
from pages.pickers import saved_models
from pages.robustness.measuring import offer_measuring, predictions_by_severity, results_of
from pages.shared import pick_face
from pages.widgets import one_table, percent_bar, section, show_figure, show_table, with_percents

TITLES: dict[Corruption, str] = {
    "gaussian_blur": "out of focus",
    "motion_blur": "motion blur",
    "low_resolution": "low resolution",
    "low_light": "low light",
    "backlight": "backlight",
    "noise": "noise",
    "jpeg": "JPEG compression",
    "covered_eyes": "covered eyes",
    "covered_mouth": "covered mouth",
    "rotation": "turned head",
}
KINDS: tuple[Literal["all"] | Corruption, ...] = ("all", *CORRUPTIONS)


@section
def show_test_faces(cards: Sequence[ModelCard]) -> None:
    """Shows the accuracy of the models on corrupted test faces."""
    results = results_of(cards)
    titles = {card.name: card.title for card in cards}

    st.header("Test faces")
    if results:
        show_accuracies(results, titles)
        show_errors(results, titles)
        show_differences(results, titles)
    offer_measuring(cards)


def rows_of(results: Mapping[str, Robustness], kind: Literal["all"] | Corruption) -> pd.DataFrame:
    """Returns the scores of the models, by their titles, on one corruption or on all."""
    table = one_table({title: found.to_frame() for title, found in results.items()}, "model")
    return table if kind == "all" else table[table["corruption"] == kind]


def show_accuracies(results: Sequence[Robustness], titles: Mapping[str, str]) -> None:
    """Shows the accuracy of each model by severity."""
    kind = st.selectbox(
        "Corruption",
        KINDS,
        format_func=lambda name: "mean over corruptions" if name == "all" else TITLES[name],
        key="robustness_kind",
        bind="query-params",
        width=320,
    )
    by_title = {titles[result.model]: result for result in results}
    show_figure(
        accuracy_figure(by_title, None if kind == "all" else kind),
        key="robustness_accuracy",
        alt=f"Accuracy by severity for {', '.join(by_title)}; numbers in the table below",
    )
    show_table(
        lambda: rows_of(by_title, kind),
        key="robustness_accuracies",
        alt="Accuracy with its 95% CI by model, corruption and severity",
        titles=TITLES,
    )
    st.caption(
        f"{results[0].rows} faces of {split_title(results[0].split)}, a fixed random sample "
        "stratified by label; severity 0 is uncorrupted. Error bars: 95% CI "
        + ("(bootstrap over faces). " if kind == "all" else "(Wilson). ")
        + AUGMENTATION_NOTE
    )


def show_errors(results: Sequence[Robustness], titles: Mapping[str, str]) -> None:
    """Shows the error of each model under each corruption, relative to the baseline."""
    errors = corruption_errors(results)
    if errors is None:
        st.info(
            "Corruption errors are relative to a baseline, but neither "
            f"{' nor '.join(f'“{titles.get(name, name)}”' for name in BASELINES)} is measured "
            "here.",
            icon=":material/balance:",
        )
    else:
        st.subheader("Corruption errors")
        frame = errors.to_frame()
        st.dataframe(
            with_percents(
                frame.assign(model=frame["model"].map(titles)), frame.columns.drop("model")
            ),
            hide_index=True,
            alt="Mean corruption error of each model, and its error by corruption",
            column_config={
                "model": st.column_config.TextColumn("Model", pinned=True),
                "clean_error": st.column_config.NumberColumn("Clean error"),
                "mean_corruption_error": st.column_config.NumberColumn(
                    "mCE",
                    help="Mean corruption error: the mean of the corruption columns. 95% CI: "
                    "bootstrap.",
                ),
                "mean_accuracy": st.column_config.NumberColumn(
                    "Mean accuracy",
                    help="Over all corruptions and severities 1 to 5.",
                ),
            }
            | interval_columns("mean_corruption_error", "mCE")
            | interval_columns("mean_accuracy", "Mean accuracy")
            | {
                name: st.column_config.NumberColumn(title[0].upper() + title[1:])
                for name, title in TITLES.items()
            },
        )
        st.caption(
            f"Errors over all five severities, relative to {titles[errors.baseline]}: below 100% "
            "is more robust (Hendrycks and Dietterich 2019)."
        )


def show_differences(results: Sequence[Robustness], titles: Mapping[str, str]) -> None:
    """Shows the paired difference of each pair of models on the same faces."""
    if len(results) < 2:
        return
    st.subheader("Differences between models")
    names = {
        "accuracy": "Mean accuracy",
        "mean_corruption_error": "mCE",
    }
    frame = pd.DataFrame(robustness_differences(results))
    st.dataframe(
        with_percents(
            frame.assign(first=frame["first"].map(titles), second=frame["second"].map(titles)),
            frame.columns.drop(["first", "second"]),
        ),
        hide_index=True,
        alt="Difference of mean accuracy and mCE of each pair of models, with 95% CIs",
        column_config={
            "first": st.column_config.TextColumn("First", pinned=True),
            "second": st.column_config.TextColumn("Second", pinned=True),
        }
        | {name: st.column_config.NumberColumn(title) for name, title in names.items()}
        | {
            key: value
            for name, title in names.items()
            for key, value in interval_columns(name, title).items()
        },
    )
    st.caption(
        "First minus second, with 95% CIs (paired bootstrap over faces, not corrected for the "
        "number of pairs). A CI that excludes 0 is significant."
    )


def interval_columns(name: str, title: str) -> dict[str, Any]:
    """Returns the column configuration of a score's confidence bounds."""
    return {
        f"{name}_{bound}": st.column_config.NumberColumn(f"{title}, {bound}")
        for bound in ("low", "high")
    }


@section
def show_one_face(cards: Sequence[ModelCard]) -> None:
    """Shows the effect of the corruptions on the predictions for one face."""
    st.header("One face")
    face = pick_face("robustness")
    if face is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen: Corruption = st.selectbox(
            "Corruption",
            CORRUPTIONS,
            format_func=TITLES.__getitem__,
            key="robustness_corruption",
            bind="query-params",
            width=320,
        )
        severity = st.slider(
            "Severity",
            0,
            LEVELS[-1],
            3,
            key="robustness_severity",
            bind="query-params",
            width=320,
        )
    corrupted, faces = predictions_by_severity(face, chosen, cards)
    st.image(
        corrupted,
        width=110,
        caption=[f"{level}, selected" if level == severity else f"{level}" for level in LEVELS],
        alt=[f"The face, {TITLES[chosen]}, severity {level}" for level in LEVELS],
    )
    st.dataframe(
        before_and_after(faces, severity),
        hide_index=True,
        alt=f"Each model's prediction on the clean face and at severity {severity}",
        column_config={
            "model": st.column_config.TextColumn("Model", pinned=True),
            "before": "Clean",
            "confidence_before": percent_bar("Confidence"),
            "after": f"At severity {severity}",
            "confidence_after": percent_bar("Confidence "),
            "changed": "Changed",
        },
    )
    show_figure(
        corrupted_face_figure(faces),
        key="robustness_predictions",
        alt="Probability of each model's clean prediction by severity; numbers in the table below",
    )
    show_table(
        lambda: pd.concat(
            [found.to_frame().assign(model=title) for title, found in faces.items()],
            ignore_index=True,
        ),
        key="robustness_face",
        alt="Each model's prediction by severity",
    )
    st.caption(
        "The face is detected on the clean picture; in practice, corruptions also reduce detection."
    )


st.title("Robustness")
st.markdown(
    "How accuracy drops as blur, low light, noise, compression, occlusion and rotation increase."
)

cards = saved_models()
show_test_faces(cards)
show_one_face(cards)
