"""The preprocessing steps from a photo to a model's input, and their effect on predictions."""

from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from fer_core.plots import histogram, histogram_figure
from fer_core.preprocessing import preprocess, stages
from fer_core.recognition import Step, deviations
from fer_core.reports import probability_bars
from pages.pickers import classifier_of, pick_detector, pick_model, saved_models
from pages.preprocessing.steps import (
    DENOISINGS,
    EQUALIZATIONS,
    SCALINGS,
    TITLES,
    set_steps,
    show_effects,
    show_place,
)
from pages.shared import pick_photo_face
from pages.widgets import show_figure, show_table

SIDE = 192

Choice = TypeVar("Choice", bound=str)


def pick_step(step: Step, names: dict[Choice, str]) -> Choice:
    """Shows the picker of one step; the default is as the model was trained."""
    return st.selectbox(
        TITLES[step],
        list(names),
        index=list(names).index(getattr(own, step)),
        format_func=names.__getitem__,
        key=f"preprocessing_{step}",
        bind="query-params",
    )


def enlarged(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns a small picture with each pixel enlarged to a visible square."""
    factor = max(1, SIDE // len(image))
    return image.repeat(factor, 0).repeat(factor, 1)


def off(choice: str) -> str:
    """Returns a suffix for the title of a step that is off."""
    return " (off)" if choice == "none" else ""


st.title("Preprocessing")
st.markdown(
    "A model does not see the photo but **48 x 48 numbers**. Change a preprocessing step to see "
    "its effect on the prediction."
)

cards = saved_models()
with st.container(horizontal=True, vertical_alignment="bottom"):
    card = pick_model("preprocessing_model", cards)
    detector = pick_detector("preprocessing_detector")
own = card.preprocessing
picked = pick_photo_face("preprocessing", detector_name=detector)

with st.container(horizontal=True, vertical_alignment="bottom"):
    equalization = pick_step("equalization", EQUALIZATIONS)
    denoising = pick_step("denoising", DENOISINGS)
    scaling = pick_step("scaling", SCALINGS)
    config = replace(own, equalization=equalization, denoising=denoising, scaling=scaling)
    st.button(
        "As trained",
        icon=":material/undo:",
        on_click=set_steps,
        args=("preprocessing", own),
        disabled=config == own,
    )

if unlike := {
    other.title: ", ".join(TITLES[step].lower() for step in steps)
    for other in cards
    if (steps := deviations(config, other.preprocessing))
}:
    st.warning(
        "\n".join(f"- {title}: {steps}" for title, steps in unlike.items())
        + "\n\nThese models were not trained on such images; do not trust their predictions here.",
        title="Not as trained",
        icon=":material/warning:",
    )

if picked is not None:
    face = picked.crop
    show_place(picked)
    made = stages(face, config)
    pictures = {
        "2. Cropped": face,
        "3. Grayscale": made.converted,
        f"4. Resized to {own.size} x {own.size}": enlarged(made.resized),
        f"5. Histogram equalized{off(config.equalization)}": enlarged(made.equalized),
        f"6. Denoised{off(config.denoising)}": enlarged(made.denoised),
        "7. Normalized": enlarged(made.scaled_image()),
    }
    with st.container(horizontal=True):
        for title, picture in pictures.items():
            st.image(picture, caption=title, width=120, alt=f"The face after step {title}")
    counts = histogram(made.scaled)
    show_figure(
        histogram_figure(counts, title="Input value"),
        key="preprocessing_histogram",
        alt=f"Histogram of the input values, {made.scaled.min():.2f} to {made.scaled.max():.2f}",
    )
    st.caption(
        f"Input values range from {made.scaled.min():.2f} to {made.scaled.max():.2f}, shown in the "
        "last picture from black to white."
    )
    show_table(
        counts.to_frame,
        key="preprocessing_bins",
        alt="Pixels by input value",
    )

    st.header(f"Prediction of {card.title}")
    classifier = classifier_of(card)
    batch = np.stack([preprocess(face, own), made.scaled])
    as_trained, as_chosen = classifier.predict(batch)
    left, right = st.columns(2)
    with left.container(border=True):
        st.markdown("**As trained**")
        st.html(probability_bars(as_trained, card.labels, caption="As trained"))
    with right.container(border=True):
        st.markdown("**With these settings**" + (" (the same)" if config == own else ""))
        st.html(probability_bars(as_chosen, card.labels, caption="With these settings"))
    table = pd.DataFrame(
        {
            "expression": card.labels,
            "as_trained": as_trained,
            "with_these_settings": as_chosen,
            "change": as_chosen - as_trained,
        }
    )
    show_table(table, key="preprocessing_effect", alt="Probabilities as trained and as chosen")
    show_table(
        pd.DataFrame(made.scaled[..., 0]),
        key="preprocessing_numbers",
        alt="The input values of the model",
        label=f"Input values ({own.size} x {own.size})",
    )
    st.header("Effect of each step on each model")
    show_effects(face, cards)
