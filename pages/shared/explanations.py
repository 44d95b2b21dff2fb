"""Explanations of predictions: a heat map on a face, and on the photo it was cropped from."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.drawing import over_face, over_photo
from fer_core.errors import ModelError
from fer_core.explain import Explainer, Explanation, Method, load_explainer, occlusion_map
from fer_core.faces import FaceSquare
from fer_core.preprocessing import preprocess
from fer_core.zoo import RunnableCard
from pages.pickers import BY_FINGERPRINT, classifier_of
from pages.widgets import show_table

METHODS: dict[Method, str] = {"grad_cam": "Grad-CAM", "occlusion": "Occlusion"}

MEANINGS: dict[Method, str] = {
    "grad_cam": "Bright: regions whose features in the last layer support this label. It shows "
    "what the prediction depends on, not whether it is correct.",
    "occlusion": "Bright: regions where a gray patch lowers the probability of this label. It "
    "shows what the prediction depends on, not whether it is correct.",
}


@st.cache_data(
    scope="session",
    max_entries=64,
    show_spinner="Computing the explanation…",
    hash_funcs=BY_FINGERPRINT,
)
def explanation_of(
    crop: NDArray[np.uint8], card: RunnableCard, label: str, method: Method
) -> Explanation:
    """Explains one class of a face; cached for the session.

    Args:
        crop: the cropped face, RGB or gray uint8.
        card: of the model.
        label: the class to explain.
        method: of the explanation.

    Raises:
        ModelError: Grad-CAM does not support a model of this architecture.
    """
    face = preprocess(crop, card.preprocessing)
    if method == "occlusion":
        return occlusion_map(classifier_of(card), face, label)
    return explainer_of(card).explain(face, label)


def show_map(
    crop: NDArray[np.uint8],
    card: RunnableCard,
    label: str,
    *,
    method: Method = "grad_cam",
) -> None:
    """Shows one map on the face; the page itself shows its meaning, from `MEANINGS`."""
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


def show_explanation(
    crop: NDArray[np.uint8],
    card: RunnableCard,
    label: str,
    *,
    key: str,
    photo: NDArray[np.uint8] | None = None,
    square: FaceSquare | None = None,
) -> None:
    """Offers an explanation; when it is on, shows the map on the face and on its photo.

    Args:
        crop: the cropped face, RGB or gray uint8.
        card: of the model whose prediction is explained.
        label: the predicted label; other classes can be selected.
        key: of the widgets, unique on the page.
        photo: that the face was cropped from, RGB, if there is one.
        square: that was cropped from it.
    """
    help_text = "Shows which parts of the face the prediction depends on."
    if not st.toggle("Explain", key=f"{key}_on", help=help_text):
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
            "Label",
            card.labels,
            index=card.labels.index(label),
            # Another prediction, such as another model's, starts with its own label.
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
            alt="The same map on the photo",
        )
    st.caption(MEANINGS[method])
    show_table(explanation.to_frame, key=key, alt=alt, label="By region of the face")


@st.cache_resource(
    max_entries=8, show_spinner="Preparing the explanation…", hash_funcs=BY_FINGERPRINT
)
def explainer_of(card: RunnableCard) -> Explainer:
    """Returns Grad-CAM for a model; shared by all visitors, reloaded when the model changes."""
    return load_explainer(card.name)


def _details(explanation: Explanation) -> str:
    if explanation.is_empty:
        return f"nothing supports {explanation.label}"
    if explanation.largest_drop is not None:
        return f"lowers the probability by up to {explanation.largest_drop:.1%}"
    rows, columns = explanation.grid
    return f"resolution {rows} x {columns}"


def in_words(explanation: Explanation, card: RunnableCard) -> str:
    """Returns a text alternative of a map."""
    title = f"{METHODS[explanation.method]} of {card.title} for {explanation.label}"
    if explanation.is_empty:
        return f"{title}: nothing on this face supports it"
    shares = explanation.to_frame().sort_values("share", ascending=False)
    parts = [f"{row.region} {row.share:.0%}" for row in shares.itertuples()]
    return f"{title}: {', '.join(parts)}"
