"""One face for a page: from a bundled sample, or from the visitor's own photo after consent."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.errors import InputRejected
from fer_core.faces import crop_faces
from fer_core.images import decode_image
from fer_core.samples import load_samples
from pages.components.consent import ask_for_consent, has_consent
from pages.components.detectors import photo_detector, show_notice

PHOTO_TYPES = ("jpg", "jpeg", "png", "webp", "bmp", "gif")

_SAMPLE, _OWN = "A sample", "Your photo"


def pick_face(prefix: str) -> NDArray[np.uint8] | None:
    """Shows the choice of a face and returns it, cut out, RGB; None while there is none."""
    image = _pick_photo(prefix)
    if image is None:
        return None
    detector = photo_detector()
    show_notice(detector)
    crops = crop_faces(image, detector.detect(image))
    if not crops:
        st.info(
            "A face is found best when it looks at the camera and is lit from the front.",
            title="No face found in this photo",
            icon=":material/face_retouching_off:",
        )
        return None
    if len(crops) == 1:
        return crops[0]
    numbers = range(1, len(crops) + 1)
    st.image(
        crops,
        width=72,
        caption=[f"face {number}" for number in numbers],
        alt=[f"Face {number} of the photo" for number in numbers],
    )
    return crops[st.selectbox("Which face", numbers, key=f"{prefix}_face") - 1]


def show_rejection(name: str, error: InputRejected) -> None:
    """Says why a file cannot be used."""
    st.error(str(error), title=f"“{name}” cannot be used", icon=":material/broken_image:")


def _pick_photo(prefix: str) -> NDArray[np.uint8] | None:
    source = st.segmented_control(
        "Face from",
        [_SAMPLE, _OWN],
        default=_SAMPLE,
        required=True,
        key=f"{prefix}_source",
        bind="query-params",
    )
    if source == _SAMPLE:
        samples = load_samples()
        label = st.pills(
            "The average face of",
            list(samples),
            default="happy",
            required=True,
            key=f"{prefix}_sample",
            bind="query-params",
        )
        return samples[label]
    if not has_consent():
        ask_for_consent()
        return None
    file = st.file_uploader(
        "Your photo",
        PHOTO_TYPES,
        key=f"{prefix}_photo",
        help="JPEG, PNG, WebP, BMP or GIF, up to 20 MB and 50 megapixels.",
    )
    if file is None:
        return None
    try:
        return decode_image(file.getvalue())
    except InputRejected as error:
        show_rejection(file.name, error)
        return None
