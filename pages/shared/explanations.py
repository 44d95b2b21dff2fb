"""Why a model answers as it does: a map over a face, and over the photo it was cut from."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.drawing import over_face, over_photo
from fer_core.errors import ModelError
from fer_core.explain import Explainer, Explanation, Method, load_explainer, occlusion_map
from fer_core.faces import FaceSquare
from fer_core.preprocessing import preprocess
from fer_core.zoo import ModelCard
from pages.pickers import BY_FINGERPRINT, classifier_of
from pages.widgets import show_table

METHODS: dict[Method, str] = {"grad_cam": "Grad-CAM", "occlusion": "Occlusion"}

MEANINGS: dict[Method, str] = {
    "grad_cam": "Bright is where the model's last layer finds what speaks for this answer. It "
    "shows where the model looks, not whether it is right.",
    "occlusion": "Bright is where a gray patch over the face costs this answer probability. It "
    "shows where the model looks, not whether it is right.",
}


@st.cache_data(
    scope="session",
    max_entries=64,
    show_spinner="Looking for the reasons…",
    hash_funcs=BY_FINGERPRINT,
)
def explanation_of(
    crop: NDArray[np.uint8], card: ModelCard, label: str, method: Method
) -> Explanation:
    """Explains one class of a face; the same one is not computed twice in a session.

    Args:
        crop: the face as it was cut out, RGB or gray uint8.
        card: of the model.
        label: the class to explain.
        method: how.

    Raises:
        ModelError: Grad-CAM cannot explain a model of this shape.
    """
    face = preprocess(crop, card.preprocessing)
    if method == "occlusion":
        return occlusion_map(classifier_of(card), face, label)
    return explainer_of(card).explain(face, label)


def show_map(
    crop: NDArray[np.uint8],
    card: ModelCard,
    label: str,
    *,
    method: Method = "grad_cam",
) -> None:
    """Shows one map over the face; what it means, `MEANINGS` says, is for the page to show."""
    try:
        explanation = explanation_of(crop, card, label, method)
    except ModelError as error:
        st.info(str(error), icon=":material/visibility_off:")
        return
    st.image(
        over_face(crop, explanation),
        width=140,
        caption=_details(explanation),
        alt=in_words(explanation, card),
    )


def show_why(
    crop: NDArray[np.uint8],
    card: ModelCard,
    label: str,
    *,
    key: str,
    photo: NDArray[np.uint8] | None = None,
    square: FaceSquare | None = None,
) -> None:
    """Offers “Why?”; when it is switched on, shows the map over the face and over its photo.

    Args:
        crop: the face as it was cut out, RGB or gray uint8.
        card: of the model whose answer is explained.
        label: the answer; any other class can be chosen.
        key: of the widgets, unique on the page.
        photo: where the face was cut out, RGB; None where there is none.
        square: what was cut out of it.
    """
    if not st.toggle("Why?", key=f"{key}_on", help="Which parts of the face the answer rests on."):
        return
    with st.container(horizontal=True):
        method = st.segmented_control(
            "Method",
            list(METHODS),
            default="grad_cam",
            required=True,
            format_func=METHODS.__getitem__,
            key=f"{key}_method",
        )
        chosen = st.selectbox(
            "What speaks for",
            card.labels,
            index=card.labels.index(label),
            # Another answer, such as another model's, begins with itself.
            key=f"{key}_label_{card.name}_{label}",
            width=150,
        )
    try:
        explanation = explanation_of(crop, card, chosen, method)
    except ModelError as error:
        st.info(f"{error} Occlusion works for every model.", icon=":material/visibility_off:")
        return
    alt = in_words(explanation, card)
    st.image(over_face(crop, explanation), width=180, caption=_details(explanation), alt=alt)
    if photo is not None and square is not None:
        st.image(
            over_photo(photo, square, explanation),
            alt="The same map at the face's place on the photo",
        )
    st.caption(MEANINGS[method])
    show_table(explanation.to_frame, key=key, alt=alt, label="By region of the face")


@st.cache_resource(
    max_entries=8, show_spinner="Preparing the explanation…", hash_funcs=BY_FINGERPRINT
)
def explainer_of(card: ModelCard) -> Explainer:
    """Returns Grad-CAM for a model; one for all visitors, made again when the model changes."""
    return load_explainer(card.name)


def _details(explanation: Explanation) -> str:
    if explanation.is_empty:
        return f"nothing speaks for {explanation.label}"
    if explanation.largest_drop is not None:
        return f"costs up to {explanation.largest_drop:.0%} of probability"
    rows, columns = explanation.grid
    return f"seen on a grid of {rows} x {columns}"


def in_words(explanation: Explanation, card: ModelCard) -> str:
    """Says what a map shows, for people who do not see it."""
    title = f"{METHODS[explanation.method]} of {card.title} for {explanation.label}"
    if explanation.is_empty:
        return f"{title}: nothing on this face speaks for it"
    shares = explanation.to_frame().sort_values("share", ascending=False)
    parts = [f"{row.region} {row.share:.0%}" for row in shares.itertuples()]
    return f"{title}: {', '.join(parts)}"
