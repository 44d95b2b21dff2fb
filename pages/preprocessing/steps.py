"""The preprocessing steps in words and numbers: the crop, the input, the effect of each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from fer_core.drawing import BOX_COLOR, SQUARE_COLOR, draw_crop
from fer_core.preprocessing import (
    AnyScaling,
    Color,
    Denoising,
    Equalization,
    PreprocessingConfig,
)
from fer_core.recognition import PreprocessingEffects, Step, preprocessing_effects
from fer_core.zoo import RunnableCard
from pages.pickers import BY_FINGERPRINT, classifier_of
from pages.shared import PickedFace
from pages.widgets import download_csv, percent_bar, show_table, with_percents

EQUALIZATIONS: dict[Equalization, str] = {
    "none": "none",
    "global": "histogram equalization",
    "clahe": "CLAHE",
}
DENOISINGS: dict[Denoising, str] = {
    "none": "none",
    "gaussian": "Gaussian blur",
    "median": "median",
    "non_local_means": "non-local means",
}
SCALINGS: dict[AnyScaling, str] = {
    "unit": "0 to 1",
    "symmetric": "-1 to 1",
    "standardize": "standardize",
    "none": "0 to 255",
    "channels": "per channel",
}
TITLES: dict[Step, str] = {
    "equalization": "Histogram equalization",
    "denoising": "Denoising",
    "scaling": "Normalization",
}
CHANNELS: dict[Color, tuple[str, ...]] = {
    "gray": ("",),
    "rgb": ("red", "green", "blue"),
    "bgr": ("blue", "green", "red"),
}
CHOICES: Mapping[Step, Mapping[Any, str]] = {
    "equalization": EQUALIZATIONS,
    "denoising": DENOISINGS,
    "scaling": SCALINGS,
}


def set_steps(prefix: str, config: PreprocessingConfig) -> None:
    """Sets the pickers of all steps.

    It is not defined in the page script: Streamlit keeps the callback of a button, and a function
    of the script refers to all its globals, the visitor's photo included.
    """
    for step in TITLES:
        st.session_state[f"{prefix}_{step}"] = getattr(config, step)


def follow_model(prefix: str, config: PreprocessingConfig) -> None:
    """Sets the pickers of all steps when the model was trained with other settings than the last.

    It keeps what a link or a visitor chose for the first model.
    """
    if st.session_state.get(f"{prefix}_own", config) != config:
        set_steps(prefix, config)
    st.session_state[f"{prefix}_own"] = config


def show_place(picked: PickedFace) -> None:
    """Shows where on the photo the face was detected and cropped."""
    if picked.xyxy is None or picked.square is None:
        st.caption("A test image is already a cropped face, so detection is skipped.")
        return
    drawn = draw_crop(picked.photo, picked.xyxy, picked.square, picked.landmarks)
    place, words = st.columns([2, 3], vertical_alignment="center")
    place.image(drawn, alt="The photo with the detector's box and the square that is cropped")
    square = picked.square
    rotated = f", rotated by {square.roll_deg:.0f}°" if square.roll_deg else ""
    left, top, right, bottom = picked.xyxy.tolist()
    words.markdown(
        f'**1. Detected.** The detector\'s box (:color[blue]{{foreground="{BOX_COLOR}"}}) spans '
        f"{right - left:.0f} x {bottom - top:.0f} pixels"
        + (", with five landmarks.\n\n" if picked.landmarks is not None else ".\n\n")
        + f'**2. Cropped.** The square (:color[orange]{{foreground="{SQUARE_COLOR}"}}) has '
        f"{square.side:.0f} pixels a side{rotated}. It is placed as in the training data, by "
        + ("eyes and mouth." if picked.landmarks is not None else "the center of the box.")
    )


def show_numbers(scaled: NDArray[np.float32], color: Color) -> None:
    """Offers the values of an input, `(size, size, channels)`, one table per channel."""
    for name, values in zip(CHANNELS[color], np.moveaxis(scaled, -1, 0), strict=True):
        show_table(
            pd.DataFrame(values),
            key=f"preprocessing_{name}_numbers" if name else "preprocessing_numbers",
            alt=f"The input values of the model{name and f', {name}'}",
            label=f"Input values ({len(values)} x {len(values)}){name and f', {name}'}",
        )


def show_effects(crop: NDArray[np.uint8], cards: Sequence[RunnableCard]) -> None:
    """Shows the prediction of each model for a face under each choice of each step."""
    effects = _effects(crop, cards)
    frame = effects.to_frame()
    frame["choice"] = [
        CHOICES[step][choice] for step, choice in zip(frame["step"], frame["choice"], strict=True)
    ]
    frame["step"] = frame["step"].map(TITLES)
    st.dataframe(
        with_percents(frame.sort_values(["step", "choice"], kind="stable"), ("change",)),
        hide_index=True,
        alt="Prediction of each model under each choice of each step, one step changed at a time",
        column_config={
            "model": "Model",
            "step": "Step",
            "choice": "Choice",
            "as_trained": st.column_config.CheckboxColumn("As trained"),
            "predicted": "Prediction",
            "confidence": percent_bar("Confidence"),
            "change": st.column_config.NumberColumn(
                "Change",
                help="Change in the probability of the label predicted as trained.",
            ),
        },
    )
    download_csv(frame, key="preprocessing_switches", file_name="preprocessing.csv")
    st.caption("One step is changed at a time; the others are as each model was trained.")


@st.cache_data(
    scope="session",
    max_entries=16,
    show_spinner="Running the models…",
    hash_funcs=BY_FINGERPRINT,
)
def _effects(crop: NDArray[np.uint8], cards: Sequence[RunnableCard]) -> PreprocessingEffects:
    """Returns the predictions of each model under each choice of each step."""
    return preprocessing_effects({card.title: classifier_of(card) for card in cards}, crop)
