"""Every step from a photo to the numbers that a model sees, and what the steps change."""

from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd
import streamlit as st

from fer_core.preprocessing import Denoising, Equalization, Scaling, preprocess, stages
from pages.components.faces import show_bars
from pages.components.figures import show_table
from pages.components.models import classifier_of, pick_model, saved_models
from pages.components.photos import pick_face

EQUALIZATIONS: dict[Equalization, str] = {
    "none": "none",
    "global": "whole face",
    "clahe": "by region (CLAHE)",
}
DENOISINGS: dict[Denoising, str] = {
    "none": "none",
    "gaussian": "Gaussian blur",
    "median": "median",
    "non_local_means": "non-local means",
}
SCALINGS: dict[Scaling, str] = {
    "unit": "0 to 1",
    "symmetric": "-1 to 1",
    "standardize": "mean 0, spread 1",
}
TITLES = {
    "equalization": "Even out brightness",
    "denoising": "Remove noise",
    "scaling": "Scale numbers to",
}
ENLARGEMENT = 4

Choice = TypeVar("Choice", bound=str)


def reset() -> None:
    """Sets the switches to what the model was trained with."""
    for step in TITLES:
        st.session_state[f"preprocessing_{step}"] = getattr(own, step)


def pick_step(step: str, names: dict[Choice, str]) -> Choice:
    """Shows the switch of one step, at first as the model was trained."""
    return st.selectbox(
        TITLES[step],
        list(names),
        index=list(names).index(getattr(own, step)),
        format_func=names.__getitem__,
        key=f"preprocessing_{step}",
        bind="query-params",
    )


st.title("Preprocessing")
st.markdown(
    "A model never sees a photo. It sees **48 x 48 numbers**, made in the steps below. Change a "
    "step and watch what it does to the answer."
)

card = pick_model("preprocessing_model", saved_models())
own = card.preprocessing
face = pick_face("preprocessing")

with st.container(horizontal=True, vertical_alignment="bottom"):
    config = replace(
        own,
        equalization=pick_step("equalization", EQUALIZATIONS),
        denoising=pick_step("denoising", DENOISINGS),
        scaling=pick_step("scaling", SCALINGS),
    )
    st.button("As trained", icon=":material/undo:", on_click=reset, disabled=config == own)

if config != own:
    changed = [
        title.lower()
        for step, title in TITLES.items()
        if getattr(config, step) != getattr(own, step)
    ]
    st.warning(
        f"{card.title} was trained with other settings for: {', '.join(changed)}. It meets "
        "pictures of a kind that it has never seen, so do not trust its answer here.",
        title="Not as trained",
        icon=":material/warning:",
    )

if face is not None:
    made = stages(face, config)
    spread = float(np.ptp(made.scaled)) or 1.0
    visible = ((made.scaled[..., 0] - made.scaled.min()) / spread * 255).astype(np.uint8)
    pictures = {
        "1. Face cut out": face,
        "2. Gray": made.grayscale,
        "3. Brightness evened out": made.equalized,
        "4. Noise removed": made.denoised,
        "5. Shrunk to 48 x 48": made.resized.repeat(ENLARGEMENT, 0).repeat(ENLARGEMENT, 1),
        "6. Scaled numbers": visible.repeat(ENLARGEMENT, 0).repeat(ENLARGEMENT, 1),
    }
    with st.container(horizontal=True):
        for title, picture in pictures.items():
            st.image(picture, caption=title, width=150, alt=f"The face after step {title}")
    st.caption(
        f"The numbers run from {made.scaled.min():.2f} to {made.scaled.max():.2f}; the last "
        "picture shows the smallest as black and the largest as white."
    )

    classifier = classifier_of(card)
    batch = np.stack([preprocess(face, own), made.scaled])
    as_trained, as_chosen = classifier.predict(batch)
    left, right = st.columns(2)
    with left.container(border=True):
        st.markdown("**As trained**")
        show_bars(as_trained, card.labels, name="As trained", key="preprocessing_trained")
    with right.container(border=True):
        st.markdown("**With these settings**" + (", which are the same" if config == own else ""))
        show_bars(as_chosen, card.labels, name="These settings", key="preprocessing_chosen")
    table = pd.DataFrame(
        {
            "expression": card.labels,
            "as_trained": as_trained,
            "with_these_settings": as_chosen,
            "change": as_chosen - as_trained,
        }
    )
    show_table(table, key="preprocessing_effect", alt="Probabilities as trained and as chosen")
    with st.expander("Show the 48 x 48 numbers", icon=":material/pin:"):
        st.dataframe(made.scaled[..., 0], alt="The numbers that the model sees", height=300)
